"""Recording from the window: patient first, then keys; nothing is lost when the window closes."""

from __future__ import annotations

import os
import struct
import sys
from contextlib import closing
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.compose import House
from app.dialogs.patient import PatientDialog
from app.presenters.camera_button import CameraButtonPresenter
from app.presenters.recording import RecordingPresenter
from engine.annotation.store import AnnotationStore
from engine.archive.reader import open_session
from engine.capture.source import SourceInfo
from engine.events import EventKind
from engine.recording.recovery import verify
from tests.fakes_session import ScriptedSession, happened
from tests.recording_in_window import PATIENCE_MS, feed, presenter_in, start


@pytest.fixture
def recording(house: House, session: ScriptedSession, tmp_path: Path) -> RecordingPresenter:
    """The presenter of a window whose library is an empty folder."""
    return presenter_in(house, session, tmp_path / "library")


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


def test_a_range_that_is_not_ended_is_saved_when_it_begins_and_ends_with_the_recording(
    recording: RecordingPresenter, house: House, session: ScriptedSession, qtbot: QtBot
) -> None:
    folder = start(recording, qtbot)
    feed(recording, session, range(30))
    qtbot.waitUntil(lambda: recording.recorder.status().frames.get("raw") == 30)
    house.actions["range"].trigger()
    recording.marks._line.waitForDone()
    with closing(AnnotationStore(folder.database)) as store:  # what a crash would leave
        assert [(one.start_ns, one.end_ns) for one in store.load().annotations] == [(29 * 33_000_000,) * 2]
    feed(recording, session, range(30, 45))
    with qtbot.waitSignal(recording.stopped, timeout=PATIENCE_MS):
        house.actions["record"].trigger()
    (entry,) = open_session(folder.root).annotations()
    assert (entry.start_ns, entry.end_ns) == (29 * 33_000_000, 44 * 33_000_000)


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
