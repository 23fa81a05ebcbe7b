"""The last ten seconds as curves: stage times, the tooth's path raw and stabilized, and their spectra."""

from __future__ import annotations

import importlib
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Qt, QTimer

from app.desk import Desk
from engine.events import Event, EventKind
from engine.values import StabilizedFrame

if TYPE_CHECKING:
    from app.views.plots import PlotStrip  # pyqtgraph is imported after the window has opened, see _warm_up

SPAN_S = 10.0  # as the axes of app/views/plots.py
KEPT = 900  # frames: ten seconds at 90 fps
DRAW_EVERY_MS = 200
LEAST_FOR_SPECTRUM = 64
WARM_UP_MS = 200  # while source and engine open; later the picture would stand still, and the engine's be late
STAGES = ("preprocess", "infer", "lift", "stabilize", "warp")
Series = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sample:
    """One frame's contribution."""

    at_s: float
    stage_ms: tuple[float, ...]
    raw_x: float  # accumulated sideways movement of the tooth in the raw picture, px; NaN when unseen
    stabilized_x: float


class ToothPath:
    """Follows a point of the tooth through the frames, in the raw and in the stabilized picture."""

    def __init__(self) -> None:
        self._point: Series | None = None  # homogeneous, raw pixels of the newest frame
        self._seen: Series | None = None  # the same point in the stabilized picture
        self.raw_x = 0.0
        self.stabilized_x = 0.0

    def advance(self, output: StabilizedFrame) -> tuple[float, float]:
        """Accumulated (raw, stabilized) sideways movement in px; NaN when the tooth was not seen."""
        height, width = output.raw.pixels.shape[:2]
        if output.motion is None:
            self._point = None
            return float("nan"), float("nan")
        if self._point is not None and self._seen is not None:
            moved = output.motion.current_from_previous @ self._point
            seen = output.stabilized_from_raw @ moved
            self.raw_x += float(moved[0] - self._point[0])
            self.stabilized_x += float(seen[0] - self._seen[0])
            self._point = moved
        if self._point is None or not self._is_inside(self._point, width, height):
            self._point = np.array((width / 2, height / 2, 1.0))
        self._seen = output.stabilized_from_raw @ self._point
        return self.raw_x, self.stabilized_x

    @staticmethod
    def _is_inside(point: Series, width: int, height: int) -> bool:
        return bool(0.2 * width < point[0] < 0.8 * width and 0.2 * height < point[1] < 0.8 * height)


def spectrum(at_s: Series, path_px: Series) -> tuple[Series, Series]:
    """(Hz, amplitude in px) of a path sampled at about even times; empty if too short."""
    seen = np.isfinite(path_px)
    if np.count_nonzero(seen) < LEAST_FOR_SPECTRUM:
        return np.zeros(0), np.zeros(0)
    even_s = np.linspace(at_s[0], at_s[-1], len(at_s))
    path = np.interp(even_s, at_s[seen], path_px[seen])
    trend = np.polyval(np.polyfit(even_s, path, 1), even_s)
    window = np.hanning(len(path))
    amplitude = 2 * np.abs(np.fft.rfft((path - trend) * window)) / window.sum()
    frequency = np.fft.rfftfreq(len(path), (even_s[-1] - even_s[0]) / (len(path) - 1))
    return frequency, amplitude


class PlotsPresenter(QObject):
    """Collects always (it is a tuple a frame), draws only while the dock is open."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk.pump)
        self._desk = desk
        self._samples: deque[Sample] = deque(maxlen=KEPT)
        self._path = ToothPath()
        self._strip: PlotStrip | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(DRAW_EVERY_MS)
        self._timer.timeout.connect(self.draw)
        desk.pump.output_arrived.connect(self.collect)
        desk.pump.event_happened.connect(self.hear)
        desk.actions["plots"].toggled.connect(self.show)
        QTimer.singleShot(WARM_UP_MS, self, self._warm_up)

    def close(self) -> None:
        """Draw no more."""
        self._timer.stop()

    def hear(self, event: Event) -> None:
        """A source that opens begins new curves."""
        if event.kind is EventKind.SOURCE_OPENED:
            self._samples.clear()
            self._path = ToothPath()

    def collect(self, output: StabilizedFrame) -> None:
        """Note one frame."""
        raw_x, stabilized_x = self._path.advance(output)
        absent = 0.0 if output.stage_ms else float("nan")  # a frame that the engine never had leaves a gap
        stage_ms = tuple(float(output.stage_ms.get(name, absent)) for name in STAGES)
        self._samples.append(Sample(output.raw.captured_ns / 1e9, stage_ms, raw_x, stabilized_x))

    def show(self, is_shown: bool) -> None:
        """Open or close the dock; built when it is opened for the first time."""
        if self._strip is None:
            from app.views.plots import PlotStrip

            self._strip = PlotStrip(self._desk.theme)
            self._dock = self._desk.shell.add_dock(
                "plots", self.tr("Live plots"), self._strip, Qt.DockWidgetArea.BottomDockWidgetArea
            )
        self._dock.setVisible(is_shown)
        if is_shown:
            self._timer.start()
            self.draw()
        else:
            self._timer.stop()

    def _warm_up(self) -> None:
        """Import before there is a picture that would wait. Never on a worker: pyqtgraph reads all of Qt, and PySide6
        makes some of that at the first reading; done while the window paints, one start in twelve ended there."""
        importlib.import_module("app.views.plots")

    def draw(self) -> None:
        """Draw the last ten seconds."""
        if self._strip is None or len(self._samples) < 2:
            return
        newest = self._samples[-1].at_s
        samples = [sample for sample in self._samples if 0 <= newest - sample.at_s <= SPAN_S]
        at_s = np.array([sample.at_s for sample in samples])
        raw = np.array([sample.raw_x for sample in samples])
        stabilized = np.array([sample.stabilized_x for sample in samples])
        stages = np.array([sample.stage_ms for sample in samples])
        ago = at_s - newest
        self._strip.show_latency(ago, {name: stages[:, i] for i, name in enumerate(STAGES)})
        self._strip.show_path(ago, centred(raw), centred(stabilized))
        frequency, raw_amplitude = spectrum(at_s, raw)
        _, stabilized_amplitude = spectrum(at_s, stabilized)
        if frequency.size and stabilized_amplitude.size == frequency.size:
            shown = frequency >= 0.3
            self._strip.show_spectrum(frequency[shown], raw_amplitude[shown], stabilized_amplitude[shown])


def centred(path_px: Series) -> Series:
    """The path about its middle."""
    return path_px - np.nanmedian(path_px) if np.isfinite(path_px).any() else path_px


def attach(desk: Desk) -> PlotsPresenter:
    """See app/pages.py."""
    return PlotsPresenter(desk)
