"""Recording from the window: patient first, then keys; nothing is lost when the window closes."""

from __future__ import annotations

import os
import struct
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from pytestqt.qtbot import QtBot

from app.compose import House
from app.dialogs.patient import PatientDialog
from app.preferences import Preferences
from app.presenters.camera_button import CameraButtonPresenter
from app.presenters.recording import RecordingPresenter
from engine.archive.reader import open_session
from engine.capture.source import SourceInfo
from engine.errors import AnnotationError, RecordingError
from engine.events import EventKind
from engine.inference.choose import BackendOptions
from engine.recording import recording_run, stills
from engine.recording.practice import HandBack, Practice
from engine.recording.recovery import SessionCheck, verify
from engine.recording.session_folder import Patient, SessionFolder
from engine.values import Frame, Mode, StabilizedFrame, Tracking
from tests.fakes_session import ScriptedSession, happened

PATIENCE_MS = 30_000  # the first copy imports what it needs
INFO = SourceInfo("demo:seed=1", "Demo", 96, 64, 30.0, is_live=True)


@pytest.fixture
def recording(house: House, session: ScriptedSession, tmp_path: Path) -> RecordingPresenter:
    """The presenter of a window whose library is an empty folder."""
    house.preferences.change("recording", library=str(tmp_path / "library"))
    session.source_info = INFO
    (presenter,) = [one for one in house.attachments if isinstance(one, RecordingPresenter)]
    presenter.use_settings()
    return presenter


def feed(presenter: RecordingPresenter, session: ScriptedSession, seqs: range) -> None:
    for seq in seqs:
        pixels = np.full((64, 96, 3), seq % 255, np.uint8)
        frame = Frame(pixels, seq, seq * 33_000_000)
        result = StabilizedFrame(frame, None, pixels, pixels, np.eye(3), None, Tracking.TRACKING, Mode.STABILIZED, "")
        assert session.recorder is not None
        session.recorder.offer_raw(frame)
        session.recorder.offer_output(result)
        presenter.see(result)


def start(presenter: RecordingPresenter, qtbot: QtBot) -> SessionFolder:
    with qtbot.waitSignal(presenter.started, timeout=PATIENCE_MS) as signal:
        presenter.start(Patient("7"))
    return signal.args[0]


def test_the_record_key_asks_who_is_recorded(recording: RecordingPresenter, house: House, qtbot: QtBot) -> None:
    house.actions["record"].trigger()
    dialog = house.window.findChild(PatientDialog)
    assert dialog is not None
    assert not dialog.start.isEnabled()
    dialog.number.setText("12")
    dialog.born.setText("yesterday")
    dialog.start.click()
    assert "is no date" in dialog.problem.text()
    dialog.reject()
    assert not recording.recorder.status().is_recording


def test_marks_ranges_and_stills_land_in_the_session(
    recording: RecordingPresenter, house: House, session: ScriptedSession, qtbot: QtBot
) -> None:
    folder = start(recording, qtbot)
    feed(recording, session, range(30))
    qtbot.waitUntil(lambda: recording.recorder.status().frames.get("raw") == 30)
    for action in ("marker", "range", "still"):
        house.actions[action].trigger()
    feed(recording, session, range(30, 45))
    house.actions["range"].trigger()
    with qtbot.waitSignal(recording.stopped, timeout=PATIENCE_MS):
        house.actions["record"].trigger()
    opened = open_session(folder.root)
    kinds = sorted((one.kind.value, one.start_ns, one.end_ns) for one in opened.annotations())
    assert kinds == [("marker", 29 * 33_000_000, None), ("range", 29 * 33_000_000, 44 * 33_000_000)]
    assert len(opened.stills) == 2
    assert verify(folder).is_whole


def test_a_mark_without_a_recording_is_told(
    recording: RecordingPresenter, house: House, session: ScriptedSession
) -> None:
    feed(recording, session, range(2))
    house.actions["marker"].trigger()
    assert "Nothing is recorded" in house.window.notices.notices[-1].sentence


def test_settings_changed_while_recording_hold_for_the_next_one(
    recording: RecordingPresenter, house: House, session: ScriptedSession, qtbot: QtBot, tmp_path: Path
) -> None:
    first = start(recording, qtbot)
    feed(recording, session, range(5))
    house.preferences.change("recording", library=str(tmp_path / "elsewhere"))
    with qtbot.waitSignal(recording.stopped, timeout=PATIENCE_MS):
        house.actions["record"].trigger()
    assert first.root.parent == tmp_path / "library"
    assert start(recording, qtbot).root.parent == tmp_path / "elsewhere"


def test_closing_the_window_finishes_the_session(
    recording: RecordingPresenter, house: House, session: ScriptedSession, qtbot: QtBot
) -> None:
    folder = start(recording, qtbot)
    feed(recording, session, range(10))
    house.window.close()
    assert verify(folder).is_whole


def test_the_badge_shows_time_and_pause(
    recording: RecordingPresenter, house: House, session: ScriptedSession, qtbot: QtBot
) -> None:
    start(recording, qtbot)
    recording.look()
    assert recording.badge.isVisible()
    assert recording.badge.words == "REC"
    house.actions["pause_recording"].trigger()
    recording.look()
    assert recording.badge.words == "PAUSED"


def test_while_it_records_the_last_half_minute_is_not_kept_twice(
    recording: RecordingPresenter, house: House, session: ScriptedSession, qtbot: QtBot
) -> None:
    feed(recording, session, range(20))
    qtbot.waitUntil(lambda: recording.replay.held_s > 0.5)
    start(recording, qtbot)
    feed(recording, session, range(20, 40))
    house.actions["replay"].trigger()
    assert "holds it already" in house.window.notices.notices[-1].sentence
    assert recording.replay.held_s == 0.0
    with qtbot.waitSignal(recording.stopped, timeout=PATIENCE_MS):
        house.actions["record"].trigger()


def test_the_last_half_minute_becomes_a_session(
    recording: RecordingPresenter, house: House, session: ScriptedSession, qtbot: QtBot, tmp_path: Path
) -> None:
    feed(recording, session, range(20))
    qtbot.waitUntil(lambda: recording.replay.held_s > 0.5)
    with qtbot.waitSignal(recording.replay_saved) as signal:
        house.actions["replay"].trigger()
    assert verify(signal.args[0]).is_whole


def occupy(house: House) -> Event:
    """Keep all workers busy, as two exports do, until the event is set."""
    may_go = Event()
    for _ in range(house.desk.workers.maxThreadCount()):
        house.desk.workers.start(lambda: may_go.wait(PATIENCE_MS / 1000) and None)
    return may_go


def test_a_recording_starts_and_stops_while_the_workers_are_busy(
    recording: RecordingPresenter, house: House, session: ScriptedSession, qtbot: QtBot
) -> None:
    may_go = occupy(house)
    try:
        folder = start(recording, qtbot)
        feed(recording, session, range(5))
        with qtbot.waitSignal(recording.stopped, timeout=PATIENCE_MS):
            house.actions["record"].trigger()
        assert verify(folder).is_whole
    finally:
        may_go.set()


def test_a_mark_set_just_before_the_end_is_kept_though_the_workers_are_busy(
    recording: RecordingPresenter, house: House, session: ScriptedSession, qtbot: QtBot
) -> None:
    may_go = occupy(house)
    try:
        folder = start(recording, qtbot)
        feed(recording, session, range(5))
        qtbot.waitUntil(lambda: recording.recorder.status().frames.get("raw") == 5)
        house.actions["marker"].trigger()
        with qtbot.waitSignal(recording.stopped, timeout=PATIENCE_MS):
            house.actions["record"].trigger()
        assert len(open_session(folder.root).annotations()) == 1
    finally:
        may_go.set()


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
    may_go = occupy(house)
    with qtbot.waitSignal(recording.replay_saved, timeout=PATIENCE_MS) as signal:
        house.actions["replay"].trigger()
        visit.seat(Patient("8"))
        feed(recording, session, range(100, 110))
        qtbot.waitUntil(lambda: recording.replay.held_s > 0.2)
        may_go.set()
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

    monkeypatch.setattr("app.presenters.recording.unfinished_sessions", lambda _: folders)
    monkeypatch.setattr("app.presenters.recording.repair", mend)
    recording._tell_recovered(recording._recover(None))  # type: ignore[arg-type]
    told = [one.sentence for one in house.window.notices.notices]
    assert any("session a cannot be mended" in one for one in told)
    assert any("b (0.4 s lost)" in one for one in told)


@pytest.mark.skipif(sys.platform != "linux", reason="the camera's button is an input device on Linux alone")
def test_the_cameras_own_button_takes_a_still(
    recording: RecordingPresenter,
    house: House,
    session: ScriptedSession,
    qtbot: QtBot,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    device = tmp_path / "event7"
    os.mkfifo(device)
    kernel = os.open(device, os.O_RDWR)
    monkeypatch.setattr("engine.capture.camera_button.find_button", lambda _: device)
    (button,) = [one for one in house.attachments if isinstance(one, CameraButtonPresenter)]
    session.source_info = SourceInfo("v4l2:046d:0825:SN1", "Camera", 96, 64, 30.0, is_live=True)
    button.hear(happened(EventKind.SOURCE_OPENED))
    folder = start(recording, qtbot)
    feed(recording, session, range(5))
    with qtbot.waitSignal(button.pressed):
        os.write(kernel, struct.pack("llHHi", 0, 0, 1, 212, 1))
    button.hear(happened(EventKind.SOURCE_LOST))
    with qtbot.waitSignal(recording.stopped, timeout=PATIENCE_MS):
        house.actions["record"].trigger()
    assert len(open_session(folder.root).stills) == 2
    os.close(kernel)


@pytest.fixture
def linked(tmp_path: Path, session: ScriptedSession, qtbot: QtBot) -> Iterator[House]:
    """A window that practice software has started for a patient, with a folder to hand back to."""
    (tmp_path / "back").mkdir()
    practice = Practice(Patient("7", "Roe", "Ann", "1990-05-06"), HandBack(tmp_path / "back"))
    session.source_info = INFO
    preferences = Preferences(tmp_path / "settings.json")
    preferences.change("recording", library=str(tmp_path / "library"))
    house = House(session, preferences, BackendOptions(), (1280, 720), practice)  # type: ignore[arg-type]
    house.show()
    house.pump.stop()
    yield house
    house.window.close()
    house.desk.workers.waitForDone(5000)
    house.window.deleteLater()
    house.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def record_in(house: House, session: ScriptedSession, qtbot: QtBot, patient: Patient) -> RecordingPresenter:
    (presenter,) = [one for one in house.attachments if isinstance(one, RecordingPresenter)]
    with qtbot.waitSignal(presenter.started, timeout=PATIENCE_MS):
        presenter.start(patient)
    feed(presenter, session, range(10))
    house.actions["still"].trigger()
    return presenter


def test_the_patient_of_practice_software_is_asked_for_and_gets_the_recording_back(
    linked: House, session: ScriptedSession, qtbot: QtBot, tmp_path: Path
) -> None:
    linked.actions["record"].trigger()
    dialog = linked.window.findChild(PatientDialog)
    assert dialog is not None
    assert (dialog.number.text(), dialog.family.text(), dialog.born.text()) == ("7", "Roe", "1990-05-06")
    dialog.reject()
    presenter = record_in(linked, session, qtbot, linked.desk.visit.practice.patient)
    with qtbot.waitSignal(presenter.hand_back.handed_back, timeout=PATIENCE_MS) as signal:
        linked.actions["record"].trigger()
    names = {path.name for path in signal.args[0]}
    assert {"raw.mp4", "stabilized.mp4", "contents.json"} < names
    assert sum(name.startswith("still-") for name in names) == 2


def test_another_patients_recording_is_not_handed_back(
    linked: House, session: ScriptedSession, qtbot: QtBot, tmp_path: Path
) -> None:
    record_in(linked, session, qtbot, Patient("8"))
    linked.actions["record"].trigger()
    qtbot.waitUntil(
        lambda: any("another patient" in one.sentence for one in linked.window.notices.notices), timeout=PATIENCE_MS
    )
    assert list((tmp_path / "back").iterdir()) == []


def test_a_window_that_closes_while_recording_hands_back_first(
    linked: House, session: ScriptedSession, qtbot: QtBot, tmp_path: Path
) -> None:
    record_in(linked, session, qtbot, linked.desk.visit.practice.patient)
    linked.window.close()
    linked.desk.workers.waitForDone()
    assert len(list((tmp_path / "back").glob("*/raw.mp4"))) == 1
