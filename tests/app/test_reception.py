"""There is one window: a later start brings its patient to it, or is refused, and never opens a second one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import get_ident

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QLockFile
from PySide6.QtNetwork import QLocalSocket
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.compose import House
from app.dialogs.patient import PatientDialog
from app.preferences import Preferences
from app.presenters.reception import ReceptionPresenter
from app.presenters.recording import RecordingPresenter
from app.single_instance import Door, enter, name_for
from app.start_request import MOST_BYTES, Answer, StartRequest, answer_in, request_line
from engine.clock import now_ns
from engine.errors import RecordingError
from engine.inference.choose import BackendOptions
from engine.recording.practice import HandBack, Practice
from engine.recording.session_folder import Patient
from tests.fakes_session import ScriptedSession, stabilized
from tests.houses import standing

ROOT = Path(__file__).parents[2]
ANN, BOB = Patient("7", "Roe", "Ann", "1990-05-06"), Patient("8", "Doe", "Bob")
PATIENCE_MS = 30_000


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    """The settings that all starts of a test share."""
    return tmp_path / "settings.json"


@pytest.fixture
def house(qtbot: QtBot, session: ScriptedSession, settings: Path, tmp_path: Path) -> Iterator[House]:
    """A window with an open door, started by hand."""
    door = enter(settings, StartRequest())
    assert isinstance(door, Door)
    preferences = Preferences(settings)
    preferences.change("recording", library=str(tmp_path / "library"))
    house = House(session, preferences, BackendOptions(), (1280, 720), None, door)  # type: ignore[arg-type]
    with standing(house):
        yield house
        house.window.close()
        door.leave()


def reception(house: House) -> ReceptionPresenter:
    return next(one for one in house.attachments if isinstance(one, ReceptionPresenter))


def recording(house: House) -> RecordingPresenter:
    return next(one for one in house.attachments if isinstance(one, RecordingPresenter))


def arrive(house: House, patient: Patient, hand_back: HandBack | None = None) -> Answer:
    return reception(house).receive(StartRequest(Practice(patient, hand_back)))


def told(house: House) -> str:
    notice = house.window.notices.notices[-1]
    return f"{notice.sentence} {notice.remedy}"


def say(settings: Path, words: bytes, qtbot: QtBot) -> bytes:
    """Write raw bytes to the window's socket and return all that comes back."""
    socket = QLocalSocket()
    socket.connectToServer(name_for(settings))
    qtbot.waitUntil(lambda: socket.state() is QLocalSocket.LocalSocketState.ConnectedState)
    socket.write(words)
    qtbot.waitUntil(lambda: socket.state() is QLocalSocket.LocalSocketState.UnconnectedState)
    return bytes(socket.readAll().data())


def second_start(house: House, settings: Path, qtbot: QtBot, *arguments: str) -> tuple[int, str]:
    """A real second process; what it printed."""
    process = subprocess.Popen(
        [sys.executable, "-m", "app", "--settings", str(settings), *arguments],
        cwd=ROOT,
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen", "XDG_STATE_HOME": str(settings.parent)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    qtbot.waitUntil(lambda: process.poll() is not None, timeout=PATIENCE_MS)
    return process.returncode, process.communicate()[0]


def patient_file(folder: Path, number: str) -> Path:
    path = folder / "patient.ini"
    path.write_text(f"[PATIENT]\nPATID={number}\nLASTNAME=Roe\nFIRSTNAME=Ann\nBIRTHDAY=19900506\nREADY=1\n")
    return path


def test_a_second_start_brings_its_patient_and_is_refused_while_somebody_else_is_recorded(
    house: House, settings: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    file = patient_file(tmp_path, "7")
    code, output = second_start(house, settings, qtbot, "--vdds", str(file), "--hand-back", str(tmp_path))
    assert (code, output) == (0, "steadyscope: The patient is 7 now.\n")
    assert "ERRORLEVEL=0" in file.read_text()
    assert house.desk.visit.practice == Practice(ANN, HandBack(tmp_path))
    with qtbot.waitSignal(recording(house).started, timeout=PATIENCE_MS):
        recording(house).start(ANN)
    file = patient_file(tmp_path, "9")
    code, output = second_start(house, settings, qtbot, "--vdds", str(file))
    assert (code, output.count("\n")) == (2, 1)
    assert "Patient 9 was not taken over: a recording (7) is running." in output
    assert "ERRORLEVEL=1" in file.read_text()
    assert "Patient 9 · Roe, Ann was not taken over" in told(house)
    assert house.desk.visit.patient == ANN
    assert recording(house).recorder.status().is_recording


def test_a_start_without_a_patient_only_shows_the_window(house: House) -> None:
    arrive(house, ANN)
    house.window.showMinimized()
    assert arrive(house, Patient()).is_taken
    assert not house.window.isMinimized()
    assert house.desk.visit.patient == ANN
    assert "running already" in told(house)


def test_another_patient_is_announced_and_nothing_of_the_one_before_stays(house: House, qtbot: QtBot) -> None:
    arrive(house, ANN)
    replay = recording(house).replay
    for seq in range(10):
        replay.offer_output(stabilized(seq))
    qtbot.waitUntil(lambda: replay.held_s > 0)
    house.actions["freeze"].setChecked(True)
    house.show_page("review")
    house.actions["record"].trigger()
    assert arrive(house, BOB).is_taken
    assert told(house).startswith("The patient has changed to 8 · Doe, Bob. Before: 7 · Roe, Ann.")
    assert reception(house).label.text() == "Patient 8 · Doe, Bob"
    assert replay.held_s == 0
    assert not house.actions["freeze"].isChecked()
    assert house.live_page.isVisible()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert house.window.findChild(PatientDialog) is None
    house.actions["record"].trigger()
    dialog = house.window.findChild(PatientDialog)
    assert dialog is not None
    assert dialog.number.text() == "8"
    dialog.reject()


def test_while_it_records_only_the_same_patient_may_come_again(house: House, tmp_path: Path, qtbot: QtBot) -> None:
    presenter = recording(house)
    presenter.start(ANN)
    assert not arrive(house, BOB).is_taken, "from the wish to record on, before the first frame"
    qtbot.waitUntil(lambda: presenter.recorder.is_open, timeout=PATIENCE_MS)
    assert arrive(house, ANN, HandBack(tmp_path)).is_taken
    assert not arrive(house, Patient("7", "Roe", "Anne")).is_taken, "the same number under another name"
    assert house.desk.visit.practice == Practice(ANN, HandBack(tmp_path))
    with qtbot.waitSignal(presenter.stopped, timeout=PATIENCE_MS):
        house.actions["record"].trigger()
        assert arrive(house, BOB).is_taken, "once it is stopped the next patient need not wait for the disk"


def test_a_recording_of_nobody_is_not_given_to_the_patient_who_comes(house: House, qtbot: QtBot) -> None:
    with qtbot.waitSignal(recording(house).started, timeout=PATIENCE_MS):
        recording(house).start(Patient())
    answer = arrive(house, ANN)
    assert (answer.is_taken, "(demonstration)" in answer.sentence) == (False, True)
    assert house.desk.visit.patient == Patient()


def test_a_patient_is_handed_back_what_was_recorded_before_the_next_one_came(
    house: House, tmp_path: Path, qtbot: QtBot
) -> None:
    back = tmp_path / "back"
    back.mkdir()
    arrive(house, ANN, HandBack(back))
    presenter = recording(house)
    with qtbot.waitSignal(presenter.started, timeout=PATIENCE_MS):
        presenter.start(ANN)
    for seq in range(5):
        presenter.recorder.offer_raw(stabilized(seq).raw)
        presenter.recorder.offer_output(stabilized(seq))
    with qtbot.waitSignal(presenter.hand_back.handed_back, timeout=PATIENCE_MS):
        house.actions["record"].trigger()
        arrive(house, BOB)
    assert len(list(back.glob("*/contents.json"))) == 1


def test_what_handing_back_needs_is_imported_beforehand_on_a_worker(
    house: House, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[int] = []
    monkeypatch.setattr("app.presenters.hand_back.import_exports", lambda _: threads.append(get_ident()))
    arrive(house, ANN)
    recording(house).hand_back.warm_up()
    assert threads == [], "nobody wants anything back"
    arrive(house, ANN, HandBack(tmp_path))
    arrive(house, BOB, HandBack(tmp_path))
    qtbot.waitUntil(lambda: bool(threads))
    house.desk.workers.waitForDone(5000)
    assert len(threads) == 1
    assert threads[0] != get_ident()


@pytest.mark.parametrize("words", [b"hello\n", b"{}\n", b"x" * (MOST_BYTES + 1), b'{"steadyscope": 2}\n'])
def test_garbage_on_the_socket_is_refused_and_changes_nothing(
    house: House, settings: Path, qtbot: QtBot, words: bytes
) -> None:
    arrive(house, ANN)
    answer = answer_in(say(settings, words, qtbot))
    assert not answer.is_taken
    assert house.desk.visit.patient == ANN
    assert "Another start of Steadyscope was refused." in told(house)


def test_a_caller_who_says_nothing_is_sent_away(
    house: House, settings: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.single_instance.CALLER_MAY_TAKE_MS", 50)
    assert say(settings, b'{"steadyscope": 1', qtbot) == b""


def test_a_window_that_stays_silent_is_not_doubled_and_does_not_act_later(settings: Path, qtbot: QtBot) -> None:
    door = enter(settings, StartRequest())
    assert isinstance(door, Door)
    with pytest.raises(RecordingError, match="does not answer"):
        enter(settings, StartRequest(Practice(ANN)), patience_s=0.3)
    heard: list[StartRequest] = []

    def receive(request: StartRequest) -> Answer:
        heard.append(request)
        return Answer(True, "")

    door.serve(receive)
    answer = answer_in(say(settings, request_line(StartRequest(Practice(BOB), now_ns() + 10**10)), qtbot))
    assert answer.is_taken
    assert [request.practice.patient for request in heard] == [BOB], "Ann's start was told that it failed"
    door.leave()


def test_once_the_window_has_gone_the_next_start_is_the_first(settings: Path, qapp: QApplication) -> None:
    for _ in range(2):
        door = enter(settings, StartRequest())
        assert isinstance(door, Door)
        assert door.is_open
        door.leave()


def test_other_settings_have_a_window_of_their_own(settings: Path, qapp: QApplication) -> None:
    doors = [enter(path, StartRequest()) for path in (settings, settings.with_name("other.json"))]
    for door in doors:
        assert isinstance(door, Door)
        assert door.is_open
        door.leave()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL and removes pipes by itself")
def test_what_a_killed_window_left_behind_keeps_nobody_out(settings: Path, qapp: QApplication) -> None:
    killed = (
        "import os, signal, sys; from pathlib import Path; from PySide6.QtCore import QCoreApplication;"
        "from app.single_instance import enter; from app.start_request import StartRequest;"
        "application = QCoreApplication([]); door = enter(Path(sys.argv[1]), StartRequest());"
        "assert door.is_open; os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", killed, str(settings)], cwd=ROOT, check=False, timeout=30)
    assert done.returncode == -signal.SIGKILL
    assert len(list(settings.parent.glob("*.lock"))) == 1
    door = enter(settings, StartRequest(), patience_s=0.0)
    assert isinstance(door, Door)
    assert door.is_open
    door.leave()


def test_where_no_lock_can_be_made_the_window_opens_and_says_what_that_means(
    house: House, tmp_path: Path, qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QLockFile, "tryLock", lambda *_: False)
    monkeypatch.setattr(QLockFile, "error", lambda _: QLockFile.LockError.PermissionError)
    door = enter(tmp_path / "elsewhere.json", StartRequest())
    assert isinstance(door, Door)
    assert not door.is_open
    assert house.desk.door is not None
    house.desk.door.shut()
    ReceptionPresenter(house.desk)
    assert "cannot reach this window" in told(house)
