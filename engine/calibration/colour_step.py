"""The colour step: an exposure meter for whoever lights the chart, then the chart, read when it stands still."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.calibration.picture import PictureReading
from engine.calibration.picture_step import PictureMeter
from engine.calibration.steps import Entry, StepView
from engine.errors import CalibrationError
from engine.values import Frame, StabilizedFrame

if TYPE_CHECKING:
    from engine.calibration.chart import ChartReading

STILL_PX = 2.0  # a corner may move this far between two readings
CORNERS = 4
STILL_LEVELS = 3.0  # and a patch may change this much


class ColourMeter(PictureMeter):
    """Reads exposure and judges nothing: runs until the step is started."""

    name = "colour"

    def advice(self, reading: PictureReading) -> str:
        """Focus does not matter to a chart's flat patches."""
        del reading
        return "Nothing is clipped: start."


class ColourStep:
    """Looks for the chart until it is read twice alike with no patch over- or underexposed.

    Where it is not found by itself, its corners can be tapped.
    """

    name = "colour"

    def __init__(self, meter: ColourMeter | None = None) -> None:
        self._taps: tuple[tuple[float, float], ...] = ()
        self._meter = meter or ColourMeter()
        self._last: ChartReading | None = None
        self._is_read = False

    @property
    def is_done(self) -> bool:
        """The chart was read well."""
        return self._is_read

    def tap(self, x: float, y: float) -> None:
        """An outer corner of a corner patch, in pixels and any order; after four the next begins anew. Any thread."""
        self._taps = (*(self._taps if len(self._taps) < CORNERS else ()), (x, y))

    def feed(self, frame: Frame, output: StabilizedFrame | None) -> StepView:
        """Try this frame. A patch that the exposure cuts off is told, and waited for: a knob mends it."""
        from engine.calibration.chart import read_chart  # the colour library takes a second to import
        from engine.calibration.colour_fit import exposure_words

        del output
        seen = self._meter.read(frame.pixels)
        before, taps = self._last, self._taps
        size = np.array([frame.pixels.shape[1], frame.pixels.shape[0]])
        if 0 < len(taps) < CORNERS:
            self._last = None
            return StepView(
                0.0, "Tap the next corner of the chart.", points=_shares(np.array(taps), size), picture=seen
            )
        try:
            self._last = read_chart(frame.pixels, _in_turn(np.array(taps)) if taps else None)
        except CalibrationError as error:
            self._last = None
            return StepView(0.0, f"{error.sentence} {error.remedy}", picture=seen)
        points = _shares(self._last.corners, size)
        words = exposure_words(self._last)
        if words:
            hint = f"{words[0].upper()}{words[1:]}."
        elif before is None or not _is_alike(before, self._last):
            hint = "Hold still."
        else:
            self._is_read = True
            hint = "The chart was read."
        return StepView(float(self._is_read), hint, points=points, picture=seen)

    def result(self) -> Entry:
        """Fit and judge the last reading. Raises CalibrationError if no chart was seen."""
        from engine.calibration.colour_fit import calibrate_colour
        from engine.calibration.entries import colour_entry

        if self._last is None:
            raise CalibrationError("No colour chart was seen.", "Fill the picture with the chart.")
        return colour_entry(calibrate_colour(self._last), self._last)


def _shares(places: NDArray[np.float64], size: NDArray[np.int_]) -> tuple[tuple[float, float], ...]:
    """(N, 2) pixels as shares of the picture's (width, height)."""
    return tuple((float(x), float(y)) for x, y in places / size)


def _in_turn(corners: NDArray[np.float64]) -> NDArray[np.float64]:
    """(4, 2) in the order in which one walks round them."""
    x, y = (corners - corners.mean(0)).T
    return np.asarray(corners[np.arctan2(y, x).argsort()], np.float64)


def _is_alike(a: ChartReading, b: ChartReading) -> bool:
    """Whether chart and light stood still between two readings."""
    moved = np.linalg.norm(a.corners - b.corners, axis=1).max()
    return bool(moved <= STILL_PX and np.abs(a.values - b.values).max() <= STILL_LEVELS)
