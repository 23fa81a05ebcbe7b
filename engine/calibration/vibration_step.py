"""The vibration step: the motion of a fixed target, raw and stabilized, live as a spectrogram and judged in the end."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from engine.calibration.entries import vibration_entry
from engine.calibration.registration import Registration
from engine.calibration.spectrogram import Spectrogram, SpectrogramView
from engine.calibration.steps import Entry, StepView
from engine.calibration.vibration import analyse
from engine.errors import CalibrationError
from engine.values import Frame, StabilizedFrame

MOVING_S = 12.0
Place = tuple[float, float, float, float]  # x, y of the raw picture, x, y of the stabilized one, in pixels


class VibrationMeter:
    """The live spectrogram; judges nothing."""

    name = "vibration"
    is_done = False

    def __init__(self, fps: float) -> None:
        self._raw, self._held = Registration(), Registration()
        self._spectrogram = Spectrogram(fps or 30.0)
        self._motion: SpectrogramView | None = None
        self.times_ns: list[int] = []
        self.places: list[Place] = []

    def feed(self, frame: Frame, output: StabilizedFrame | None) -> StepView:
        """Register both pictures against their first."""
        if output is None:
            return StepView(0.0, "Waiting for the stabilized picture.")
        place: Place = (*self._raw.shift(frame.pixels), *self._held.shift(output.pixels))
        self.times_ns.append(frame.captured_ns)
        self.places.append(place)
        if self._spectrogram.feed(frame.captured_ns / 1e9, place):
            self._motion = self._spectrogram.view()
        facts = (
            ("raw", f"{place[0]:+.1f}, {place[1]:+.1f} px"),
            ("stabilized", f"{place[2]:+.1f}, {place[3]:+.1f} px"),
        )
        is_lost = not np.isfinite(place).all()
        hint = "The target is lost: bring it back." if is_lost else "Hold the handpiece over the fixed target."
        return StepView(0.0, hint, facts=facts, motion=self._motion)

    def result(self) -> Entry:
        """There is none."""
        raise CalibrationError("A meter has no result.", "Start the step.")


class VibrationStep:
    """Twelve seconds of it, and the spectra of both."""

    name = "vibration"

    def __init__(self, um_per_px: Callable[[], float | None], fps: float = 30.0) -> None:
        self._um_per_px = um_per_px
        self._meter = VibrationMeter(fps)

    @property
    def is_done(self) -> bool:
        """Long enough."""
        return self._seconds >= MOVING_S

    @property
    def _seconds(self) -> float:
        times = self._meter.times_ns
        return (times[-1] - times[0]) / 1e9 if len(times) > 1 else 0.0

    def feed(self, frame: Frame, output: StabilizedFrame | None) -> StepView:
        """Collect."""
        seen = self._meter.feed(frame, output)
        return StepView(self._seconds / MOVING_S, seen.hint, facts=seen.facts, motion=seen.motion)

    def result(self) -> Entry:
        """Spectra of both. Raises CalibrationError for a path with gaps."""
        at_s = np.array(self._meter.times_ns, np.float64) / 1e9
        paths, fps = evenly(at_s, np.array(self._meter.places, np.float64).reshape(-1, 4))
        return vibration_entry(analyse(paths[:, :2], fps), analyse(paths[:, 2:], fps), self._um_per_px())


def evenly(at_s: np.ndarray, paths: np.ndarray) -> tuple[np.ndarray, float]:
    """(N, C) samples at uneven times (a busy machine skips frames) -> the same at even ones, and their rate in Hz."""
    if len(at_s) < 2:
        raise CalibrationError("No motion was seen.", "Check the source.")
    even_s = np.linspace(at_s[0], at_s[-1], len(at_s))
    columns = [np.interp(even_s, at_s, column) for column in paths.T]  # a gap (NaN) stays one
    return np.stack(columns, axis=1), float((len(at_s) - 1) / (at_s[-1] - at_s[0]))
