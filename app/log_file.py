"""Where the program writes what it does and what went wrong, traceback included; kept small."""

from __future__ import annotations

import logging
import sys
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType

import platformdirs
from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

KEPT_BYTES = 1_000_000


def log_path() -> Path:
    """The newest log file of this user."""
    return Path(platformdirs.user_log_dir("steadyscope", appauthor=False)) / "steadyscope.log"


def start_logging(path: Path) -> None:
    """Log to `path`, and a bug on the window's thread too: it is written down, and the picture goes on."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handler: logging.Handler = RotatingFileHandler(path, maxBytes=KEPT_BYTES, backupCount=2, encoding="utf-8")
    except OSError:  # a full or read-only home must not keep the picture from the dentist
        handler = logging.StreamHandler()
    logging.basicConfig(
        level=logging.INFO, handlers=[handler], format="%(asctime)s %(levelname)s %(threadName)s %(name)s: %(message)s"
    )
    sys.excepthook = note_bug
    qInstallMessageHandler(note_qt)


def note_qt(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
    """What Qt has to say goes to the log, not between the lines of the command line."""
    level = logging.ERROR if kind in (QtMsgType.QtCriticalMsg, QtMsgType.QtFatalMsg) else logging.INFO
    logging.getLogger(f"qt.{context.category or 'default'}").log(level, message)


def note_bug(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
    """Write an unexpected exception down; Ctrl-C stays Ctrl-C."""
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, traceback)
    else:
        logging.getLogger("app").error("unexpected", exc_info=(kind, error, traceback))
