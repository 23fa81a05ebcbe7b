"""Counts and times of one session: rates, latency, stages, drops, modes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock

from engine.clock import RateMeter, RunningPercentiles, now_ns
from engine.values import LatencyMs, StabilizedFrame

WHOLE_RUN = 20_000  # samples: eleven minutes at 30 fps
DRY_NS = 1_000_000_000  # without a frame for so long there is no rate
SMOOTHING = 0.1  # weight of the newest frame in the running stage times


@dataclass(frozen=True, slots=True)
class Tally:
    """Everything counted since the start."""

    frames_in: int
    frames_processed: int
    frames_covered: int  # shown raw because the engine was loading, stuck or bypassed
    fps_in: float  # from the first frame to the newest
    fps_processed: float
    latency_ms: LatencyMs
    stage_ms: Mapping[str, float]  # means
    modes: Mapping[str, int]
    tracking: Mapping[str, int]
    working_size: str  # "640x480": of the network's picture, of late; empty where no network ran


class _Stream:
    """Count, whole-run rate and momentary rate of one stream of frames."""

    def __init__(self) -> None:
        self.count = 0
        self._first_ns = 0
        self._last_ns = 0
        self.now = RateMeter()

    def tick(self, at_ns: int) -> None:
        if self.count == 0:
            self._first_ns = at_ns
        self.count += 1
        self._last_ns = at_ns
        self.now.tick(at_ns)

    def now_hz(self, now: int) -> float:
        """Rate of late; 0 when the stream has dried up."""
        return self.now.read_hz() if now - self._last_ns < DRY_NS else 0.0

    def mean_hz(self) -> float:
        span_ns = self._last_ns - self._first_ns
        return (self.count - 1) / span_ns * 1e9 if span_ns > 0 else 0.0


class Meters:
    """Written by the threads, read by the window."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._in = _Stream()
        self._processed = _Stream()
        self._covered = 0
        self._latency = RunningPercentiles()
        self._whole_latency = RunningPercentiles(WHOLE_RUN)
        self._stage_ms: dict[str, float] = {}
        self._stage_sums: Counter[str] = Counter()
        self._modes: Counter[str] = Counter()
        self._tracking: Counter[str] = Counter()
        self._working_size = ""

    def count_in(self, at_ns: int) -> None:
        """One frame arrived at `at_ns` (monotonic)."""
        with self._lock:
            self._in.tick(at_ns)

    def count_covered(self) -> None:
        """One raw frame was shown in the engine's stead."""
        with self._lock:
            self._covered += 1

    def count_processed(self, output: StabilizedFrame, latency_ms: float, at_ns: int) -> None:
        """One frame came out of the pipeline at `at_ns` (monotonic)."""
        with self._lock:
            self._processed.tick(at_ns)
            self._latency.add(latency_ms)
            self._whole_latency.add(latency_ms)
            self._modes[output.mode.value] += 1
            self._tracking[output.tracking.value] += 1
            if output.inference is not None:
                height, width = output.inference.enhanced.shape[:2]
                self._working_size = f"{width}x{height}"
            for name, value in output.stage_ms.items():
                self._stage_sums[name] += value  # type: ignore[assignment]  # Counter of floats
                self._stage_ms[name] = value + (1 - SMOOTHING) * (self._stage_ms.get(name, value) - value)

    def rates(self) -> tuple[float, float]:
        """Frames a second in and out, over the last 60 frames; 0 for a stream that has dried up."""
        now = now_ns()
        with self._lock:
            return self._in.now_hz(now), self._processed.now_hz(now)

    def recent(self) -> tuple[LatencyMs, dict[str, float]]:
        """Latency over the last 300 frames, and smoothed stage times."""
        with self._lock:
            return self._latency.read(), dict(self._stage_ms)

    def tally(self) -> Tally:
        """Everything since the start."""
        with self._lock:
            frames = max(1, self._processed.count)
            return Tally(
                frames_in=self._in.count,
                frames_processed=self._processed.count,
                frames_covered=self._covered,
                fps_in=self._in.mean_hz(),
                fps_processed=self._processed.mean_hz(),
                latency_ms=self._whole_latency.read(),
                stage_ms={name: total / frames for name, total in self._stage_sums.items()},
                modes=dict(self._modes),
                tracking=dict(self._tracking),
                working_size=self._working_size,
            )
