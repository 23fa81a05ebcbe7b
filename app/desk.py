"""What a page finds on its desk: the services of the window, handed over once at construction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from PySide6.QtCore import Qt, QThreadPool
from PySide6.QtWidgets import QDockWidget, QWidget

from app.actions import Actions
from app.preferences import Preferences
from app.pump import Pump
from app.single_instance import Door
from app.theme import Theme
from app.views.notices import Notice
from app.views.stage import Stage
from app.visit import Visit
from engine.session import Session


class Shell(Protocol):
    """What a page may ask of the window round it."""

    def tell(self, notice: Notice) -> None:
        """Show a notice."""
        ...

    def withdraw_notice(self, topic: str) -> None:
        """Take a notice back."""
        ...

    def keep_clear(self, bottom_px: int) -> int:
        """Keep notices off so much of the page's lower edge; returns what was kept clear before."""
        ...

    def lodge_notices(self, column_px: int, make_room: Callable[[int], None]) -> None:
        """Show notices at the lower end of the page's right column, which makes room; 0: in their corner again."""
        ...

    def add_to_corner(self, widget: QWidget) -> None:
        """Put a widget at the right of the top bar."""
        ...

    def add_dock(self, name: str, title: str, widget: QWidget, area: Qt.DockWidgetArea) -> QDockWidget:
        """Add a dock beside the pages, hidden at first."""
        ...

    def show_page(self, name: str) -> None:
        """Go to another page."""
        ...


@dataclass(frozen=True, slots=True)
class Desk:
    """Shared by all pages; none of it is created by them."""

    session: Session
    pump: Pump
    actions: Actions
    theme: Theme
    preferences: Preferences
    shell: Shell
    stage: Stage  # the live page's, for what wants to lie over it
    workers: QThreadPool  # thread pool [W]: files, exports, checksums
    visit: Visit  # who sits in the chair
    door: Door | None = None  # where later starts knock; None for a run of its own


class Page(Protocol):
    """One page of the window: a widget, and a say when it comes and goes."""

    @property
    def widget(self) -> QWidget:
        """What is shown."""
        ...

    def enter(self) -> None:
        """The page is shown now."""
        ...

    def leave(self) -> None:
        """Another page is shown now."""
        ...

    def close(self) -> None:
        """The window closes: let go of files and threads."""
        ...


class Attachment(Protocol):
    """Something that lives beside the pages for as long as the window."""

    def close(self) -> None:
        """The window closes: let go of files and threads."""
        ...
