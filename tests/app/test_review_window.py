"""The REVIEW page in a real window: library, player keys, export, PACS, import."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from app.compose import House
from app.dialogs.confirm import ConfirmDialog
from app.dialogs.export import ExportDialog, ExportWish
from app.dialogs.pacs import PacsWish
from app.presenters.review import ReviewPresenter
from app.theme import Theme
from app.views.library_list import ROLE
from engine.annotation.interchange import from_json
from engine.annotation.shapes import Annotation, Kind, Space
from engine.annotation.store import AnnotationStore
from engine.archive.reader import open_session
from engine.read_only import connect_read_only
from engine.recording.session_folder import Patient
from tests.recorded_session import STEP_NS, number_of, record_session

PATIENCE_MS = 20_000  # a loaded machine decodes late, and is no failure


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library with two sessions."""
    library = tmp_path_factory.mktemp("recorded")
    record_session(library)
    record_session(library, Patient("12", "Poe", "Eve"), frames=10)
    return library


@pytest.fixture
def review(house: House, qtbot: QtBot, recorded: Path, tmp_path: Path) -> ReviewPresenter:
    """The page on a copy of the library, listed."""
    library = tmp_path / "library"
    shutil.copytree(recorded, library)
    house.preferences.change("recording", library=str(library))
    house.show_page("review")
    page = house.pages["review"]
    assert isinstance(page, ReviewPresenter)
    qtbot.waitUntil(lambda: page.library_view.list.count() == 2, timeout=PATIENCE_MS)
    return page


@pytest.fixture
def player(review: ReviewPresenter, qtbot: QtBot) -> ReviewPresenter:
    """The page with the longer session open."""
    return opened(review, qtbot)


def opened(review: ReviewPresenter, qtbot: QtBot) -> ReviewPresenter:
    key = next(key for key, item in review.library_view._rows.items() if "Roe" in item.data(256).who)
    with qtbot.waitSignal(review.opened):
        review.library_view.opened.emit(key)
    qtbot.waitUntil(lambda: "frame 1 of 40" in review.view.transport.frame.text(), timeout=PATIENCE_MS)
    return review


def test_annotations_that_cannot_be_read_are_told_and_the_session_opens(
    review: ReviewPresenter, house: House, qtbot: QtBot
) -> None:
    for root in Path(house.preferences.settings.recording.library).iterdir():
        with closing(AnnotationStore(root / "session.sqlite")) as store:
            store.load().add(Annotation(Kind.MARKER, 0, "caries"))
        with closing(sqlite3.connect(root / "session.sqlite")) as books, books:
            books.execute("UPDATE annotations SET body = '{}'")
    opened(review, qtbot)
    notice = house.window.notices.notices[-1]
    assert notice.sentence == "Annotations of this session cannot be read and are left out: 1."
    assert "Import them again" in notice.remedy


def test_a_session_whose_books_are_gone_stands_in_the_library_and_is_repaired_there(
    review: ReviewPresenter, house: House, qtbot: QtBot
) -> None:
    library = Path(house.preferences.settings.recording.library)
    first, second = sorted(library.iterdir())
    (first / "session.sqlite").unlink()
    (second / "session.sqlite").write_bytes(b"junk")
    view = review.library_view
    review.library.refresh()
    qtbot.waitUntil(lambda: view.list.count() == 2 and view.list.item(0).data(ROLE).is_broken, timeout=PATIENCE_MS)
    for root, words in ((first, "session.sqlite is missing"), (second, "file is not a database")):
        view.list.setCurrentItem(view._rows[root.name])
        assert words in view.list.currentItem().data(ROLE).state
        assert view.open.isHidden()
        assert not view.delete.isEnabled()
        with qtbot.waitSignal(review.library.listed, timeout=PATIENCE_MS):
            view.repair.click()
        assert not view._rows[root.name].data(ROLE).is_broken
        assert "is repaired" in house.window.notices.notices[-1].sentence
    assert not view.open.isHidden()


def test_a_listed_session_that_does_not_open_is_offered_for_repair(
    review: ReviewPresenter, house: House, qtbot: QtBot
) -> None:
    root = min(Path(house.preferences.settings.recording.library).iterdir())
    with closing(sqlite3.connect(root / "session.sqlite")) as books, books:
        books.execute("UPDATE frames SET t_ns = 'abc' WHERE seq = 3")
    review.library_view.opened.emit(root.name)
    qtbot.waitUntil(lambda: review.library_view._rows[root.name].data(ROLE).is_broken, timeout=PATIENCE_MS)
    review.library.repair(root.name)
    qtbot.waitUntil(lambda: not review.library_view._rows[root.name].data(ROLE).is_broken, timeout=PATIENCE_MS)
    with qtbot.waitSignal(review.opened, timeout=PATIENCE_MS):
        review.library_view.opened.emit(root.name)


def test_a_session_on_a_protected_disc_opens_and_says_that_it_cannot_be_marked(
    review: ReviewPresenter, house: House, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def protected(store: AnnotationStore, database: Path) -> sqlite3.Connection:
        store.is_read_only = True
        return connect_read_only(database)

    monkeypatch.setattr(AnnotationStore, "_opened", protected)
    opened(review, qtbot)
    assert any("nothing can be written" in one.sentence for one in house.window.notices.notices)


def wait_for_frame(review: ReviewPresenter, qtbot: QtBot, number: int) -> None:
    qtbot.waitUntil(lambda: f"frame {number} of" in review.view.transport.frame.text(), timeout=PATIENCE_MS)


def press(review: ReviewPresenter, qtbot: QtBot, key: Qt.Key) -> None:
    qtbot.keyClick(review.view, key)


def test_the_library_finds_by_patient(review: ReviewPresenter, qtbot: QtBot) -> None:
    review.library_view.search.setText("poe")
    assert review.library_view.list.count() == 1
    review.library_view.search.setText("nobody of that name")
    assert "No session matches" in review.library_view.empty.text()
    qtbot.waitUntil(lambda: len(review.library._pictures) == 2, timeout=PATIENCE_MS)
    assert "free" in review.library_view.space.text()


def test_a_deleted_session_can_be_brought_back(review: ReviewPresenter, house: House, qtbot: QtBot) -> None:
    view = review.library_view
    key = view.chosen
    view.delete.click()
    dialog = house.window.findChild(ConfirmDialog)
    assert dialog is not None
    dialog.do_button.click()
    qtbot.waitUntil(lambda: view.list.count() == 1 and view.bin.text() == "Deleted (1)", timeout=PATIENCE_MS)
    view.bin.click()
    assert view.title.text() == "Deleted sessions"
    view.restore.click()
    qtbot.waitUntil(lambda: view.title.text() == "Library" and view.list.count() == 2, timeout=PATIENCE_MS)
    assert key in view._rows


def test_keys_play_step_and_jump(player: ReviewPresenter, qtbot: QtBot) -> None:
    press(player, qtbot, Qt.Key.Key_Period)
    wait_for_frame(player, qtbot, 2)
    press(player, qtbot, Qt.Key.Key_End)
    wait_for_frame(player, qtbot, 40)
    press(player, qtbot, Qt.Key.Key_Comma)
    wait_for_frame(player, qtbot, 39)
    press(player, qtbot, Qt.Key.Key_Home)
    wait_for_frame(player, qtbot, 1)
    running = player.playback.player
    assert running is not None
    running.set_speed(0.25)  # five seconds to its end, which a busy machine does not oversleep
    press(player, qtbot, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: running.is_playing, timeout=PATIENCE_MS)
    press(player, qtbot, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: not running.is_playing, timeout=PATIENCE_MS)


def test_space_belongs_to_the_live_page_again_after_review(player: ReviewPresenter, house: House) -> None:
    assert not house.actions["compare"].isEnabled()
    house.show_page("live")
    assert house.actions["compare"].isEnabled()


def test_letters_go_into_a_line_of_text_and_not_to_the_player(player: ReviewPresenter, qtbot: QtBot) -> None:
    line: QLineEdit = player.view.panel.search
    line.setFocus()
    qtbot.keyClicks(line, "k w")
    assert line.text() == "k w"
    assert player.annotations is not None
    assert not player.annotations.document.annotations


def test_markers_are_set_and_found_again(player: ReviewPresenter, qtbot: QtBot) -> None:
    for frame in (5, 30):
        player.command("first")
        player.playback.seek(frame * STEP_NS)
        wait_for_frame(player, qtbot, frame + 1)
        press(player, qtbot, Qt.Key.Key_K)
    press(player, qtbot, Qt.Key.Key_PageUp)
    wait_for_frame(player, qtbot, 6)
    press(player, qtbot, Qt.Key.Key_PageDown)
    wait_for_frame(player, qtbot, 31)
    assert [mark.start_ns for mark in player.view.timeline.state.marks] == [5 * STEP_NS, 30 * STEP_NS]


def test_the_wipe_parts_the_picture_and_moves_by_key(player: ReviewPresenter, qtbot: QtBot) -> None:
    press(player, qtbot, Qt.Key.Key_W)
    stage = player.view.stage
    assert stage.comparison.name == "WIPE"
    before = player.view.stage.wipe
    qtbot.keyClick(player.view, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert player.view.stage.wipe > before
    press(player, qtbot, Qt.Key.Key_1)
    assert stage.comparison.name == "RAW"


def test_the_time_line_seeks_and_says_where_the_tooth_was_lost(player: ReviewPresenter, qtbot: QtBot) -> None:
    timeline = player.view.timeline
    assert "lost" in timeline.words_at(22 * STEP_NS)
    assert timeline.words_at(2 * STEP_NS) == ""
    timeline.sought.emit(12 * STEP_NS)
    wait_for_frame(player, qtbot, 13)
    assert number_of(player.view.stage._pictures[Space.RAW]) == 12


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


def test_what_was_marked_is_there_after_the_window_closed(player: ReviewPresenter, house: House, qtbot: QtBot) -> None:
    assert player.session is not None
    root = player.session.folder.root
    player.command("marker")
    house.window.close()
    assert [one.kind.value for one in open_session(root).annotations()] == ["marker"]
