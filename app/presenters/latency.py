"""The latency step's dialog, fed with the live frames for as long as it is open."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from app.desk import Desk
from app.dialogs.flash import FlashDialog


class LatencyRun(QObject):
    """At most one dialog at a time."""

    measured = Signal(dict)  # the step's entry
    refused = Signal(str, str)  # sentence, remedy
    ended = Signal()  # measured, refused or cancelled

    def __init__(self, desk: Desk, parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk
        self.dialog: FlashDialog | None = None

    def start(self, fps: float, window: QWidget) -> None:
        """Flash until all trials are done or the dialog is closed."""
        self.dialog = FlashDialog(self._desk.theme, fps, window, software_ms=self._software_ms)
        self._desk.pump.raw_arrived.connect(self.dialog.see)
        self.dialog.measured.connect(self.measured)
        self.dialog.refused.connect(self.refused)
        self.dialog.finished.connect(self._end)
        self.dialog.open()

    def stop(self) -> None:
        """Flash no more: the window closes."""
        if self.dialog is not None:
            self.dialog.stop()

    def _software_ms(self) -> float | None:
        """From a frame in hand to its stabilized picture, the median of late; None while nothing runs."""
        return self._desk.session.health().latency_ms.p50 or None

    def _end(self) -> None:
        self.dialog = None
        self.ended.emit()
