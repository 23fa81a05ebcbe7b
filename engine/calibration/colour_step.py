"""The colour step: an exposure meter for whoever lights the chart, then the chart, read when it stands still."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.calibration.picture import PictureReading
from engine.calibration.picture_step import PictureMeter
from engine.calibration.steps import Entry, StepView
from engine.errors import CalibrationError
from engine.values import Frame, StabilizedFrame

if TYPE_CHECKING:
    from engine.calibration.chart import ChartReading

STILL_PX = 2.0  # a corner may move this far between two readings
STILL_LEVELS = 3.0  # and a patch may change this much


class ColourMeter(PictureMeter):
    """Reads exposure and judges nothing: runs until the step is started."""

    name = "colour"

    def advice(self, reading: PictureReading) -> str:
        """Focus does not matter to a chart's flat patches."""
        del reading
        return "Nothing is clipped: start."


class ColourStep:
    """Looks for the chart until it is read twice alike with no patch over- or underexposed."""

    name = "colour"

    def __init__(self, meter: ColourMeter | None = None) -> None:
        self._meter = meter or ColourMeter()
        self._last: ChartReading | None = None
        self._is_read = False

    @property
    def is_done(self) -> bool:
        """The chart was read well."""
        return self._is_read

    def feed(self, frame: Frame, output: StabilizedFrame | None) -> StepView:
        """Try this frame. A patch that the exposure cuts off is told, and waited for: a knob mends it."""
        from engine.calibration.chart import read_chart  # the colour library takes a second to import
        from engine.calibration.colour_fit import exposure_words

        del output
        seen = self._meter.read(frame.pixels)
        before = self._last
        try:
            self._last = read_chart(frame.pixels)
        except CalibrationError as error:
            self._last = None
            return StepView(0.0, f"{error.sentence} {error.remedy}", picture=seen)
        size = np.array([frame.pixels.shape[1], frame.pixels.shape[0]])
        points = tuple((float(x), float(y)) for x, y in self._last.corners / size)
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


def _is_alike(a: ChartReading, b: ChartReading) -> bool:
    """Whether chart and light stood still between two readings."""
    moved = np.linalg.norm(a.corners - b.corners, axis=1).max()
    return bool(moved <= STILL_PX and np.abs(a.values - b.values).max() <= STILL_LEVELS)
