"""Windows of a test, shown and taken down again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QCoreApplication, QEvent

from app.compose import House


@contextmanager
def standing(house: House) -> Iterator[House]:
    """The window, shown, with its pump stopped: tests call `pump.tick()`. Nothing of it is left behind."""
    house.show()
    house.pump.stop()
    try:
        yield house
    finally:
        house.window.close()
        house.desk.workers.waitForDone(5000)
        house.window.deleteLater()
        house.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
