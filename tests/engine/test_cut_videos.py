"""Videos that were cut short after their recording or by it: every whole frame comes back, at its time."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import av
import pytest

from engine.archive.checkup import repair, verify
from engine.archive.exports import Wanted, export_session
from engine.archive.omissions import DamagedSession, left_out
from engine.archive.reader import open_session
from engine.archive.video_export import VideoExport
from engine.errors import RecordingError
from engine.recording import video_salvage
from engine.recording.fragments import fragments_of, unhide
from engine.recording.session_folder import SessionFolder
from tests.recorded_session import FRAMES, STEP_NS, number_of, record_session

FRAME_S = STEP_NS / 1e9


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One whole session; each test cuts a copy."""
    return record_session(tmp_path_factory.mktemp("library")).root


@pytest.fixture
def session(recorded: Path, tmp_path: Path) -> SessionFolder:
    return SessionFolder(Path(shutil.copytree(recorded, tmp_path / "library" / recorded.name)))


def cut_to(path: Path, size: int) -> bytes:
    """What is left."""
    left = path.read_bytes()[:size]
    path.write_bytes(left)
    return left


def decoded(path: Path) -> list[tuple[int, int]]:
    """The number that each frame shows, and the one that its time tells."""
    with av.open(str(path)) as container:
        return [
            (number_of(frame.to_ndarray(format="rgb24", src_colorspace="ITU709")), round(float(frame.time) / FRAME_S))
            for frame in container.decode(video=0)
        ]


def never_closed(path: Path) -> None:
    """As a crash leaves it."""
    found = fragments_of(path)
    assert found is not None
    assert found.are_hidden
    unhide(path, found, path.with_name("open.mp4"))
    path.with_name("open.mp4").replace(path)


def with_long_header(path: Path) -> None:
    """As files over 4 GB are closed: free space and short header become one long header of the same size."""
    found = fragments_of(path)
    assert found is not None
    begin, end = found.veil
    assert end - begin == 16
    data = path.read_bytes()
    path.write_bytes(data[:begin] + b"\0\0\0\1mdat" + (found.end - begin).to_bytes(8, "big") + data[end:])
    assert len(decoded(path)) == FRAMES


@pytest.mark.parametrize("is_long", [False, True])
@pytest.mark.parametrize("share", [0.03, 0.1, 0.14, 0.35, 0.5, 0.77, 0.89, 0.9, 0.92, 0.97])
def test_whole_frames_of_a_closed_video_come_back_at_their_times(
    session: SessionFolder, share: float, is_long: bool
) -> None:
    raw = session.video("raw")
    if is_long:
        with_long_header(raw)
    left = cut_to(raw, round(raw.stat().st_size * share))
    before = verify(session)
    mended = repair(session)
    if share < 0.14:  # before the end of the first frame
        assert any("raw.mp4: not readable" in one for one in mended.problems)
        assert raw.read_bytes() == left
        return
    shown = decoded(raw)
    assert shown == [(number, number) for number in range(len(shown))]
    assert len(shown) >= FRAMES * (share - 0.14)
    assert f"raw.mp4: cut short, and a repair brings back {len(shown)} of its frames" in before.problems
    assert (raw.parent / "raw.mp4.damaged-1").read_bytes() == left
    assert mended.is_whole
    assert mended.streams[0].frames_in_video == len(shown)
    assert mended.lost_s == pytest.approx((FRAMES - len(shown)) * FRAME_S, abs=1e-3)


def test_what_a_cut_video_lost_is_said_before_and_after_its_repair(session: SessionFolder, tmp_path: Path) -> None:
    cut_to(session.video("raw"), session.video("raw").stat().st_size // 2)
    wanted = Wanted(VideoExport("raw", is_burnt_in=False))
    with pytest.raises(DamagedSession, match=r"raw\.mp4 is cut short, and a repair brings back") as refused:
        export_session(open_session(session.root), "mp4", tmp_path / "a.mp4", wanted, bool)
    assert refused.value.remedy.startswith("Run `steadyscope session repair`")
    frames = repair(session).streams[0].frames_in_video
    view = open_session(session.root)
    assert len(view.frame_times_ns["raw"]) == frames < FRAMES == len(view.frame_times_ns["stabilized"])
    (words,) = left_out(view).grave
    assert f"raw.mp4 was cut short, {frames} of its frames were brought back" in words
    assert f"raw.mp4: {frames} frames in the video, {FRAMES} in the index" in words
    assert "brought back" in json.loads(session.audit.read_text().splitlines()[-1])["problems"][0]
    (out,) = export_session(view, "mp4", tmp_path / "b.mp4", wanted, lambda _: True)
    assert len(decoded(out)) == frames
    assert repair(session).is_whole
    assert not (session.root / "raw.mp4.damaged-2").exists()


def test_empty_blocks_that_a_loss_of_power_left_are_set_aside(session: SessionFolder) -> None:
    raw = session.video("raw")
    never_closed(raw)
    whole = raw.read_bytes()
    raw.write_bytes(whole + bytes(4096))
    assert repair(session).is_whole
    assert raw.read_bytes() == whole
    assert len(decoded(raw)) == FRAMES


def test_the_torn_frame_of_a_crash_is_set_aside_and_the_video_stays_where_it_is(
    session: SessionFolder, tmp_path: Path
) -> None:
    raw = session.video("raw")
    never_closed(raw)
    left = cut_to(raw, raw.stat().st_size - 40)
    with closing(sqlite3.connect(session.database)) as books, books:  # the index was no quicker than the video
        books.execute("DELETE FROM frames WHERE stream = 'raw' AND seq = ?", (FRAMES - 1,))
    assert verify(session).problems == ("raw.mp4: ends in the middle of a frame",)
    wanted = Wanted(VideoExport("raw", end_ns=10**9), is_partial=True)
    (out,) = export_session(open_session(session.root), "mp4", tmp_path / "part.mp4", wanted, lambda _: True)
    assert len(decoded(out)) == 26
    assert repair(session).is_whole
    assert [number for number, _ in decoded(raw)] == list(range(FRAMES - 1))
    assert raw.read_bytes() + (session.root / "raw.mp4.damaged-1").read_bytes() == left


def test_a_repair_of_a_video_that_was_cut_short_itself_is_taken_up(
    session: SessionFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = session.video("raw")
    left = cut_to(raw, raw.stat().st_size // 2)

    def power_fails(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", power_fails)
        with pytest.raises(KeyboardInterrupt):
            video_salvage.mend_video(raw)
    assert not raw.exists()
    assert repair(session).is_whole
    assert decoded(raw)
    assert (session.root / "raw.mp4.damaged-1").read_bytes() == left
    assert not (session.root / "raw.new").exists()


def test_a_full_disk_stops_the_repair_with_its_remedy_and_leaves_the_cut_video(
    session: SessionFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = session.video("raw")
    left = cut_to(raw, raw.stat().st_size // 2)

    def full(_source: Path, _found: object, target: Path) -> None:
        target.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(video_salvage, "unhide", full)
    with pytest.raises(RecordingError, match=r"raw\.mp4 cannot be brought back: No space left") as refused:
        repair(session)
    assert "Free as much disk space" in refused.value.remedy
    assert raw.read_bytes() == left
    assert not (session.root / "raw.new").exists()


def test_whole_videos_and_foreign_ones_are_left_alone(session: SessionFolder, tmp_path: Path) -> None:
    foreign = tmp_path / "out.mp4"
    export_session(
        open_session(session.root), "mp4", foreign, Wanted(VideoExport("raw", is_burnt_in=False)), lambda _: True
    )
    cut = tmp_path / "cut.mp4"
    shutil.copy(foreign, cut)
    cut_to(cut, cut.stat().st_size // 2)
    (tmp_path / "junk.mp4").write_bytes(bytes(1000))
    (tmp_path / "empty.mp4").touch()
    never_closed(session.video("stabilized"))
    for path in (*tmp_path.glob("*.mp4"), session.video("raw"), session.video("stabilized")):
        data = path.read_bytes()
        assert video_salvage.mend_video(path) == "", path.name
        assert path.read_bytes() == data
    assert verify(session).is_whole
