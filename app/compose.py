"""The only place where the objects of the window are created and connected."""

from __future__ import annotations

from PySide6.QtCore import QObject, QThreadPool
from PySide6.QtWidgets import QApplication

from app.actions import Actions
from app.desk import Attachment, Desk, Page
from app.held_keys import HeldKey
from app.pages import ATTACHMENTS, LIVE, PAGES, attach, build_page, title_of
from app.preferences import Preferences
from app.presenters.arrangement import ArrangementPresenter
from app.presenters.engine import EnginePresenter
from app.presenters.live import LivePresenter
from app.presenters.memory import MemoryPresenter
from app.presenters.notes import NotesPresenter
from app.presenters.sheets import SheetsPresenter
from app.presenters.source import SourcePresenter
from app.presenters.vitals import VitalsPresenter
from app.pump import Pump
from app.single_instance import Door
from app.sources import SourceChoice, SourceKind
from app.theme import Theme, load_fonts, scale_for
from app.views.live_page import LivePage
from app.views.stage import Layout
from app.visit import Visit
from app.window import MainWindow, bar_groups
from engine.capture.opencv_beside_qt import take_back_qt_paths
from engine.events import Event, EventKind
from engine.inference.choose import BackendOptions
from engine.recording.practice import Practice
from engine.session import Session


def make_application() -> QApplication:
    """The QApplication with our fonts and style base; call once, before any widget."""
    take_back_qt_paths()
    existing = QApplication.instance()
    application = existing if isinstance(existing, QApplication) else QApplication(["steadyscope"])
    application.setApplicationName("steadyscope")
    application.setStyle("Fusion")
    load_fonts()
    return application


class House(QObject):
    """Window, session and presenters of one run."""

    def __init__(
        self,
        session: Session,
        preferences: Preferences,
        backend: BackendOptions,
        size: tuple[int, int],
        practice: Practice | None = None,
        door: Door | None = None,
    ) -> None:
        super().__init__()
        self.session = session
        self.preferences = preferences
        preferences.setParent(self)
        settings = preferences.settings
        self.theme = Theme(settings.look.theme, scale_for(size[1]), self)
        if settings.look.size_percent:
            self.theme.scale = settings.look.size_percent / 100
        self.actions = Actions(self.theme, settings.keys.shortcuts, self)
        self.pump = Pump(session, self)
        self.window = MainWindow(self.theme, self.actions)
        self.live_page = LivePage(self.theme, bar_groups(self.actions))
        self.live = LivePresenter(self.live_page, self.pump, session, self.actions, self.theme)
        self._settle_live_page()
        self.pages: dict[str, Page] = {}
        self._shown = ""
        self.is_first_source = False  # the source that the command line named is still the one
        self._has_started = False
        self.attachments: list[Attachment] = []
        self.desk = Desk(
            session,
            self.pump,
            self.actions,
            self.theme,
            preferences,
            self.window,
            self.live_page.stage,
            QThreadPool(self),
            Visit(practice or Practice(), self),
            door,
        )
        self.sheets = SheetsPresenter(self.window, self.actions, preferences, self.theme)
        self.source = SourcePresenter(self.desk, self.start)
        self.sheets.source_requested.connect(self.source.show)
        self.engine = EnginePresenter(self.desk, backend)
        self._add_pages()
        self.window.closed.connect(self.close)
        self.pump.event_happened.connect(self._take_source_kind)
        self.theme.changed.connect(self._dress)
        self._dress()
        self.memory = MemoryPresenter(self.window, self.actions, preferences, self.arrangement, session, self.theme)
        self.window.resize(*size)

    def show(self) -> None:
        """Open the window on the live page."""
        self.window.show()
        self.window.activateWindow()  # without a window manager nobody else does, and keys would go nowhere
        self.live_page.stage.setFocus()
        self.live_page.controls.summon()
        self.pump.start()

    def start(self, choice: SourceChoice) -> None:
        """Show another source. Raises SourceError for a bad name, or an option that the source does not have."""
        source = choice.make()
        self.expect(choice)
        self.session.start(source)

    def expect(self, choice: SourceChoice) -> None:
        """The session starts, or was already started, on this source: nothing of the one before may be shown."""
        self.is_first_source = not self._has_started
        self._has_started = True
        if choice.kind is SourceKind.CAMERA:
            self.preferences.change("source", identity=choice.name, format=choice.format)
        self.pump.forget()
        self.live.forget()

    def show_page(self, name: str) -> None:
        """Go to a page; built when it is shown for the first time."""
        if self._shown in self.pages:
            self.pages[self._shown].leave()
        self._shown = name
        if name == LIVE.name:
            self.window.show_page_widget(name, self.live_page)
            return
        if name not in self.pages:
            row = next(row for row in PAGES if row.name == name)
            self.pages[name] = build_page(row, self.desk)
        self.window.show_page_widget(name, self.pages[name].widget)
        self.pages[name].enter()

    def close(self) -> None:
        """Let go of everything that is not the window's; threads go by themselves."""
        self.pump.stop()
        self._compare_key.close()
        self.engine.close()
        for closable in (*self.attachments, *self.pages.values()):
            closable.close()
        self.attachments, self.pages = [], {}
        self.preferences.close()
        self.session.stop()

    def _settle_live_page(self) -> None:
        window, stage = self.window, self.live_page.stage
        self.arrangement = ArrangementPresenter(window, stage, self.actions, self.theme)
        self.arrangement.show_layout(Layout.SIDE_BY_SIDE)
        self.vitals = VitalsPresenter(window.health_bar, stage, self.pump, self.session, self.actions)
        self.notes = NotesPresenter(window, self.pump, self.live)
        self._compare_key = HeldKey(self.actions, "compare", self)
        self._compare_key.held.connect(self.live.compare)
        self.live_page.controls.held.connect(self._compare_key.press)
        self.actions["quit"].triggered.connect(window.close)

    def _add_pages(self) -> None:
        for row in (LIVE, *PAGES):
            self.window.add_page_button(row.name, title_of(row), row.icon)
        self.window.page_requested.connect(self.show_page)
        self.window.notices.set_bottom_inset(self.live_page.controls.height() + self.theme.px(8))
        self.show_page(LIVE.name)
        self.attachments = [attach(module, self.desk) for module in ATTACHMENTS]

    def _take_source_kind(self, event: Event) -> None:
        info = self.session.source_info
        if event.kind is EventKind.SOURCE_OPENED and info is not None:
            self.pump.is_playback = not info.is_live

    def _dress(self) -> None:
        QApplication.setPalette(self.theme.qt_palette())
        self.window.setStyleSheet(self.theme.style_sheet())
