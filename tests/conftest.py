"""Set-up for every test: Qt without a screen, one thread per library, and where the data is."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OMP_NUM_THREADS", "1")

from engine.capture.opencv_beside_qt import take_back_qt_paths

take_back_qt_paths()


@pytest.fixture(scope="session")
def data_root() -> Path:
    """The folder named by STEADYSCOPE_DATA; tests on real photos skip without it."""
    root = os.environ.get("STEADYSCOPE_DATA")
    if not root or not Path(root).is_dir():
        pytest.skip("STEADYSCOPE_DATA names no data folder")
    return Path(root)
