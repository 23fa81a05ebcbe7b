"""How much a window that never rests slows the pipeline: `python -m tests.bench.busy_window [--out F.json]`.

The same recorded pictures go through a real session as fast as they can, in turns with the main thread asleep and with
it in a pure Python loop, the worst that a window can do to Python's lock. Medians of interleaved rounds.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import cv2

from engine.capture.source import SourceInfo
from engine.inference.preprocess import working_size
from engine.pipeline import Pipeline
from engine.processing import PipelineOpener
from engine.remote import RemotePipeline
from engine.session import Session
from engine.stabilization.stabilizer import Stabilizer
from engine.values import Frame, Image, Inference
from tests.bench.outside_engine import STRIDE, Recalled, frames_of, record

ENGINE_MS = 25.0  # what a network of this class takes


class Endless:
    """Recorded pictures as a file without end: back-pressure, no pace."""

    identity = "endless"

    def __init__(self, pictures: list[Image]) -> None:
        self._pictures = pictures
        self._seq = -1

    def open(self) -> SourceInfo:
        """Ready at once."""
        height, width = self._pictures[0].shape[:2]
        return SourceInfo(self.identity, "Endless", width, height, 30.0, is_live=False)

    def read(self, timeout_s: float) -> Frame:
        """The next picture."""
        self._seq += 1
        return Frame(self._pictures[self._seq % len(self._pictures)], self._seq, round(self._seq * 1e9 / 30))

    def close(self) -> None:
        """Nothing to free."""


class Working(Recalled):
    """A back end that computes for `ENGINE_MS` on a device of its own: what slows it down is Python's lock alone."""

    def infer(self, pixels: Image, seq: int) -> Inference:
        """Wait for the device, then remember."""
        time.sleep(ENGINE_MS / 1e3)
        return super().infer(pixels, seq)


def rate(session: Session, seconds: float, pass_time: Callable[[float], None]) -> float:
    """Frames a second while the main thread does `pass_time(seconds)`."""
    before, began_s = frames_of(session), time.perf_counter()
    pass_time(seconds)
    return (frames_of(session) - before) / (time.perf_counter() - began_s)


def spin(seconds: float) -> None:
    """Hold Python's lock as much as Python lets one thread."""
    until_s, number = time.perf_counter() + seconds, 0
    while time.perf_counter() < until_s:
        for _ in range(1000):
            number += 1


@dataclass(frozen=True)
class OpenWorking:
    """Opens the working pipeline, here or (it is picklable) over there."""

    fields: list[Inference]

    def __call__(self, size: tuple[int, int]) -> Pipeline:
        """For pictures of (height, width) `size`."""
        cv2.setNumThreads(1)
        return Pipeline(Working(working_size(*size, STRIDE), self.fields), Stabilizer())


@dataclass(frozen=True)
class OpenRemotely:
    """The same in a process of its own."""

    opener: OpenWorking

    def __call__(self, size: tuple[int, int]) -> RemotePipeline:
        """For pictures of (height, width) `size`."""
        return RemotePipeline(self.opener, size)


def measure(name: str, opener: PipelineOpener, pictures: list[Image], args: argparse.Namespace) -> dict[str, object]:
    """Quiet and busy rounds in turns."""
    session = Session(opener)
    session.start(Endless(pictures))
    while not frames_of(session):
        time.sleep(0.05)
    time.sleep(0.5)
    quiet, busy = [], []
    for _ in range(args.rounds):
        quiet.append(rate(session, args.seconds, time.sleep))
        busy.append(rate(session, args.seconds, spin))
    stage_ms = session.health().stage_ms
    session.stop()
    session.wait_until_stopped(5.0)
    slowdown = 1 - median(b / q for b, q in zip(busy, quiet, strict=True))
    slowdown_at_best = 1 - max(busy) / max(quiet)  # on a machine that others use too, the freest rounds tell
    return {
        "pipeline": name,
        "stage_ms": {stage: round(value, 2) for stage, value in stage_ms.items()},
        "quiet_fps": round(median(quiet), 1),
        "busy_fps": round(median(busy), 1),
        "best_quiet_fps": round(max(quiet), 1),
        "best_busy_fps": round(max(busy), 1),
        "slowed_by_percent": round(100 * slowdown, 1),
        "slowed_at_best_by_percent": round(100 * slowdown_at_best, 1),
    }


def main() -> None:
    """A thread at several switch intervals, and a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=0.7)
    parser.add_argument("--switch-ms", type=float, nargs="*", default=[5.0, 0.5])
    parser.add_argument("--no-process", action="store_true", help="measure the thread alone")
    args = parser.parse_args()
    cv2.setNumThreads(1)
    pictures, fields = record((640, 480))
    opener, rows = OpenWorking(fields), []
    for switch_ms in args.switch_ms:
        sys.setswitchinterval(switch_ms / 1e3)
        rows.append(measure(f"thread, switch interval {switch_ms} ms", opener, pictures, args))
        if args.no_process:
            continue
        rows.append(measure(f"own process, switch interval {switch_ms} ms", OpenRemotely(opener), pictures, args))
    text = json.dumps(rows, indent=1)
    if args.out is not None:
        args.out.parent.mkdir(parents=True, exist_ok=True)
        args.out.write_text(text + "\n", encoding="utf-8")
    print(text)  # noqa: T201


if __name__ == "__main__":
    main()
