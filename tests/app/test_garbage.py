"""Cycles that hold Qt objects are collected on the window's thread and nowhere else."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.garbage import GarbageCollector


class Cycle:
    """Holds itself, and remembers on which thread it went."""

    ends: list[int] = []  # noqa: RUF012

    def __init__(self) -> None:
        self.me = self

    def __del__(self) -> None:
        self.ends.append(threading.get_ident())


@pytest.fixture
def collector(qapp: QApplication) -> Iterator[GarbageCollector]:
    home = QObject()
    built = GarbageCollector(home)
    built.start()
    Cycle.ends.clear()
    yield built
    built.stop()


def allocate(kept: list[object]) -> None:
    """More than enough for Python to look for cycles at once."""
    Cycle()
    kept += [[] for _ in range(20_000)]


def test_a_cycle_made_on_a_busy_thread_ends_on_the_windows(collector: GarbageCollector, qtbot: QtBot) -> None:
    kept: list[object] = []
    thread = threading.Thread(target=allocate, args=(kept,))
    thread.start()
    thread.join()
    assert not Cycle.ends  # Python alone would have collected it over there
    qtbot.waitUntil(lambda: bool(Cycle.ends), timeout=5000)
    assert Cycle.ends == [threading.get_ident()]


def test_afterwards_python_collects_as_before(collector: GarbageCollector) -> None:
    assert not gc.isenabled()
    collector.stop()
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0
