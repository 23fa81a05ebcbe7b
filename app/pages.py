"""The table of pages beside the live one (REVIEW, CALIBRATE), and of what attaches itself to the live page.

To add a page:
1. write `app/presenters/NAME.py` with `build(desk: Desk) -> Page` (`app/desk.py` says what lies on the
   desk and what a page is);
2. add a row to `PAGES`. The module is imported when the page is shown for the first time, so it costs no start-up time;
3. add its actions as rows to `app/actions.py` and connect `desk.actions["name"].triggered` in the presenter. Letters
   are shared by all pages: a page that wants a live key for itself reads it in its own widget's `keyPressEvent`.

What must be there before its page is shown (recording controls on the live page, say) goes to `ATTACHMENTS`:
modules with `attach(desk: Desk) -> Attachment`, called once the window stands; `close()` is called when it closes.
Widgets go to the top bar with `desk.shell.add_to_corner(widget)`, docks with `desk.shell.add_dock(...)`, words to the
user with `desk.shell.tell(Notice(...))`. Frames come from `desk.pump.raw_arrived` and `desk.pump.output_arrived`
(connect in `enter`, disconnect in `leave`); anything slower than 8 ms goes to `desk.workers`.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from app.desk import Attachment, Desk, Page


@dataclass(frozen=True, slots=True)
class PageSpec:
    """One row."""

    name: str
    title: str  # marked for translation
    icon: str  # of resources/icons
    module: str  # has build(desk) -> Page


LIVE = PageSpec("live", str(QT_TRANSLATE_NOOP("Pages", "Live")), "live", "")  # built by app/compose.py itself
PAGES: tuple[PageSpec, ...] = (
    PageSpec("review", str(QT_TRANSLATE_NOOP("Pages", "Review")), "review", "app.presenters.review"),
    PageSpec("calibrate", str(QT_TRANSLATE_NOOP("Pages", "Calibrate")), "calibrate", "app.presenters.calibration"),
)
ATTACHMENTS: tuple[str, ...] = (
    "app.presenters.plots",
    "app.presenters.reception",  # before the recording, so that the patient stands left of its light
    "app.presenters.recording",
    "app.presenters.camera_button",
    "app.presenters.correction",
)


def title_of(row: PageSpec) -> str:
    """The page's title in the user's language."""
    return QCoreApplication.translate("Pages", row.title)


def build_page(row: PageSpec, desk: Desk) -> Page:
    """Import the page's module and build the page."""
    page: Page = importlib.import_module(row.module).build(desk)
    return page


def attach(module: str, desk: Desk) -> Attachment:
    """Import an attachment's module and attach it."""
    attachment: Attachment = importlib.import_module(module).attach(desk)
    return attachment
