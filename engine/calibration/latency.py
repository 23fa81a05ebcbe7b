"""How late the picture is: a flashing patch on the screen, seen by the camera, its phase stepped against the frames."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.errors import CalibrationError

FEWEST_TRIALS = 100
GOLDEN = 0.6180339887498949  # steps of the golden ratio fill the frame's phase evenly, whatever the number of trials


@dataclass(frozen=True, slots=True)
class LatencyResult:
    """All in milliseconds."""

    trials: int
    median: float  # from the screen's change to the frame that shows it being in our hands
    p95: float
    p99: float
    sampling: float  # half a frame interval: the mean wait for the next exposure; unavoidable at this rate
    camera: float  # what is left: exposure, read-out, transfer, driver, and the screen's own delay
    screen: float | None  # if it was measured apart
    samples: tuple[float, ...]


def flash_times(start_s: float, period_s: float, frame_interval_s: float, trials: int) -> NDArray[np.float64]:
    """When to flash, (trials,) seconds: about every `period_s`, its phase against the frame clock evenly spread."""
    index = np.arange(trials)
    return start_s + index * period_s + (index * GOLDEN % 1.0) * frame_interval_s


def seen_times(
    brightness: NDArray[np.float64], captured_s: NDArray[np.float64], flashes_s: NDArray[np.float64]
) -> NDArray[np.float64]:
    """For each flash, when the first frame that shows it was in our hands, (trials,) seconds; NaN if none did.

    `brightness` (frames,) is the patch's mean in each frame, `captured_s` (frames,) when the frame was grabbed.
    """
    low, high = np.percentile(brightness, (10, 98))
    if high - low < 8:
        raise CalibrationError(
            "The camera does not see the patch flash.", "Point it at the screen and darken the room."
        )
    is_lit = brightness > low + 0.35 * (high - low)
    rises = captured_s[1:][is_lit[1:] & ~is_lit[:-1]]
    gap = float(np.diff(flashes_s).min()) if len(flashes_s) > 1 else np.inf
    seen = np.full(len(flashes_s), np.nan)
    positions = np.searchsorted(rises, flashes_s)
    for number, position in enumerate(positions):
        if position < len(rises) and rises[position] - flashes_s[number] < gap:
            seen[number] = rises[position]
    return seen


def judge(
    shown_s: NDArray[np.float64], seen_s: NDArray[np.float64], frame_interval_s: float, screen_ms: float | None = None
) -> LatencyResult:
    """Statistics of all trials. Raises CalibrationError when too many were missed."""
    delays = (seen_s - shown_s) * 1000
    delays = delays[np.isfinite(delays)]
    if len(delays) < FEWEST_TRIALS:
        raise CalibrationError(
            f"Only {len(delays)} of {len(shown_s)} flashes were seen; {FEWEST_TRIALS} are needed.",
            "Hold the camera still, close to the patch.",
        )
    median, p95, p99 = (float(value) for value in np.percentile(delays, (50, 95, 99)))
    sampling = 500 * frame_interval_s
    camera = float(delays.mean()) - sampling - (screen_ms or 0.0)
    return LatencyResult(len(delays), median, p95, p99, sampling, camera, screen_ms, tuple(delays.tolist()))


@dataclass(frozen=True, slots=True)
class Timing:
    """How regularly frames come."""

    fps: float
    jitter_ms: float  # standard deviation of the intervals
    worst_ms: float  # the longest interval
    missed: int  # intervals of more than one and a half


def measure_timing(captured_ns: Sequence[int]) -> Timing:
    """From the capture times of thirty or more frames, in nanoseconds."""
    if len(captured_ns) < 30:
        raise CalibrationError("Fewer than thirty frames were captured.", "Let the camera run for some seconds.")
    intervals = np.diff(np.asarray(captured_ns, np.float64)) / 1e6
    typical = float(np.median(intervals))
    return Timing(
        1000 / max(typical, 1e-6),
        float(intervals.std()),
        float(intervals.max()),
        int(np.sum(np.maximum(np.round(intervals / typical) - 1, 0))),
    )
