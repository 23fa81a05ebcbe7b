"""Recordings of the patient whom practice software named go back to it, and no others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.compose import House
from app.dialogs.patient import PatientDialog
from app.preferences import Preferences
from app.presenters.recording import RecordingPresenter
from engine.inference.choose import BackendOptions
from engine.recording.practice import HandBack, Practice
from engine.recording.session_folder import Patient
from tests.fakes_session import ScriptedSession
from tests.houses import standing
from tests.recording_in_window import INFO, PATIENCE_MS, feed


@pytest.fixture
def linked(tmp_path: Path, session: ScriptedSession, qtbot: QtBot) -> Iterator[House]:
    """A window that practice software has started for a patient, with a folder to hand back to."""
    (tmp_path / "back").mkdir()
    practice = Practice(Patient("7", "Roe", "Ann", "1990-05-06"), HandBack(tmp_path / "back"))
    session.source_info = INFO
    preferences = Preferences(tmp_path / "settings.json")
    preferences.change("recording", library=str(tmp_path / "library"))
    house = House(session, preferences, BackendOptions(), (1280, 720), practice)  # type: ignore[arg-type]
    with standing(house):
        yield house


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


def test_what_went_back_incomplete_is_told(linked: House, session: ScriptedSession, qtbot: QtBot) -> None:
    presenter = record_in(linked, session, qtbot, linked.desk.visit.practice.patient)
    feed(presenter, session, range(60, 70))
    with qtbot.waitSignal(presenter.hand_back.handed_back, timeout=PATIENCE_MS) as signal:
        linked.actions["record"].trigger()
    assert "INCOMPLETE.txt" in {path.name for path in signal.args[0]}
    (notice,) = [one for one in linked.window.notices.notices if one.topic == "hand-back"]
    assert notice.tone == "caution"
    assert "raw: 50 frames skipped by the camera" in notice.remedy


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
