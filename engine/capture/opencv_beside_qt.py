"""Keeps OpenCV's import from leading Qt to OpenCV's own copy of the Qt plugins."""

from __future__ import annotations

import os
from pathlib import Path

import cv2

POINTERS = ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR")


def take_back_qt_paths() -> None:
    """Call once before the QApplication: forget the Qt paths that importing OpenCV has set; a user's own ones stay."""
    home = Path(cv2.__file__).resolve().parent
    for name in POINTERS:
        value = os.environ.get(name)
        if value and Path(value).resolve().is_relative_to(home):
            del os.environ[name]
