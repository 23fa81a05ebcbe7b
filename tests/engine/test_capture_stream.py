"""Network streams: real MPEG-TS over the loop-back, and addresses where nothing is."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from engine.capture.stream import StreamSource
from engine.errors import SourceError
from tests.fakes_stream import mpeg_ts, read_on


@pytest.fixture(scope="module")
def transport_stream(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return mpeg_ts(tmp_path_factory.mktemp("stream"))


@pytest.fixture
def http_url(transport_stream: bytes) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path != "/live.ts":
                self.send_error(404)
                return
            self.send_response(200)
            self.end_headers()
            self.wfile.write(transport_stream)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/live.ts"
    server.shutdown()
    server.server_close()
    thread.join()


def free_port(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_http_gives_pictures_and_its_end_is_an_error(http_url: str) -> None:
    source = StreamSource(http_url)
    info = source.open()
    assert (info.width, info.height, info.is_live) == (128, 96, True)
    first = source.read(2.0)
    assert first.pixels.shape == (96, 128, 3)
    assert abs(time.monotonic_ns() - first.captured_ns) < 2e9
    with pytest.raises(SourceError, match="stopped sending"):
        read_on(source)
    source.close()


def test_udp_transport_stream_is_received(transport_stream: bytes) -> None:
    port, stop = free_port(socket.SOCK_DGRAM), threading.Event()

    def send() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
            while not stop.is_set():
                for start in range(0, len(transport_stream), 1316):
                    out.sendto(transport_stream[start : start + 1316], ("127.0.0.1", port))
                    if stop.wait(0.002):
                        return

    sender = threading.Thread(target=send)
    sender.start()
    source = StreamSource(f"udp://127.0.0.1:{port}")
    try:
        assert source.open().width == 128
        assert source.read(2.0).pixels.shape == (96, 128, 3)
    finally:
        source.close()
        stop.set()
        sender.join()


@pytest.mark.parametrize("scheme", ["rtsp", "http", "tcp"])
def test_an_address_where_nobody_answers_is_refused_in_one_sentence(scheme: str) -> None:
    source = StreamSource(f"{scheme}://user:secret@127.0.0.1:{free_port(socket.SOCK_STREAM)}/cam", 1.0, 1.0)
    with pytest.raises(SourceError) as caught:
        source.open()
    assert "127.0.0.1" in caught.value.sentence
    assert "secret" not in str(caught.value) + source.identity


def test_a_silent_udp_port_is_given_up_in_time() -> None:
    source = StreamSource(f"udp://127.0.0.1:{free_port(socket.SOCK_DGRAM)}", 0.5, 0.5)
    begin = time.monotonic()
    with pytest.raises(SourceError, match="does not answer"):
        source.open()
    assert time.monotonic() - begin < 3


def test_a_page_that_is_not_there_and_a_strange_scheme_are_refused(http_url: str) -> None:
    with pytest.raises(SourceError, match="not served there"):
        StreamSource(http_url.replace("live", "dead")).open()
    with pytest.raises(SourceError, match="not the address of a stream"):
        StreamSource("ftp://host/file").open()
