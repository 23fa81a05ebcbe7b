"""What goes wrong is written down, traceback included."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

from app.log_file import note_bug, note_qt, start_logging


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    root = logging.getLogger()
    handlers, level, hook = list(root.handlers), root.level, sys.excepthook
    root.handlers.clear()
    start_logging(tmp_path / "logs" / "steadyscope.log")
    yield tmp_path / "logs" / "steadyscope.log"
    for handler in root.handlers:
        handler.close()
    root.handlers[:], sys.excepthook = handlers, hook
    root.setLevel(level)
    qInstallMessageHandler(None)


def test_a_bug_is_logged_with_its_traceback(log: Path) -> None:
    try:
        raise ZeroDivisionError("by hand")
    except ZeroDivisionError as error:
        note_bug(type(error), error, error.__traceback__)
    text = log.read_text(encoding="utf-8")
    assert "ZeroDivisionError: by hand" in text
    assert "Traceback" in text


def test_qt_talks_to_the_log_and_not_to_the_terminal(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    note_qt(QtMsgType.QtWarningMsg, QMessageLogContext(), "the screen is round")
    assert "the screen is round" in log.read_text(encoding="utf-8")
    assert capsys.readouterr().err == ""
