"""Ten minutes of demo with a recorder listening: `python -m tests.bench.soak [--seconds 600] [--out F.json]`.

Memory, latency and drops are noted every few seconds. Memory must be flat after the first minute, the recorder's tap
must refuse nothing, and the p99 latency of the last part must stay near that of the first.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from statistics import mean

import psutil

from app.opening import BACKENDS, EngineChoice
from engine.capture.synthetic import SyntheticSource
from engine.inference.choose import AUTO, DEFAULT_MODEL, BackendOptions
from engine.recording.tap import Tap
from engine.session import Session
from engine.values import Frame, StabilizedFrame

SAMPLE_EVERY_S = 5.0
WARM_UP_S = 60.0
FLAT_MIB_PER_MINUTE = 1.0
FRAME_BYTES = 640 * 480 * 3


class DrainedTaps:
    """The recorder's own taps, emptied as a recorder would, without a disk."""

    def __init__(self) -> None:
        self.raw: Tap[Frame] = Tap()
        self.output: Tap[StabilizedFrame] = Tap()
        self.raw.open(FRAME_BYTES)
        self.output.open(2 * FRAME_BYTES)
        self.taken = 0

    def offer_raw(self, frame: Frame) -> None:
        """From capture."""
        self.raw.offer(frame.seq, frame)

    def offer_output(self, result: StabilizedFrame) -> None:
        """From the pipeline."""
        self.output.offer(result.raw.seq, result)

    def drain(self) -> None:
        """Take all that is there."""
        while self.raw.take(0) is not None or self.output.take(0) is not None:
            self.taken += 1

    @property
    def refused(self) -> int:
        """Frames lost at the tap."""
        return self.raw.refused_total + self.output.refused_total


def watch(session: Session, taps: DrainedTaps, seconds: float) -> list[dict[str, float]]:
    """One sample every few seconds; pictures are taken as the window takes them."""
    process, began_s, samples = psutil.Process(), time.monotonic(), []
    next_s = SAMPLE_EVERY_S
    while (elapsed_s := time.monotonic() - began_s) < seconds:
        session.take_raw()
        session.take_output()
        taps.drain()
        time.sleep(1 / 60)
        if elapsed_s >= next_s:
            next_s += SAMPLE_EVERY_S
            samples.append({**sampled(process, session, elapsed_s), "tap_refused": taps.refused})
    return samples


def sampled(process: psutil.Process, session: Session, elapsed_s: float) -> dict[str, float]:
    """Memory, latency and rates at this moment."""
    health = session.health()
    return {
        "t_s": round(elapsed_s, 1),
        "rss_mib": round(process.memory_info().rss / 2**20, 1),
        "p50_ms": round(health.latency_ms.p50, 1),
        "p95_ms": round(health.latency_ms.p95, 1),
        "p99_ms": round(health.latency_ms.p99, 1),
        "fps_in": round(health.fps_in, 1),
        "fps_processed": round(health.fps_processed, 1),
    }


def slope_mib_per_minute(samples: list[dict[str, float]]) -> float:
    """Least-squares slope of the resident memory."""
    times = [sample["t_s"] / 60 for sample in samples]
    memory = [sample["rss_mib"] for sample in samples]
    middle, level = mean(times), mean(memory)
    spread = sum((t - middle) ** 2 for t in times)
    return sum((t - middle) * (m - level) for t, m in zip(times, memory, strict=True)) / spread if spread else 0.0


def main() -> int:
    """Run, judge, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--backend", choices=BACKENDS, default=AUTO)
    parser.add_argument("--model", default=DEFAULT_MODEL)
    parser.add_argument("--allow-untrained", action="store_true")
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    backend = BackendOptions(args.backend, args.model, allow_untrained=args.allow_untrained, keeps_pace=True)
    session, taps = Session(EngineChoice(backend)), DrainedTaps()
    session.attach_recorder(taps)
    session.start(SyntheticSource())
    samples = watch(session, taps, args.seconds)
    health, tally = session.health(), session.tally()
    session.stop()
    session.wait_until_stopped(5.0)
    settled = [sample for sample in samples if sample["t_s"] >= min(WARM_UP_S, args.seconds / 3)] or samples
    half = len(settled) // 2
    result = {
        "seconds": args.seconds,
        "backend": health.backend,
        "model": health.model,
        "frames_in": tally.frames_in if tally else 0,
        "frames_processed": tally.frames_processed if tally else 0,
        "frames_covered": tally.frames_covered if tally else 0,
        "rss_mib_first_last": [settled[0]["rss_mib"], settled[-1]["rss_mib"]],
        "rss_slope_mib_per_minute": round(slope_mib_per_minute(settled), 3),
        "p99_ms_first_half": round(mean(sample["p99_ms"] for sample in settled[: half or 1]), 1),
        "p99_ms_second_half": round(mean(sample["p99_ms"] for sample in settled[half:]), 1),
        "tap_refused": taps.refused,
        "samples": samples[:: max(1, len(samples) // 24)],
    }
    is_good = taps.refused == 0 and float(str(result["rss_slope_mib_per_minute"])) <= FLAT_MIB_PER_MINUTE
    text = json.dumps({"verdict": "pass" if is_good else "fail", **result}, indent=1)
    if args.out is not None:
        args.out.parent.mkdir(parents=True, exist_ok=True)
        args.out.write_text(text + "\n", encoding="utf-8")
    sys.stdout.write(text + "\n")
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
