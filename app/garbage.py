"""Python's cycle collector on the window's thread alone.

Left to itself it runs on whichever thread allocates next: capture, pipeline, recorder. Windows, timers and sockets that
lie in a cycle would be destroyed there, which Qt does not survive.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

LOOK_MS = 250


class GarbageCollector(QObject):
    """Collects when Python itself would have, but here. Switches Python's own off until `stop`."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.look)

    def start(self) -> None:
        """Once everything stands: what lives now is taken to live on, and is not looked at again."""
        gc.freeze()
        gc.disable()
        self._timer.start(LOOK_MS)

    def look(self) -> None:
        """Collect the oldest generation whose threshold is passed, and the younger ones with it."""
        for generation in (2, 1, 0):
            if gc.get_count()[generation] > gc.get_threshold()[generation] > 0:
                gc.collect(generation)
                return

    def stop(self) -> None:
        """Give the collecting back to Python."""
        self._timer.stop()
        gc.unfreeze()
        gc.enable()
