"""The latency step's flashing patch: white on black at known moments, watched by the camera."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QProgressBar, QWidget

from app.dialogs.sheet import Sheet
from app.theme import Theme
from app.views.distribution import Distribution
from engine.calibration.entries import latency_entry
from engine.calibration.latency import flash_times, judge, seen_times
from engine.calibration.steps import patch_level
from engine.clock import now_ns
from engine.errors import CalibrationError
from engine.values import Frame

TRIALS = 400
PERIOD_S = 0.3
LIT_S = 0.12
LEAD_S = 1.0
SHOW_EVERY = 4  # flashes
SPARE = 20  # more of them, if some were not seen


def _not_known() -> None:
    """Of a window without an engine."""


class Patch(QWidget):
    """Black, or white; notes when it was painted white."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.is_lit = False
        self.lit_ns: list[int] = []
        self._is_new = False
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def light(self, is_lit: bool) -> None:
        """Change colour; the moment is taken when it is painted."""
        self._is_new = is_lit and not self.is_lit
        self.is_lit = is_lit
        self.repaint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """One colour."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), Qt.GlobalColor.white if self.is_lit else Qt.GlobalColor.black)
        painter.end()
        if self._is_new:
            self._is_new = False
            self.lit_ns.append(now_ns())


class FlashDialog(Sheet):
    """Runs by itself once opened; closing it cancels."""

    measured = Signal(dict)
    refused = Signal(str, str)

    def __init__(
        self,
        theme: Theme,
        fps: float,
        parent: QWidget | None,
        trials: int = TRIALS,
        software_ms: Callable[[], float | None] = _not_known,
    ) -> None:
        """`software_ms` is asked in the end: what a frame in hand takes to become a picture."""
        super().__init__(theme, self.tr("Point the camera at this patch"), "", parent)
        self._words = self.tr("Hold it still until the bar is full: {count} flashes, about two minutes.").format(
            count=trials
        )
        self.explanation.setText(self._words)
        self.explanation.show()
        self.resize(theme.px(720), theme.px(720))
        self.patch = Patch(self)
        self.patch.setMinimumHeight(theme.px(320))
        self.body.addWidget(self.patch, 1)
        self.spread = Distribution(theme)
        self.spread.setFixedHeight(theme.px(120))
        self.spread.show_samples((), self.tr("Flash to frame"))
        self.body.addWidget(self.spread)
        self.bar = QProgressBar()
        self.bar.setRange(0, trials)
        self.bar.setTextVisible(False)
        self.body.addWidget(self.bar)
        self.add_close_button().setText(self.tr("Cancel"))
        self._interval_s, self._software_ms = 1 / fps, software_ms
        self._trials = trials
        self._plan_s = flash_times(LEAD_S, PERIOD_S, self._interval_s, trials + SPARE)
        self._began_ns = now_ns()
        self._levels: list[float] = []
        self._times_ns: list[int] = []
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._advance)
        self.finished.connect(self.stop)
        self._wait()

    def see(self, frame: Frame) -> None:
        """One raw frame from the camera."""
        self._levels.append(patch_level(frame.pixels))
        self._times_ns.append(frame.captured_ns)

    def stop(self) -> None:
        """Flash no more."""
        self._timer.stop()

    def _wait(self) -> None:
        now_s = (now_ns() - self._began_ns) / 1e9
        done = len(self.patch.lit_ns)
        if self.patch.is_lit:
            due_s = (self.patch.lit_ns[-1] - self._began_ns) / 1e9 + LIT_S
        elif not self.is_enough:
            due_s = float(self._plan_s[done])
        else:
            due_s = now_s + 1.0
        self._timer.start(max(0, round(1000 * (due_s - now_s))))

    def _advance(self) -> None:
        if not self.patch.is_lit and self.is_enough:
            self._judge()
            return
        self.patch.light(not self.patch.is_lit)
        self.bar.setValue(len(self.patch.lit_ns))
        if not self.patch.is_lit and len(self.patch.lit_ns) % SHOW_EVERY == 0:
            self._show_so_far()
        self._wait()

    @property
    def is_enough(self) -> bool:
        """All trials were seen, or the spare ones are used up too."""
        done = len(self.patch.lit_ns)
        if done < self._trials or done >= len(self._plan_s):
            return done >= self._trials
        try:
            return len(self.delays_ms()) >= self._trials
        except CalibrationError:
            return False

    def delays_ms(self) -> NDArray[np.float64]:
        """Of the flashes that were seen so far. Raises CalibrationError while the patch is not seen to flash."""
        shown, seen = self._seen()
        delays = (seen - shown) * 1000
        return delays[np.isfinite(delays)]

    def _seen(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        shown = np.array(self.patch.lit_ns, np.float64) / 1e9
        if not self._levels:
            raise CalibrationError("The camera sends no pictures.", "Check the source.")
        return shown, seen_times(np.array(self._levels), np.array(self._times_ns, np.float64) / 1e9, shown)

    def _show_so_far(self) -> None:
        """The distribution while it grows, or what is wrong: nobody waits two minutes to be told."""
        try:
            self.spread.show_samples(self.delays_ms().tolist(), self.tr("Flash to frame"))
            self.explanation.setText(self._words)
        except CalibrationError as error:
            self.explanation.setText(f"{error.sentence} {error.remedy}")

    def _screen_ms(self) -> float:
        """Half a refresh until one begins, half until it reaches the middle; what the panel itself adds is not told."""
        return 1000 / max(self.screen().refreshRate(), 24.0)

    def _judge(self) -> None:
        try:
            shown, seen = self._seen()
            entry = latency_entry(judge(shown, seen, self._interval_s, self._screen_ms()), self._software_ms())
        except CalibrationError as error:
            self.refused.emit(error.sentence, error.remedy)
        else:
            self.measured.emit(entry)
        self.accept()
