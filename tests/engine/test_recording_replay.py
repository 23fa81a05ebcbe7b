"""The last half minute, saved without having recorded."""

from __future__ import annotations

import sqlite3
import time
from dataclasses import replace
from pathlib import Path

import pytest

from engine.archive.reader import open_session
from engine.errors import RecordingError
from engine.recording import recovery
from engine.recording.recorder import RecordingOptions
from engine.recording.replay import ReplayBuffer, ReplayLimits, save_replay
from engine.recording.session_folder import Patient, SessionFolder
from engine.recording.video_writer import VideoWriter
from engine.values import StabilizedFrame
from tests.recorded_frames import ANY_DISK, SOURCE, STEP_NS, picture, result


def test_the_last_seconds_are_saved_without_having_recorded(tmp_path: Path) -> None:
    buffer = ReplayBuffer(ReplayLimits(seconds=0.5))
    for seq in range(40):
        buffer.offer_output(result(seq, seq * STEP_NS))
        time.sleep(0.002)
    deadline = time.monotonic() + 5
    while buffer.held_s < 0.45 and time.monotonic() < deadline:
        time.sleep(0.01)
    session = save_replay(buffer.held(), RecordingOptions(tmp_path, disk=ANY_DISK), Patient(), SOURCE)
    buffer.close()
    check = recovery.verify(session)
    assert check.is_whole, check.problems
    assert check.streams[0].duration_s == pytest.approx(0.5, abs=0.05)
    row = sqlite3.connect(session.database).execute("SELECT MAX(seq) FROM frames").fetchone()
    assert row[0] >= 36  # but for what was still being compressed


def test_an_empty_replay_is_refused_in_a_sentence(tmp_path: Path) -> None:
    buffer = ReplayBuffer()
    with pytest.raises(RecordingError, match="nothing to save"):
        save_replay(buffer.held(), RecordingOptions(tmp_path), Patient(), SOURCE)
    buffer.close()


def held_after(buffer: ReplayBuffer, values: list[StabilizedFrame]) -> None:
    for value in values:
        buffer.offer_output(value)
        time.sleep(0.002)
    deadline = time.monotonic() + 5
    while not any(one.result.raw.seq == values[-1].raw.seq for one in buffer.held()) and time.monotonic() < deadline:
        time.sleep(0.01)


def test_a_replay_holds_one_size_of_picture(tmp_path: Path) -> None:
    buffer = ReplayBuffer()
    held_after(buffer, [result(seq, seq * STEP_NS) for seq in range(5)])
    small = picture(0, 48, 64)
    other = [replace(result(seq, seq * STEP_NS), pixels=small, enhanced=small) for seq in range(5, 10)]
    held_after(buffer, [replace(one, raw=replace(one.raw, pixels=small)) for one in other])
    session = save_replay(buffer.held(), RecordingOptions(tmp_path, disk=ANY_DISK), Patient(), SOURCE)
    buffer.close()
    assert recovery.verify(session).is_whole
    assert recovery.verify(session).streams[0].frames_in_video == 5
    assert session.motion.is_file()


def test_a_replay_books_the_frames_that_it_does_not_hold(tmp_path: Path) -> None:
    buffer = ReplayBuffer()
    held_after(buffer, [result(seq, seq * STEP_NS) for seq in (0, 1, 2, 5, 6)])
    buffer._tap.refuse(7)  # as when its thread is too slow
    held_after(buffer, [result(seq, seq * STEP_NS) for seq in (9, 10)])
    session = save_replay(buffer.held(), RecordingOptions(tmp_path, disk=ANY_DISK), Patient(), SOURCE)
    buffer.close()
    gaps = open_session(session.root).gaps
    for stream in ("raw", "stabilized"):
        assert [(one.kind, one.first_seq, one.count) for one in gaps if one.stream == stream] == [
            ("pipeline", 3, 2),
            ("recorder", 7, 1),
            ("pipeline", 7, 1),
        ]
    assert {(one.start_ns, one.end_ns) for one in gaps} == {(2 * STEP_NS, 5 * STEP_NS), (6 * STEP_NS, 9 * STEP_NS)}


def test_a_replay_that_cannot_be_written_is_closed_and_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    buffer = ReplayBuffer()
    held_after(buffer, [result(seq, seq * STEP_NS) for seq in range(5)])

    def full(*_: object) -> int:
        raise RecordingError("The video raw.mp4 could not be written on: full.", "Free disk space.")

    monkeypatch.setattr(VideoWriter, "write", full)
    with pytest.raises(RecordingError, match="could not be written"):
        save_replay(buffer.held(), RecordingOptions(tmp_path / "new", disk=ANY_DISK), Patient(), SOURCE)
    buffer.close()
    (root,) = (tmp_path / "new").iterdir()
    assert recovery.read_state(SessionFolder(root)) == "incomplete"
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(RecordingError, match="No session folder can be made"):
        save_replay(buffer.held(), RecordingOptions(tmp_path / "file", disk=ANY_DISK), Patient(), SOURCE)
