"""The REVIEW page of a window: a session opened in it, its keys, and waiting for a frame."""

from __future__ import annotations

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.presenters.review import ReviewPresenter

PATIENCE_MS = 20_000  # a loaded machine decodes late, and is no failure


def opened(review: ReviewPresenter, qtbot: QtBot) -> ReviewPresenter:
    """The page with the session of Ann Roe open."""
    key = next(key for key, item in review.library_view._rows.items() if "Roe" in item.data(256).who)
    with qtbot.waitSignal(review.opened):
        review.library_view.opened.emit(key)
    qtbot.waitUntil(lambda: "frame 1 of 40" in review.view.transport.frame.text(), timeout=PATIENCE_MS)
    return review


def wait_for_frame(review: ReviewPresenter, qtbot: QtBot, number: int) -> None:
    """Until that one, counted from 1, is shown."""
    qtbot.waitUntil(lambda: f"frame {number} of" in review.view.transport.frame.text(), timeout=PATIENCE_MS)


def press(review: ReviewPresenter, qtbot: QtBot, key: Qt.Key) -> None:
    """On the page itself, with no field chosen."""
    qtbot.keyClick(review.view, key)
