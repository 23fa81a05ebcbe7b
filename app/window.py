"""The main window: top bar, pages, health bar, docks and the notice area; it shows and is told, and decides nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import QDockWidget, QMainWindow, QMenu, QStackedWidget, QToolBar, QVBoxLayout, QWidget

from app.actions import ACTIONS, PROGRAM, Actions, group_label, short_label
from app.engine_words import said
from app.theme import Theme
from app.views.bars import TopBar
from app.views.control_bar import BarItem
from app.views.health_bar import HealthBar
from app.views.notices import Notice, NoticeArea

DEFAULT_SIZE = (1600, 900)
LEAST_SIZE = (960, 540)
DOCK_HEIGHT_PX = 224


class MainWindow(QMainWindow):
    """One window; the pages come from `app/pages.py`."""

    closed = Signal()
    escape_pressed = Signal()
    page_requested = Signal(str)

    def __init__(self, theme: Theme, actions: Actions) -> None:
        super().__init__()
        self.setWindowTitle("Steadyscope")
        self._theme = theme
        self._pages: dict[str, QWidget] = {}
        self._docks: dict[str, QDockWidget] = {}
        self.addActions(actions.all())
        self.menu = build_menu(actions, self)
        self.top_bar = TopBar(theme, self.menu, self)
        self.top_bar.page_requested.connect(self.page_requested)
        self.setMenuWidget(self.top_bar)
        self._centre = QWidget(self)
        self._centre.setObjectName("page")
        column = QVBoxLayout(self._centre)
        column.setContentsMargins(0, 0, 0, 0)
        self._stack = QStackedWidget(self._centre)
        column.addWidget(self._stack)
        self.setCentralWidget(self._centre)
        self.notices = NoticeArea(theme, self._centre)
        self._centre.installEventFilter(self)
        self.health_bar = HealthBar(theme)
        self._bottom = QToolBar(self)
        self._bottom.setMovable(False)
        self._bottom.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self._bottom.addWidget(self.health_bar)
        self.addToolBar(Qt.ToolBarArea.BottomToolBarArea, self._bottom)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        theme.changed.connect(self._restyle)
        self.resize(*DEFAULT_SIZE)
        self.setMinimumSize(*LEAST_SIZE)

    def add_page_button(self, name: str, title: str, icon: str) -> None:
        """Announce a page; it is built when it is first asked for."""
        self.top_bar.add_page(name, title, icon)

    def show_page_widget(self, name: str, widget: QWidget) -> None:
        """Show a page."""
        if name not in self._pages:
            self._pages[name] = widget
            self._stack.addWidget(widget)
        self._stack.setCurrentWidget(widget)
        self.top_bar.show_page(name)
        self.notices.raise_()

    def add_dock(self, name: str, title: str, widget: QWidget, area: Qt.DockWidgetArea) -> QDockWidget:
        """Add a dock, hidden at first."""
        dock = QDockWidget(title, self)
        dock.setObjectName(name)
        dock.setWidget(widget)
        dock.setFeatures(QDockWidget.DockWidgetFeature.DockWidgetMovable)
        dock.setTitleBarWidget(QWidget(dock))
        self.addDockWidget(area, dock)
        self.resizeDocks([dock], [self._theme.px(DOCK_HEIGHT_PX)], Qt.Orientation.Vertical)
        dock.hide()
        self._docks[name] = dock
        return dock

    def tell(self, notice: Notice) -> None:
        """Show a notice, in the window's language where it is the engine's."""
        self.notices.tell(replace(notice, sentence=said(notice.sentence), remedy=said(notice.remedy)))

    def withdraw_notice(self, topic: str) -> None:
        """Take a notice back."""
        self.notices.withdraw(topic)

    def keep_clear(self, bottom_px: int) -> int:
        """Keep notices off so much of the page's lower edge; returns what was kept clear before."""
        before = self.notices.bottom_inset
        self.notices.set_bottom_inset(bottom_px)
        return before

    def lodge_notices(self, column_px: int, make_room: Callable[[int], None]) -> None:
        """Show notices at the lower end of the page's right column, which makes room; 0: in their corner again."""
        self.notices.lodge(column_px, make_room)

    def add_to_corner(self, widget: QWidget) -> None:
        """Put a widget at the right of the top bar."""
        self.top_bar.add_to_corner(widget)

    def show_page(self, name: str) -> None:
        """Go to another page."""
        self.page_requested.emit(name)

    def set_full_screen(self, is_full: bool) -> None:
        """Nothing but the picture, or back."""
        self.top_bar.setVisible(not is_full)
        self._bottom.setVisible(not is_full)
        state = self.windowState()
        full = Qt.WindowState.WindowFullScreen
        self.setWindowState(state | full if is_full else state & ~full)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The notice area keeps its corner when the centre changes its size."""
        if watched is self._centre and event.type() is QEvent.Type.Resize:
            self.notices.settle()
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape leads back, one step at a time."""
        if event.key() == Qt.Key.Key_Escape:
            self.escape_pressed.emit()
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Tell those who hold threads and files."""
        self.closed.emit()
        event.accept()

    def _restyle(self) -> None:
        self.setStyleSheet(self._theme.style_sheet())


def build_menu(actions: Actions, parent: QWidget) -> QMenu:
    """The menu: a submenu for each group of the table, the program's own actions at hand below."""
    menu = QMenu(parent)
    groups: dict[str, QMenu] = {}
    for row in ACTIONS:
        if row.group not in groups and row.group != PROGRAM:
            groups[row.group] = menu.addMenu(group_label(row.group))
    menu.addSeparator()
    for row in ACTIONS:
        groups.get(row.group, menu).addAction(actions[row.name])
    return menu


def bar_groups(actions: Actions) -> list[list[BarItem]]:
    """The actions of the control bar, divided by group."""
    groups: dict[str, list[BarItem]] = {}
    for row in ACTIONS:
        if row.short:
            item = BarItem(actions[row.name], short_label(row), row.is_held)
            groups.setdefault(row.group, []).append(item)
    return list(groups.values())
