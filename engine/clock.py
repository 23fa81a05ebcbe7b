"""Monotonic time, stage timers and running percentiles."""

from __future__ import annotations

import time
from collections import deque

import numpy as np

from engine.values import LatencyMs


def now_ns() -> int:
    """Monotonic nanoseconds; never jumps with the wall clock."""
    return time.monotonic_ns()


class StageTimer:
    """Splits one frame's work into named stages: call `lap(name)` at the end of each."""

    def __init__(self) -> None:
        self._last_ns = now_ns()
        self.stage_ms: dict[str, float] = {}

    def lap(self, name: str) -> None:
        """Book the time since the last lap under `name`, in milliseconds."""
        current_ns = now_ns()
        self.stage_ms[name] = self.stage_ms.get(name, 0.0) + (current_ns - self._last_ns) / 1e6
        self._last_ns = current_ns

    def skip(self) -> None:
        """Book nothing: the time since the last lap went to another frame."""
        self._last_ns = now_ns()


class RunningPercentiles:
    """p50, p95, p99 over the last `window` samples."""

    def __init__(self, window: int = 300) -> None:
        self._samples: deque[float] = deque(maxlen=window)

    def add(self, sample_ms: float) -> None:
        """Take one more sample, in milliseconds."""
        self._samples.append(sample_ms)

    def read(self) -> LatencyMs:
        """Percentiles now; zeros before the first sample."""
        if not self._samples:
            return LatencyMs(0.0, 0.0, 0.0)
        ordered = np.sort(np.fromiter(self._samples, dtype=np.float64))
        ranks = (len(ordered) - 1) * np.array((0.50, 0.95, 0.99))  # as np.percentile, whose first call takes 40 ms
        p50, p95, p99 = np.interp(ranks, np.arange(len(ordered)), ordered)
        return LatencyMs(float(p50), float(p95), float(p99))


class RateMeter:
    """Events a second over the last `window` events."""

    def __init__(self, window: int = 60) -> None:
        self._times_ns: deque[int] = deque(maxlen=window)

    def tick(self, at_ns: int) -> None:
        """Book one event at `at_ns` (monotonic)."""
        self._times_ns.append(at_ns)

    def read_hz(self) -> float:
        """Rate in Hz; 0 before the second event."""
        if len(self._times_ns) < 2:
            return 0.0
        span_ns = self._times_ns[-1] - self._times_ns[0]
        return (len(self._times_ns) - 1) / span_ns * 1e9 if span_ns > 0 else 0.0
