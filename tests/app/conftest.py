"""A window over a scripted session, its REVIEW page over recorded ones, and proof that nothing outlives its test."""

from __future__ import annotations

import gc
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QLocale, QTranslator
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.compose import House, make_application
from app.languages import install_language
from app.preferences import Preferences
from app.presenters.review import ReviewPresenter
from engine.inference.choose import BackendOptions
from engine.recording.session_folder import Patient
from tests.fakes_session import ScriptedSession
from tests.houses import standing
from tests.recorded_session import record_session
from tests.review_in_window import PATIENCE_MS, opened


def visible_widgets() -> list[QWidget]:
    """What still stands on the screen."""
    return [widget for widget in QApplication.topLevelWidgets() if widget.isVisible()]


@pytest.fixture(autouse=True)
def nothing_outlives_its_test(qapp: QApplication) -> Iterator[None]:
    """No widget and no thread may be left behind."""
    make_application()
    before = set(threading.enumerate())
    yield
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    if visible_widgets():
        gc.collect()  # slow, so only on suspicion
    left = visible_widgets()
    assert not left, f"widgets left behind: {left}"
    # Qt's own workers show up as dummies in Python's list; the window's fixture has waited for them.
    ours = [thread for thread in set(threading.enumerate()) - before if not thread.name.startswith("Dummy-")]
    for thread in ours:
        thread.join(3.0)
    alive = [thread.name for thread in ours if thread.is_alive()]
    assert not alive, f"threads left behind: {alive}"


@pytest.fixture(autouse=True, scope="module")
def cycles_end_on_this_thread() -> Iterator[None]:
    """Windows that lie in a cycle die here, not when a thread of a later test happens to collect: Qt would crash."""
    yield
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()


@pytest.fixture
def session() -> ScriptedSession:
    """A session that says what the test tells it to say."""
    return ScriptedSession()


@pytest.fixture
def house(qtbot: QtBot, session: ScriptedSession, tmp_path: Path) -> Iterator[House]:
    """The whole window, shown, with its pump stopped: tests call `pump.tick()`."""
    built = House(session, Preferences(tmp_path / "settings.json"), BackendOptions(), (1280, 720))  # type: ignore[arg-type]
    with standing(built):
        yield built


@pytest.fixture
def german(qapp: QApplication) -> Iterator[None]:
    """The program in German, and as before afterwards."""
    before = QLocale()
    assert install_language(qapp, "de")
    yield
    for translator in qapp.findChildren(QTranslator):
        QCoreApplication.removeTranslator(translator)
        translator.deleteLater()
    QLocale.setDefault(before)


@pytest.fixture(scope="session")
def two_sessions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library with two sessions."""
    library = tmp_path_factory.mktemp("two_sessions")
    record_session(library)
    record_session(library, Patient("12", "Poe", "Eve"), frames=10)
    return library


@pytest.fixture
def review(house: House, qtbot: QtBot, two_sessions: Path, tmp_path: Path) -> ReviewPresenter:
    """The page on a copy of the library, listed."""
    library = tmp_path / "library"
    shutil.copytree(two_sessions, library)
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
