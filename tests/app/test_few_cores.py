"""On a machine with few cores OpenCV leaves them to the network."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from app.cli import FEW_CORES, leave_cores_to_the_network

NAME = "OPENCV_FOR_THREADS_NUM"
PROGRAM = """
import os
os.cpu_count = lambda: 2
from app.cli import leave_cores_to_the_network
leave_cores_to_the_network()
import cv2
print(cv2.getNumThreads())
"""


@pytest.fixture(autouse=True)
def _as_nobody_chose(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, "")  # noted, so that it is put back
    monkeypatch.delenv(NAME)


def test_on_two_cores_opencv_works_on_the_calling_thread() -> None:
    told = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "1"


def test_on_more_cores_opencv_keeps_its_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: FEW_CORES + 1)
    leave_cores_to_the_network()
    assert NAME not in os.environ


def test_who_has_chosen_a_number_of_threads_keeps_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    monkeypatch.setenv(NAME, "4")
    leave_cores_to_the_network()
    assert os.environ[NAME] == "4"
