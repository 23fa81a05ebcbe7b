"""What leaves the house, judged by programs that are not ours; each is skipped where its program is not installed."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.annotation.shapes import Annotation, Kind
from engine.annotation.store import AnnotationStore
from engine.archive.exports import Wanted, export_session
from engine.archive.pacs import PacsAddress, send
from engine.archive.reader import SessionView, open_session
from engine.archive.video_export import VideoExport
from tests.recorded_session import FRAMES, STEP_NS, record_session

MARKERS = ((0, "first look"), (400_000_000, "crack & <caries> 36"), (1_000_000_000, "Füllungsrand"))


def stranger(program: str, package: str) -> pytest.MarkDecorator:
    """A test that needs a program of somebody else."""
    return pytest.mark.skipif(shutil.which(program) is None, reason=f"{program} ({package}) is not installed")


needs_ffprobe = stranger("ffprobe", "ffmpeg")
needs_dcmtk = stranger("storescp", "dcmtk")


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> SessionView:
    """A finished session with three markers."""
    folder = record_session(tmp_path_factory.mktemp("library"))
    store = AnnotationStore(folder.database)
    document = store.load()
    for at_ns, label in MARKERS:
        document.add(Annotation(Kind.MARKER, at_ns, label))
    store.close()
    return open_session(folder.root)


def go_on(_: float) -> bool:
    return True


def probed(path: Path, *wanted: str) -> dict[str, Any]:
    """What ffprobe says of a file; it must have nothing to complain of."""
    command = ["ffprobe", "-v", "error", "-of", "json", *wanted, str(path)]
    answer = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30)
    assert answer.stderr == ""
    return json.loads(answer.stdout)


@needs_ffprobe
def test_a_recorded_video_is_high_profile_level_41_with_its_true_times(session: SessionView) -> None:
    for stream in ("raw", "stabilized"):
        told = probed(session.folder.video(stream), "-show_streams", "-show_packets")
        (video,) = told["streams"]
        assert (video["codec_name"], video["profile"], video["level"]) == ("h264", "High", 41)
        assert (video["pix_fmt"], video["color_space"], video["color_range"]) == ("yuv420p", "bt709", "tv")
        assert video["has_b_frames"] == 0
        times = [float(packet["pts_time"]) for packet in told["packets"]]
        assert times == pytest.approx([number * STEP_NS / 1e9 for number in range(FRAMES)], abs=1e-3)
        keys = [index for index, packet in enumerate(told["packets"]) if packet["flags"].startswith("K")]
        assert max(b - a for a, b in zip(keys, [*keys[1:], FRAMES], strict=True)) * STEP_NS <= 520_000_000


@needs_ffprobe
@pytest.mark.parametrize("is_burnt_in", [False, True])
def test_an_exported_video_is_an_ordinary_mp4_with_chapters(
    session: SessionView, tmp_path: Path, is_burnt_in: bool
) -> None:
    wanted = Wanted(VideoExport("stabilized", is_burnt_in=is_burnt_in))
    (path,) = export_session(session, "mp4", tmp_path / "out.mp4", wanted, go_on)
    told = probed(path, "-show_streams", "-show_format", "-show_chapters")
    video = next(one for one in told["streams"] if one["codec_type"] == "video")
    assert (video["profile"], video["level"], int(video["nb_frames"])) == ("High", 41, FRAMES)
    assert not any(one["codec_type"] == "audio" for one in told["streams"])
    assert float(told["format"]["duration"]) == pytest.approx(FRAMES * STEP_NS / 1e9, abs=0.05)
    chapters = [(one["tags"]["title"], round(float(one["start_time"]), 3)) for one in told["chapters"]]
    assert chapters == [(label, at_ns / 1e9) for at_ns, label in MARKERS]
    data = path.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")  # plays before it is loaded to its end


@needs_ffprobe
def test_a_foreign_parser_reads_the_webvtt_chapters(session: SessionView, tmp_path: Path) -> None:
    (path,) = export_session(session, "webvtt", tmp_path / "out.vtt", Wanted(), go_on)
    told = probed(path, "-show_streams", "-show_packets", "-show_data")
    assert told["streams"][0]["codec_name"] == "webvtt"
    starts = [round(float(packet["pts_time"]) * 1e9) for packet in told["packets"]]
    ends = [start + float(packet["duration_time"]) * 1e9 for start, packet in zip(starts, told["packets"], strict=True)]
    assert starts == [at_ns for at_ns, _ in MARKERS]
    assert ends[:-1] == pytest.approx(starts[1:])  # a chapter ends where the next begins


@pytest.fixture
def pacs(tmp_path: Path) -> Iterator[tuple[int, Path]]:
    """dcmtk's storescp on a free port of this machine, and the folder it fills."""
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = ["storescp", "--accept-all", "--fork", "--output-directory", str(inbox), str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_for(port)
    yield port, inbox
    server.terminate()
    server.wait(10)


def wait_for(port: int) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("storescp does not listen")


@needs_dcmtk
def test_storescp_receives_every_object_and_dcmdump_reads_it_back(
    session: SessionView, tmp_path: Path, pacs: tuple[int, Path]
) -> None:
    port, inbox = pacs
    files = export_session(session, "dicom", tmp_path / "out", Wanted(is_identified=True), go_on)
    send(files, PacsAddress("127.0.0.1", port), go_on)
    received = sorted(inbox.iterdir())
    assert len(received) == len(files) == 3
    dumps = [subprocess.run(["dcmdump", str(path)], capture_output=True, check=True).stdout for path in received]
    assert all(b"[Roe^Ann]" in dump for dump in dumps)
    videos = [dump for dump in dumps if b"MPEG4HighProfile/Level4.1" in dump]
    assert len(videos) == 2
    assert all(f"[{FRAMES}]".encode() in dump for dump in videos)
