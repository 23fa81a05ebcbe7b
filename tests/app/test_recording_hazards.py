"""Recording while something else happens: busy workers, another patient, a full disk, a fault."""

from __future__ import annotations

from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from app.compose import House
from app.presenters.recording import RecordingPresenter
from engine.archive.reader import open_session
from engine.capture.source import SourceInfo
from engine.errors import AnnotationError, RecordingError
from engine.events import EventKind
from engine.recording import recording_run, stills
from engine.recording.recovery import SessionCheck, verify
from engine.recording.session_folder import Patient, SessionFolder
from tests.fakes_session import ScriptedSession, happened
from tests.recording_in_window import PATIENCE_MS, busy_workers, feed, presenter_in, start


@pytest.fixture
def recording(house: House, session: ScriptedSession, tmp_path: Path) -> RecordingPresenter:
    """The presenter of a window whose library is an empty folder."""
    return presenter_in(house, session, tmp_path / "library")


def test_a_recording_starts_and_stops_while_the_workers_are_busy(
    recording: RecordingPresenter, house: House, session: ScriptedSession, qtbot: QtBot
) -> None:
    with busy_workers(house):
        folder = start(recording, qtbot)
        feed(recording, session, range(5))
        with qtbot.waitSignal(recording.stopped, timeout=PATIENCE_MS):
            house.actions["record"].trigger()
        assert verify(folder).is_whole


def test_a_mark_set_just_before_the_end_is_kept_though_the_workers_are_busy(
    recording: RecordingPresenter, house: House, session: ScriptedSession, qtbot: QtBot
) -> None:
    with busy_workers(house):
        folder = start(recording, qtbot)
        feed(recording, session, range(5))
        qtbot.waitUntil(lambda: recording.recorder.status().frames.get("raw") == 5)
        house.actions["marker"].trigger()
        with qtbot.waitSignal(recording.stopped, timeout=PATIENCE_MS):
            house.actions["record"].trigger()
        assert len(open_session(folder.root).annotations()) == 1


def test_a_recording_that_cannot_be_marked_is_stopped_like_any_other(
    recording: RecordingPresenter, house: House, session: ScriptedSession, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AnnotationError("The annotations cannot be opened: busy.", "Try again.")

    monkeypatch.setattr("app.presenters.live_marks.AnnotationStore", refuse)
    start(recording, qtbot)
    feed(recording, session, range(5))
    assert any("cannot be opened" in one.sentence for one in house.window.notices.notices)
    with qtbot.waitSignal(recording.stopped, timeout=PATIENCE_MS):
        house.actions["record"].trigger()


def test_the_last_half_minute_is_of_the_patient_who_sat_there_when_the_key_was_pressed(
    recording: RecordingPresenter, house: House, session: ScriptedSession, qtbot: QtBot
) -> None:
    visit = house.desk.visit
    visit.seat(Patient("7"))
    feed(recording, session, range(20))
    qtbot.waitUntil(lambda: recording.replay.held_s > 0.5)
    with qtbot.waitSignal(recording.replay_saved, timeout=PATIENCE_MS) as signal, busy_workers(house):
        house.actions["replay"].trigger()
        visit.seat(Patient("8"))
        feed(recording, session, range(100, 110))
        qtbot.waitUntil(lambda: recording.replay.held_s > 0.2)
    saved = open_session(signal.args[0].root)
    assert saved.patient.patient_id == "7"
    assert max(saved.frame_seqs["raw"]) < 100


def test_another_camera_empties_the_last_half_minute_and_the_same_one_does_not(
    recording: RecordingPresenter, house: House, session: ScriptedSession, qtbot: QtBot
) -> None:
    recording.hear(happened(EventKind.SOURCE_OPENED))
    feed(recording, session, range(20))
    qtbot.waitUntil(lambda: recording.replay.held_s > 0.5)
    recording.hear(happened(EventKind.SOURCE_OPENED))
    assert recording.replay.held_s > 0.5
    session.source_info = SourceInfo("demo:seed=2", "Demo", 96, 64, 30.0, is_live=True)
    recording.hear(happened(EventKind.SOURCE_OPENED))
    assert recording.replay.held_s == 0.0


def test_nobody_else_sits_down_while_a_recording_is_about_to_start(
    recording: RecordingPresenter, house: House, session: ScriptedSession, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(recording.started, timeout=PATIENCE_MS) as signal:
        recording.start(Patient("7"))
        recording.start(Patient("8"))
        assert any("already running" in one.sentence for one in house.window.notices.notices)
    feed(recording, session, range(3))
    assert house.desk.visit.patient == Patient("7")
    with qtbot.waitSignal(recording.stopped, timeout=PATIENCE_MS):
        house.actions["record"].trigger()
    assert open_session(signal.args[0].root).patient == Patient("7")


def test_a_recording_that_ends_by_itself_is_told_though_its_files_take_time_to_close(
    recording: RecordingPresenter,
    house: House,
    session: ScriptedSession,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    start(recording, qtbot)
    feed(recording, session, range(5))
    recording.look()
    may_close = Event()
    write_motion = recording_run.write_motion

    def slowly(*args: Any) -> int:
        may_close.wait(PATIENCE_MS / 1000)
        return write_motion(*args)

    monkeypatch.setattr(recording_run, "write_motion", slowly)
    ending = Thread(target=recording.recorder.stop, args=("The recording was finished because the disk is full.",))
    ending.start()
    qtbot.waitUntil(lambda: not recording.recorder.is_open)
    recording.look()
    may_close.set()
    ending.join()
    recording.look()
    assert any("disk is full" in one.sentence for one in house.window.notices.notices)
    assert not house.desk.visit.is_recorded


def test_what_went_wrong_with_a_recording_is_told_when_it_is_stopped(
    recording: RecordingPresenter, house: House, session: ScriptedSession, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, _: object) -> None:
        raise RecordingError(f"The still {path.name} could not be written: full.", "Free disk space.")

    monkeypatch.setattr(stills, "write_png", refuse)
    start(recording, qtbot)
    feed(recording, session, range(5))
    qtbot.waitUntil(lambda: recording.recorder.status().frames.get("raw") == 5)
    house.actions["still"].trigger()
    with qtbot.waitSignal(recording.stopped, timeout=PATIENCE_MS):
        house.actions["record"].trigger()
    assert any("could not be written" in one.sentence for one in house.window.notices.notices)


def test_one_session_that_cannot_be_mended_does_not_keep_the_others_from_it(
    recording: RecordingPresenter, house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = [SessionFolder(tmp_path / name) for name in ("a", "b")]
    whole = SessionCheck("b", "repaired", (), 0.4, ())

    def mend(folder: SessionFolder) -> SessionCheck:
        if folder.session_id == "a":
            raise RecordingError("The books of session a cannot be mended: oops.", "Keep a copy.")
        return whole

    monkeypatch.setattr("app.presenters.recording_wishes.unfinished_sessions", lambda _: folders)
    monkeypatch.setattr("app.presenters.recording_wishes.repair", mend)
    recording._tell_recovered(recording._recover(None))  # type: ignore[arg-type]
    told = [one.sentence for one in house.window.notices.notices]
    assert any("session a cannot be mended" in one for one in told)
    assert any("b (0.4 s lost)" in one for one in told)
