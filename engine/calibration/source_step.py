"""The source step: how many frames come, how regularly, and what it costs to unpack them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from engine.calibration.decode_cost import decode_costs
from engine.calibration.entries import timing_entry
from engine.calibration.latency import measure_timing
from engine.calibration.steps import Entry, StepView
from engine.values import Frame, Image, StabilizedFrame

TIMED_FRAMES = 150
UNPACKED_FRAMES = 12
FEWEST_TIMED = 30
MOST_JITTER_SHARE = 0.25  # of the frame interval


@dataclass(frozen=True, slots=True)
class CameraFacts:
    """What only the camera itself can tell; of a file or the demo nothing is known."""

    format: str = ""  # in use: "MJPG 1280x720, 60 fps"
    formats: tuple[str, ...] = ()  # to choose from
    decode_ms: float | None = None  # a frame, from the driver's hand to RGB, as measured while it ran


class SourceStep:
    """Delivered rate and regularity over five seconds."""

    name = "source"

    def __init__(self, nominal_fps: float, ask: Callable[[], CameraFacts] = CameraFacts) -> None:
        """`ask` is called once, with the result."""
        self._nominal, self._ask = nominal_fps, ask
        self._times: list[int] = []
        self._last: deque[Image] = deque(maxlen=UNPACKED_FRAMES)

    @property
    def is_done(self) -> bool:
        """Enough intervals were seen."""
        return len(self._times) >= TIMED_FRAMES

    def feed(self, frame: Frame, output: StabilizedFrame | None) -> StepView:
        """The time counts; the last pictures are kept for the cost of unpacking."""
        del output
        self._times.append(frame.captured_ns)
        self._last.append(frame.pixels)
        facts: tuple[tuple[str, str], ...] = ()
        if len(self._times) >= FEWEST_TIMED:
            timing = measure_timing(self._times)
            facts = (("delivered", f"{timing.fps:.2f} fps"), ("jitter", f"{timing.jitter_ms:.2f} ms"))
        share = len(self._times) / TIMED_FRAMES
        return StepView(share, "Counting frames.", facts=facts, spread_ms=self._intervals_ms())

    def result(self) -> Entry:
        """Fails if frames are missed, if the rate is not what was asked for, or if intervals scatter widely."""
        timing = measure_timing(self._times)
        asked = self._ask()
        problems = []
        if timing.missed:
            problems.append(f"{timing.missed} frames were missed")
        if self._nominal and abs(timing.fps / self._nominal - 1) > 0.1:
            problems.append(f"{timing.fps:.1f} frames a second come, {self._nominal:.0f} were asked for")
        if timing.jitter_ms > MOST_JITTER_SHARE * 1000 / timing.fps:
            problems.append(f"intervals scatter by {timing.jitter_ms:.1f} ms")
        return {
            **timing_entry(timing),
            "format": asked.format,
            "formats": list(asked.formats),
            "decode_ms": asked.decode_ms,
            "decode_costs_ms": {name: round(cost, 3) for name, cost in decode_costs(list(self._last)).items()},
            "intervals_ms": [round(one, 3) for one in self._intervals_ms()],
            "verdict": "fail" if problems else "pass",
            "failures": problems,
        }

    def _intervals_ms(self) -> tuple[float, ...]:
        return tuple((np.diff(np.asarray(self._times, np.float64)) / 1e6).tolist())
