"""The table of pages (LIVE, REVIEW, CALIBRATE).

To add a page:
1. write `app/presenters/NAME.py` with `build(desk: Desk) -> Page` (`app/desk.py` says what lies on the desk);
2. add a row below. The module is imported when the page is shown for the first time, so it costs no start-up time;
3. add its actions as rows to `app/actions.py` and connect `desk.actions["name"].triggered` in the presenter.

What must be there before its page is shown (recording controls on the live page, say) goes to `ATTACHMENTS`:
modules with `attach(desk: Desk) -> Attachment` (an object with `close()`), called once the window stands.
Widgets go to the top bar with `desk.shell.add_to_corner(widget)`, words to the user with `desk.shell.tell(Notice(...))`.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from app.desk import Desk, Page


@dataclass(frozen=True, slots=True)
class PageSpec:
    """One row."""

    name: str
    title: str  # marked for translation
    icon: str
    module: str  # has build(desk) -> Page


PAGES: tuple[PageSpec, ...] = (
    PageSpec("live", str(QT_TRANSLATE_NOOP("Pages", "Live")), "live", "app.presenters.live_page"),
)
ATTACHMENTS: tuple[str, ...] = ()


def title_of(row: PageSpec) -> str:
    """The page's title in the user's language."""
    return QCoreApplication.translate("Pages", row.title)


def build_page(row: PageSpec, desk: Desk) -> Page:
    """Import the page's module and build the page."""
    page: Page = importlib.import_module(row.module).build(desk)
    return page
