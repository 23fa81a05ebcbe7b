"""A network camera as a source: RTSP, HTTP or UDP MPEG-TS, live, with short buffers and time-outs."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event
from urllib.parse import urlsplit, urlunsplit

from engine.capture.decoder import Decoder, Picture
from engine.capture.grabber import Grabber
from engine.capture.source import SourceInfo
from engine.errors import SourceError
from engine.values import Frame, Image

OPEN_TIMEOUT_S = 5.0
READ_TIMEOUT_S = 5.0
SCHEMES = ("rtsp", "rtsps", "http", "https", "udp", "rtp", "tcp", "srt")
LOW_DELAY = {"fflags": "nobuffer", "flags": "low_delay", "probesize": "500000", "analyzeduration": "800000"}


class StreamSource:
    """One address. Frames are stamped when decoded: a stream does not say when its camera saw them."""

    def __init__(
        self, url: str, open_timeout_s: float = OPEN_TIMEOUT_S, read_timeout_s: float = READ_TIMEOUT_S
    ) -> None:
        self._url = url
        self._timeouts_s = (open_timeout_s, read_timeout_s)
        self._grabber: Grabber | None = None
        self._closed = Event()

    @property
    def identity(self) -> str:
        """The address without user and password."""
        return f"url:{_without_secret(self._url)}"

    def open(self) -> SourceInfo:
        """Connect and wait for the first picture."""
        scheme = urlsplit(self._url).scheme.lower()
        label = _without_secret(self._url)
        if scheme not in SCHEMES:
            raise SourceError(f"'{label}' is not the address of a stream.", f"Use one of: {', '.join(SCHEMES)}.")
        options = dict(LOW_DELAY)
        if scheme.startswith("rtsp"):
            options["rtsp_transport"] = "tcp"
        if scheme == "udp":
            options["timeout"] = str(int(self._timeouts_s[0] * 1e6))
        self.close()
        self._closed.clear()
        decoder = Decoder(self._url, label, self._timeouts_s, options)
        if self._closed.is_set():  # given up by another thread while the network kept us waiting
            decoder.close()
            raise SourceError(f"{label} was closed while it was being opened.", "Open it again.")
        self._grabber = Grabber(label, _Pictures(decoder, label).grab, decoder.close)
        return SourceInfo(
            identity=self.identity,
            name=label,
            width=decoder.width,
            height=decoder.height,
            fps=decoder.fps,
            is_live=True,
        )

    def read(self, timeout_s: float) -> Frame:
        """The newest picture."""
        if self._grabber is None:
            raise SourceError(f"{_without_secret(self._url)} is closed.", "Open it again.")
        return self._grabber.read(timeout_s)

    def close(self) -> None:
        """Disconnect; a read that waits for the network is woken."""
        self._closed.set()
        grabber, self._grabber = self._grabber, None
        if grabber is not None:
            grabber.close()


class _Pictures:
    """The endless run of a stream's pictures; its end is an error, since a camera has none."""

    def __init__(self, decoder: Decoder, label: str) -> None:
        self._iterator: Iterator[Picture] = decoder.pictures()
        self._label = label

    def grab(self) -> Image:
        """The next picture."""
        picture = next(self._iterator, None)
        if picture is None:
            raise SourceError(f"{self._label} has stopped sending.", "Check the sender; it is tried again by itself.")
        return picture.pixels


def _without_secret(url: str) -> str:
    """The address as it may be shown and logged."""
    parts = urlsplit(url)
    if parts.username is None and parts.password is None:
        return url
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
