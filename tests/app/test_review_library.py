"""The library of the REVIEW page: sessions are found, opened, repaired, deleted and brought back."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.compose import House
from app.dialogs.confirm import ConfirmDialog
from app.presenters.review import ReviewPresenter
from app.views.library_list import ROLE
from engine.annotation.shapes import Annotation, Kind, Space
from engine.annotation.store import AnnotationStore
from engine.read_only import connect_read_only
from tests.recorded_session import number_of
from tests.review_in_window import PATIENCE_MS, opened, wait_for_frame


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


def test_a_session_whose_video_was_cut_short_is_repaired_in_the_library_and_opens(
    review: ReviewPresenter, house: House, qtbot: QtBot
) -> None:
    root = min(Path(house.preferences.settings.recording.library).iterdir())
    raw = root / "raw.mp4"
    raw.write_bytes(raw.read_bytes()[: raw.stat().st_size // 2])
    review.library_view.opened.emit(root.name)
    qtbot.waitUntil(lambda: review.library_view._rows[root.name].data(ROLE).is_broken, timeout=PATIENCE_MS)
    assert house.window.notices.notices[-1].sentence == "raw.mp4 was cut short."
    review.library.repair(root.name)
    qtbot.waitUntil(lambda: not review.library_view._rows[root.name].data(ROLE).is_broken, timeout=PATIENCE_MS)
    with qtbot.waitSignal(review.opened, timeout=PATIENCE_MS):
        review.library_view.opened.emit(root.name)
    wait_for_frame(review, qtbot, 1)
    assert number_of(review.view.stage._pictures[Space.RAW]) == 0


def test_a_session_on_a_protected_disc_opens_and_says_that_it_cannot_be_marked(
    review: ReviewPresenter, house: House, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def protected(store: AnnotationStore, database: Path) -> sqlite3.Connection:
        store.is_read_only = True
        return connect_read_only(database)

    monkeypatch.setattr(AnnotationStore, "_opened", protected)
    opened(review, qtbot)
    assert any("nothing can be written" in one.sentence for one in house.window.notices.notices)
