"""Recording when something fails: nothing is lost in silence, and the session is closed all the same."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from threading import Event

import numpy as np
import pytest

from engine.errors import RecordingError
from engine.recording import recording_run, stills, stream_recorder
from engine.recording.disk import DiskRules, DiskState
from engine.recording.index import SessionIndex
from engine.recording.library import read_session
from engine.recording.recorder import RecordedSource, Recorder, RecordingOptions
from engine.recording.recovery import verify
from engine.recording.session_folder import Patient, SessionFolder
from engine.recording.video_writer import VideoWriter
from engine.values import Frame, Mode, StabilizedFrame, Tracking

SOURCE = RecordedSource("demo:seed=1", "Demo", 128, 96, 30.0)
STEP_NS = 33_000_000
PIXELS = np.full((96, 128, 3), 90, np.uint8)
PATIENCE_S = 10.0


def result(seq: int) -> StabilizedFrame:
    frame = Frame(PIXELS, seq, seq * STEP_NS)
    return StabilizedFrame(frame, None, PIXELS, PIXELS, np.eye(3), None, Tracking.TRACKING, Mode.STABILIZED, "")


def offer(recorder: Recorder, seqs: range) -> None:
    for seq in seqs:
        recorder.offer_raw(result(seq).raw)
        recorder.offer_output(result(seq))
    wait_for(lambda: recorder.status().frames.get("raw", 0) >= len(seqs) or not recorder.status().is_recording)


def wait_for(is_true: object) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not is_true() and time.monotonic() < deadline:  # type: ignore[operator]
        time.sleep(0.01)


def started(library: Path, **options: object) -> tuple[Recorder, SessionFolder]:
    rules = RecordingOptions(library, disk=DiskRules(0, 0, 0), is_hardware_encoder_allowed=False)
    recorder = Recorder(replace(rules, **options))  # type: ignore[arg-type]
    return recorder, recorder.start(Patient("7"), SOURCE)


def test_a_still_that_the_disk_refuses_does_not_leave_the_session_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, _: object) -> None:
        raise RecordingError(f"The still {path.name} could not be written: full.", "Free disk space.")

    monkeypatch.setattr(stills, "write_png", refuse)
    recorder, folder = started(tmp_path)
    offer(recorder, range(5))
    recorder.still(result(4))
    status = recorder.stop()
    assert "still 00000004-raw.png could not be written" in status.problem
    assert read_session(folder)["state"] == "complete"
    assert verify(folder).is_whole


def test_a_still_of_before_the_recording_is_refused(tmp_path: Path) -> None:
    recorder, folder = started(tmp_path)
    with pytest.raises(RecordingError, match="before the recording began"):
        recorder.still(result(3))
    for seq in range(5, 8):
        recorder.offer_raw(result(seq).raw)
    wait_for(lambda: recorder.status().frames["raw"] == 3)
    with pytest.raises(RecordingError, match="before the recording began"):
        recorder.still(result(3))
    assert len(recorder.still(result(6))) == 2
    recorder.stop()
    assert len(list(folder.stills.iterdir())) == 2


def test_rows_that_could_not_be_committed_at_once_are_committed_later(tmp_path: Path) -> None:
    index = SessionIndex(tmp_path / "session.sqlite")
    index._connection.execute("PRAGMA busy_timeout = 0")
    with closing(sqlite3.connect(tmp_path / "session.sqlite", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        index.add_event(1, "marker")
        wait_for(lambda: index.error is not None)
        index.add_event(2, "marker")
        other.execute("COMMIT")
    index.close()
    with closing(sqlite3.connect(tmp_path / "session.sqlite")) as books:
        assert books.execute("SELECT t_ns FROM events").fetchall() == [(1,), (2,)]


def test_a_fault_of_the_program_ends_the_recording_and_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        def __init__(self, *_: object) -> None:
            raise ZeroDivisionError

    monkeypatch.setattr(stream_recorder, "VideoWriter", Broken)
    recorder, folder = started(tmp_path, disk_look_every_s=0.02)
    recorder.offer_raw(result(0).raw)
    wait_for(lambda: not recorder.status().is_recording)
    assert "fault of this program" in recorder.stop().problem
    assert read_session(folder)["state"] == "incomplete"


def test_frames_that_still_waited_when_a_stream_failed_count_as_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_fail = Event()

    def fail(*_: object) -> int:
        may_fail.wait(PATIENCE_S)
        raise RecordingError("The video raw.mp4 could not be written on: full.", "Free disk space.")

    monkeypatch.setattr(VideoWriter, "write", fail)
    recorder, _ = started(tmp_path)
    for seq in range(20):
        recorder.offer_raw(result(seq).raw)
    may_fail.set()
    status = recorder.stop()
    assert status.frames["raw"] == 0
    assert status.lost["raw"] >= 19  # but for the one in hand
    assert recorder._raw_tap.take(0) is None


def test_a_recording_ends_by_itself_though_the_disk_cannot_be_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Gone(DiskRules):
        def look(self, folder: Path, bytes_per_s: float, *, is_recording: bool) -> DiskState:
            if is_recording:
                raise FileNotFoundError(2, "No such file or directory")
            return DiskRules.look(self, folder, bytes_per_s, is_recording=is_recording)

    recorder, _ = started(tmp_path, disk=Gone(0, 0, 0), disk_look_every_s=0.02)
    offer(recorder, range(3))
    time.sleep(0.1)
    frame = Frame(np.zeros((48, 64, 3), np.uint8), 3, 3 * STEP_NS)  # another size: this stream cannot go on
    recorder.offer_raw(frame)
    wait_for(lambda: not recorder.status().is_recording)
    assert "ended by itself" in recorder.stop().problem


def test_a_recording_that_cannot_begin_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise RecordingError("The session data base cannot be written: full.", "Free disk space.")

    monkeypatch.setattr(recording_run, "SessionIndex", full)
    recorder = Recorder(RecordingOptions(tmp_path, disk=DiskRules(0, 0, 0)))
    with pytest.raises(RecordingError, match="cannot be written"):
        recorder.start(Patient(), SOURCE)
    assert list(tmp_path.iterdir()) == []
    assert not recorder.is_open
