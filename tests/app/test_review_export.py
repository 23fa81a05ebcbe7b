"""What leaves the REVIEW page and comes back: exports, a PACS, annotations from a file."""

from __future__ import annotations

import threading
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.compose import House
from app.dialogs.confirm import ConfirmDialog
from app.dialogs.export import ExportDialog, ExportWish
from app.dialogs.pacs import PacsWish
from app.presenters import export
from app.presenters.review import ReviewPresenter
from app.theme import Theme
from engine.annotation.interchange import from_json
from tests.recorded_session import STEP_NS
from tests.review_in_window import PATIENCE_MS, press, wait_for_frame


def test_a_trimmed_export_is_written_and_told(player: ReviewPresenter, qtbot: QtBot, tmp_path: Path) -> None:
    player.playback.seek(10 * STEP_NS)
    wait_for_frame(player, qtbot, 11)
    press(player, qtbot, Qt.Key.Key_I)
    player.playback.seek(20 * STEP_NS)
    wait_for_frame(player, qtbot, 21)
    press(player, qtbot, Qt.Key.Key_O)
    player.view.buttons["export"].click()
    dialog = player.export.dialog
    assert dialog is not None
    assert dialog.trimmed.isChecked()
    assert not dialog.identified.isChecked()
    out = tmp_path / "cut.mp4"
    dialog.path.setText(str(out))
    with qtbot.waitSignal(player.export.finished, timeout=15000) as signal:
        dialog.start.click()
    assert signal.args == [True]
    assert out.is_file()
    assert "Written" in dialog.state.text()
    dialog.reject()


@pytest.mark.parametrize("form", ["mp4", "dicom", "files"])
def test_an_export_that_is_cancelled_leaves_nothing(
    player: ReviewPresenter, house: House, qtbot: QtBot, tmp_path: Path, form: str
) -> None:
    player.command("marker")
    player.command("export")
    out = tmp_path / "out" / "never"
    is_cancelled = threading.Event()  # a short session may be written before the hand is on the key
    house.desk.workers.setMaxThreadCount(1)
    house.desk.workers.start(partial(is_cancelled.wait, 10))
    wish = ExportWish(form, out, "raw", is_burnt_in=True, has_chapters=True, is_trimmed=False, is_identified=False)
    with qtbot.waitSignal(player.export.finished, timeout=15000) as signal:
        player.export.write(wish)
        player.export.cancel()
        is_cancelled.set()
    assert signal.args == [False]
    assert not out.parent.exists()
    assert player.export.dialog is not None
    player.export.dialog.reject()


def test_an_export_is_asked_only_what_bears_on_its_form_and_gets_a_name_of_its_own(
    qtbot: QtBot, tmp_path: Path
) -> None:
    (tmp_path / "session-1.mp4").write_bytes(b"of yesterday")
    dialog = ExportDialog(Theme(), tmp_path / "session-1", ("stabilized", "raw"), "0:02 to 0:04", None)
    qtbot.addWidget(dialog)
    dialog.identified.setChecked(True)
    boxes = (dialog.stream, dialog.burnt_in, dialog.chapters, dialog.trimmed, dialog.identified, dialog.partial)
    shown = {}
    wishes: list[ExportWish] = []
    dialog.export_requested.connect(wishes.append)
    for form in ("mp4", "html", "csv"):
        dialog.form.setCurrentIndex(dialog.form.findData(form))
        shown[form] = [not box.isHidden() for box in boxes]
        dialog.start.click()
    assert shown["mp4"] == [True, True, True, True, False, False]
    assert shown["html"] == [False, False, False, False, True, False]
    assert shown["csv"] == [False] * 6
    assert [wish.out.name for wish in wishes] == ["session-1-2.mp4", "session-1.html", "session-1.csv"]
    assert [wish.is_identified for wish in wishes] == [False, True, False]
    dialog.close()


def test_a_name_that_is_taken_is_asked_for_and_a_free_one_is_proposed(qtbot: QtBot, tmp_path: Path) -> None:
    dialog = ExportDialog(Theme(), tmp_path / "session-1", ("raw",), "", None)
    qtbot.addWidget(dialog)
    wishes: list[Path] = []
    dialog.export_requested.connect(lambda wish: wishes.append(wish.out))
    taken = {"mp4": tmp_path / "typed.mp4", "files": tmp_path / "typed.2"}
    taken["mp4"].write_bytes(b"of yesterday")
    taken["files"].mkdir()
    (taken["files"] / "notes.txt").touch()

    def asked(form: str) -> ConfirmDialog:
        dialog.form.setCurrentIndex(dialog.form.findData(form))
        dialog.path.setText(str(taken[form]))
        dialog.start.click()
        questions = [one for one in dialog.findChildren(ConfirmDialog) if one.isVisible()]
        assert len(questions) == 1
        return questions[0]

    for form, free in (("mp4", "typed-2.mp4"), ("files", "typed.2-2")):
        before = len(wishes)
        asked(form).keep_button.click()
        assert len(wishes) == before
        assert Path(dialog.path.text()).name == free
        dialog.start.click()
        asked(form).do_button.click()
        assert wishes[before:] == [tmp_path / free, taken[form]]
    asked("mp4").reject()
    dialog.close()


def test_an_export_of_damaged_files_is_refused_and_then_offered_with_a_mark(
    player: ReviewPresenter, qtbot: QtBot, tmp_path: Path
) -> None:
    assert player.session is not None
    player.session.folder.video("stabilized").unlink()
    player.command("export")
    dialog = player.export.dialog
    assert dialog is not None
    dialog.form.setCurrentIndex(dialog.form.findData("files"))
    dialog.path.setText(str(tmp_path / "out"))
    assert dialog.partial.isHidden()
    with qtbot.waitSignal(player.export.finished, timeout=PATIENCE_MS) as signal:
        dialog.start.click()
    assert signal.args == [False]
    assert "stabilized.mp4 is missing" in dialog.state.text()
    assert not dialog.partial.isHidden()
    dialog.partial.setChecked(True)
    with qtbot.waitSignal(player.export.finished, timeout=PATIENCE_MS) as signal:
        dialog.start.click()
    assert signal.args == [True]
    assert "Incomplete, and marked as such:\n• stabilized.mp4 is missing." in dialog.state.text()
    assert (tmp_path / "out" / "INCOMPLETE.txt").is_file()
    dialog.reject()


def test_a_pacs_that_cannot_be_reached_is_named(player: ReviewPresenter, house: House, qtbot: QtBot) -> None:
    player.command("pacs")
    dialog = player.export.pacs
    assert dialog is not None
    assert not dialog.start.isEnabled()
    player.export.send(PacsWish("127.0.0.1", 104, "A TITLE LONGER THAN ALLOWED", "US", is_identified=False))
    assert "application entity title" in dialog.state.text()
    dialog.host.setText("pacs.practice")
    assert dialog.start.isEnabled()
    dialog.reject()
    assert house.preferences.settings.pacs.host == ""


def test_what_is_left_of_a_damaged_session_can_be_sent_with_its_mark(
    player: ReviewPresenter, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert player.session is not None
    player.session.folder.video("stabilized").unlink()
    sent: list[str] = []
    monkeypatch.setattr(export, "send", lambda files, *_: sent.extend(path.name for path in files))
    player.command("pacs")
    dialog = player.export.pacs
    assert dialog is not None
    dialog.host.setText("pacs.practice")
    assert dialog.partial.isHidden()
    for is_good in (False, True):
        with qtbot.waitSignal(player.export.finished, timeout=PATIENCE_MS) as signal:
            dialog.start.click()
        assert signal.args == [is_good]
        assert "stabilized.mp4 is missing." in dialog.state.text()
        assert not dialog.partial.isHidden()
        dialog.partial.setChecked(True)
    assert sent == ["video-raw.dcm", "annotations.dcm"]
    assert "2 objects arrived.\nIncomplete, and marked as such:\n•" in dialog.state.text()
    dialog.reject()


def test_annotations_come_back_from_json(player: ReviewPresenter, house: House, qtbot: QtBot, tmp_path: Path) -> None:
    player.command("marker")
    assert player.session is not None
    assert player.annotations is not None
    player.annotations.autosave.wait()
    out = tmp_path / "notes.json"
    player.command("export")
    wish = ExportWish("json", out, "raw", is_burnt_in=False, has_chapters=False, is_trimmed=False, is_identified=False)
    with qtbot.waitSignal(player.export.finished):
        player.export.write(wish)
    assert player.export.dialog is not None
    player.export.dialog.reject()
    player.command("delete")
    player.import_from(out)
    assert list(player.annotations.document.annotations) == from_json(out.read_text())
    out.write_text(out.read_text().replace(player.session.folder.session_id, "another"))
    player.import_from(out)
    assert "belong to session another" in house.window.notices.notices[-1].sentence
