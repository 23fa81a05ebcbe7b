"""Dialogs: the source, the engine with its build, help and the first start."""

from __future__ import annotations

import threading

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QDialog, QFileDialog, QLabel
from pytestqt.qtbot import QtBot

import resources
from app.actions import ACTIONS, label
from app.compose import House
from app.dialogs.engine import ListedEngine
from app.dialogs.help import HelpDialog
from app.dialogs.source import CameraOptions, DemoOptions, ListedCamera, SourceDialog
from app.dialogs.welcome import WelcomeDialog
from app.sources import SourceChoice, SourceKind
from app.work import Work
from engine.capture.demo.conditions import KINDS
from engine.errors import BackendRefused
from engine.inference import plan_process
from engine.inference.plan_build import BuildCancelled
from tests.fakes_session import ScriptedSession


def shown_dialog(house: House) -> QDialog:
    return next(each for each in house.window.findChildren(QDialog) if each.isVisible())


def test_a_tap_on_a_camera_chooses_it_by_identity(qtbot: QtBot, house: House) -> None:
    dialog = SourceDialog(house.theme, house.window)
    dialog.show_cameras([ListedCamera("v4l2:046d:0825:X1", "Handpiece HD")])
    with qtbot.waitSignal(dialog.chosen) as chosen:
        dialog.list.itemClicked.emit(dialog.list.item(1))
    assert chosen.args == [SourceChoice(SourceKind.CAMERA, "v4l2:046d:0825:X1")]


def test_a_chosen_camera_is_remembered_by_identity(house: House, session: ScriptedSession) -> None:
    house.source.take(SourceChoice(SourceKind.CAMERA, "v4l2:046d:0825:X1"))
    assert house.preferences.settings.source.identity == "v4l2:046d:0825:X1"
    assert session.commands[-1][0] == "start"


def test_a_camera_is_opened_in_the_format_chosen_beside_it(qtbot: QtBot, house: House) -> None:
    dialog = SourceDialog(house.theme, house.window)
    dialog.show_cameras([ListedCamera("v4l2:046d:0825:X1", "Handpiece HD", ("1920x1080@30:MJPG", "640x480@30:YUYV"))])
    options = dialog.list.itemWidget(dialog.list.item(1))
    assert isinstance(options, CameraOptions)
    dialog.open()
    options.formats.setCurrentIndex(2)
    assert options.formats.currentText() == "640 × 480, 30 fps, YUYV"
    with qtbot.waitSignal(dialog.chosen) as chosen:
        qtbot.mouseClick(options, Qt.MouseButton.LeftButton, pos=QPoint(5, 5))  # the line goes on under its options
    assert chosen.args == [SourceChoice(SourceKind.CAMERA, "v4l2:046d:0825:X1", "640x480@30:YUYV")]
    house.source.take(chosen.args[0])
    assert house.preferences.settings.source.format == "640x480@30:YUYV"


def test_the_demo_shows_the_chosen_scene_and_mouth(qtbot: QtBot, house: House) -> None:
    dialog = SourceDialog(house.theme, house.window)
    options = dialog.list.itemWidget(dialog.list.item(0))
    assert isinstance(options, DemoOptions)
    assert {options.scenes.itemData(index) or "demo" for index in range(options.scenes.count())} == set(KINDS)
    options.scenes.setCurrentIndex(options.scenes.findData("hard"))
    options.seed.setValue(12)
    with qtbot.waitSignal(dialog.chosen) as chosen:
        dialog.list.itemClicked.emit(dialog.list.item(0))
    assert chosen.args == [SourceChoice(name="12", scene="hard")]
    assert chosen.args[0].make().identity == "demo:seed=12,kind=hard"


def test_a_file_is_repeated_on_request(qtbot: QtBot, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: ("/clip.mp4", ""))
    dialog = SourceDialog(house.theme, house.window)
    dialog.repeats.setChecked(True)
    with qtbot.waitSignal(dialog.chosen) as chosen:
        dialog.file_button.click()
    assert chosen.args == [SourceChoice(SourceKind.FILE, "/clip.mp4", is_looped=True)]


def test_only_the_address_of_a_stream_can_be_connected(qtbot: QtBot, house: House) -> None:
    dialog = SourceDialog(house.theme, house.window)
    for text, is_good in (("", False), ("notes.txt", False), ("rtsp://", False), ("rtsp://10.0.0.2/live", True)):
        dialog.url.setText(text)
        assert dialog.connect_button.isEnabled() is is_good
    with qtbot.waitSignal(dialog.chosen) as chosen:
        qtbot.mouseClick(dialog.connect_button, Qt.MouseButton.LeftButton)
    assert chosen.args == [SourceChoice(SourceKind.URL, "rtsp://10.0.0.2/live")]


def test_cameras_are_looked_for_on_a_worker(qtbot: QtBot, house: House) -> None:
    qtbot.keyClick(house.window, Qt.Key.Key_C)
    dialog = shown_dialog(house)
    assert isinstance(dialog, SourceDialog)
    qtbot.waitUntil(lambda: "Looking" not in dialog.list.item(dialog.list.count() - 1).text())
    assert dialog.list.item(0).text().startswith("Demo")
    dialog.reject()


def test_a_refused_back_end_says_why_and_cannot_be_chosen(
    qtbot: QtBot, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.presenters.engine._tried", lambda _model, _work: ([], []))
    dialog = house.engine.show()
    dialog.show_backends([ListedEngine("tensorrt-rtx", "No NVIDIA driver is installed.", False)], "auto")
    item = dialog.list.item(1)
    assert item.text() == "tensorrt-rtx\nNo NVIDIA driver is installed."
    assert item.flags() == Qt.ItemFlag.NoItemFlags
    dialog.reject()


def test_another_back_end_goes_to_the_session_and_is_remembered(house: House, session: ScriptedSession) -> None:
    house.engine.choose_backend("openvino-f32")
    name, choice = session.commands[-1]
    assert name == "set_engine"
    assert choice.backend.backend == "openvino-f32"
    assert house.preferences.settings.engine.backend == "openvino-f32"


def test_a_build_shows_progress_and_can_be_cancelled(
    qtbot: QtBot, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    has_begun = threading.Event()

    def endless_build(_request: object, on_progress: object, is_cancelled: object) -> None:
        on_progress(0.42, "tactics")  # type: ignore[operator]
        has_begun.set()
        while not is_cancelled():  # type: ignore[operator]
            threading.Event().wait(0.01)
        raise BuildCancelled

    monkeypatch.setattr("engine.inference.plan_orders.requests_of", lambda _order: [object()])
    monkeypatch.setattr(plan_process, "build_in_process", endless_build)
    monkeypatch.setattr("app.presenters.engine._tried", lambda _model, _work: ([], []))
    dialog = house.engine.show()
    house.engine.build("sm89")
    qtbot.waitUntil(lambda: "42 %" in dialog.build_state.text())
    assert dialog.cancel_button.isVisible()
    assert not dialog.build_button.isEnabled()
    qtbot.mouseClick(dialog.cancel_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(dialog.build_button.isEnabled)
    assert dialog.build_state.text().startswith("The engine build was cancelled.")
    dialog.reject()


def test_a_refused_build_is_told_with_its_remedy(qtbot: QtBot, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_order: object) -> None:
        raise BackendRefused("There is no NVIDIA driver.", "Install one.")

    monkeypatch.setattr("engine.inference.plan_orders.requests_of", refuse)
    house.engine.build("")
    qtbot.waitUntil(lambda: bool(house.window.notices.notices))
    notice = house.window.notices.notices[0]
    assert (notice.sentence, notice.remedy) == ("There is no NVIDIA driver.", "Install one.")


def test_the_key_sheet_lists_every_action_with_a_key(qtbot: QtBot, house: House) -> None:
    qtbot.keyClick(house.window, Qt.Key.Key_F1)
    dialog = shown_dialog(house)
    assert isinstance(dialog, HelpDialog)
    words = {each.text() for each in dialog.findChildren(QLabel)}
    assert {label(row) for row in ACTIONS if row.key} <= words
    assert {row.key for row in ACTIONS if row.key} <= words
    dialog.reject()


def test_the_manual_opens_with_its_pictures(qtbot: QtBot, house: House) -> None:
    dialog = HelpDialog(house.theme, house.actions, house.window)
    assert "Steadyscope" in dialog.manual.toPlainText()
    text = resources.path("manual/manual.md").read_text(encoding="utf-8")
    pictures = [line.split("(")[1].rstrip(")") for line in text.splitlines() if line.startswith("![")]
    assert pictures
    assert all(resources.path(f"manual/{picture}").is_file() for picture in pictures)


def test_the_first_start_explains_itself_once(qtbot: QtBot, house: House) -> None:
    house.sheets.welcome()
    dialog = shown_dialog(house)
    assert isinstance(dialog, WelcomeDialog)
    dialog.accept()
    qtbot.waitUntil(lambda: not any(each.isVisible() for each in house.window.findChildren(QDialog)))
    house.sheets.welcome()
    assert not any(each.isVisible() for each in house.window.findChildren(QDialog))


def test_work_tells_a_bug_as_one_sentence(qtbot: QtBot, house: House) -> None:
    def broken(_work: Work) -> None:
        raise ZeroDivisionError

    work = Work(broken, house)
    with qtbot.waitSignal(work.refused) as told:
        work.start(house.desk.workers)
    assert told.args == ["This failed with a fault of this program.", "The log file says more."]
