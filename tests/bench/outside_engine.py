"""What the live path costs outside the network: `python -m tests.bench.outside_engine [--out F.json]`.

A recorded demo is played in real time through a real session whose back end gives the demo's exact fields for nothing,
so the processor time of the whole process, over the frames, is the cost of everything else: hand-over, liveness,
preprocess, lift, stabilize, warp.
"""

from __future__ import annotations

import argparse
import json
import threading
import time
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import psutil

from engine.capture.source import SourceInfo
from engine.capture.synthetic import SyntheticSource
from engine.inference.backend import Answer
from engine.inference.preprocess import to_working_size, working_size
from engine.pipeline import Pipeline
from engine.session import Session
from engine.stabilization.stabilizer import Stabilizer
from engine.values import Frame, Image, Inference, frozen

FPS = 30.0
SIZES = ((640, 480), (1280, 720), (1920, 1080))
RECORDED = 60  # frames, played to and fro
STRIDE = 16
LIMIT_MS = 4.0


class Replay:
    """A live camera that plays recorded pictures to and fro; a counter in one corner keeps each one new."""

    identity = "replay"

    def __init__(self, pictures: list[Image]) -> None:
        self._pictures = pictures
        self._next_s = 0.0
        self._seq = -1

    def open(self) -> SourceInfo:
        """Start the clock."""
        self._next_s = time.monotonic()
        height, width = self._pictures[0].shape[:2]
        return SourceInfo(self.identity, "Replay", width, height, FPS, is_live=True)

    def read(self, timeout_s: float) -> Frame:
        """The next picture when it is due."""
        self._next_s += 1 / FPS
        time.sleep(max(0.0, self._next_s - time.monotonic()))
        self._seq += 1
        pixels = self._pictures[self._seq % len(self._pictures)].copy()
        pixels[0, :4] = np.frombuffer(self._seq.to_bytes(12, "little"), np.uint8).reshape(4, 3)
        return Frame(np.asarray(frozen(pixels), np.uint8), self._seq, time.monotonic_ns())

    def close(self) -> None:
        """Nothing to free."""


class Recalled:
    """A back end that gives prepared fields at once."""

    name = model_name = "recalled"

    def __init__(self, size: tuple[int, int], fields: list[Inference]) -> None:
        self.working_size = size
        self._fields = fields

    def infer(self, pixels: Image, seq: int) -> Inference:
        """The fields that belong to the picture."""
        return self._fields[seq % len(self._fields)]

    def begin(self, pixels: Image, seq: int) -> Answer:
        """There is nothing to wait for."""
        return partial(self.infer, pixels, seq)

    def reset(self) -> None:
        """No past."""

    def close(self) -> None:
        """Nothing to free."""


def record(size: tuple[int, int]) -> tuple[list[Image], list[Inference]]:
    """Pictures (H, W, 3), forth and back, with exact fields at a quarter of the working size."""
    source = SyntheticSource(size=size, realtime=False, kind="calm")
    info = source.open()
    height, width = working_size(info.height, info.width, STRIDE)
    grid = (width // 4, height // 4)
    pictures, fields = [], []
    for seq in range(RECORDED):
        picture, truth = source.studio.draw(seq), source.truth(seq)
        flow = cv2.resize(truth.flow, grid, interpolation=cv2.INTER_AREA) * np.float32(width / info.width)
        tooth = cv2.resize(truth.tooth.astype(np.float32), grid, interpolation=cv2.INTER_AREA)
        enhanced = np.array(to_working_size(picture, (height, width)))
        pictures.append(picture)
        fields.append(Inference(seq, enhanced, flow, np.ones_like(tooth), tooth))
    return pictures, fields


def measure(size: tuple[int, int], seconds: float) -> dict[str, object]:
    """Processor milliseconds a frame, of the session less the replay itself, and the pipeline's own stage times."""
    pictures, fields = record(size)
    height, width = working_size(size[1], size[0], STRIDE)

    def open_pipeline(_: tuple[int, int]) -> Pipeline:
        return Pipeline(Recalled((height, width), fields), Stabilizer())

    replay_ms = replay_cost_ms(pictures)
    session = Session(open_pipeline)
    session.start(Replay(pictures))
    time.sleep(1.0)
    frames_before, before_s, threads_before = frames_of(session), time.process_time(), thread_seconds()
    time.sleep(seconds)
    spent_s, frames = time.process_time() - before_s, frames_of(session) - frames_before
    threads_ms = {
        name: round((spent - threads_before.get(name, 0.0)) * 1e3 / frames, 3)
        for name, spent in thread_seconds().items()
    }
    stages = session.health().stage_ms
    modes = session.tally()
    session.stop()
    session.wait_until_stopped(3.0)
    return {
        "size": f"{size[0]}x{size[1]}",
        "frames": frames,
        "outside_engine_ms": round(spent_s * 1e3 / frames - replay_ms, 3),
        "thread_ms": threads_ms,  # capture includes the replay
        "replay_ms": round(replay_ms, 3),
        "stage_ms": {name: round(value, 3) for name, value in stages.items()},
        "tracking": dict(modes.tracking) if modes is not None else {},
    }


def frames_of(session: Session) -> int:
    """Frames that went through the pipeline so far."""
    tally = session.tally()
    return tally.frames_processed if tally is not None else 0


def thread_seconds() -> dict[str, float]:
    """Processor time of each thread of the session so far."""
    names = {thread.native_id: thread.name for thread in threading.enumerate()}
    return {
        names[thread.id]: thread.user_time + thread.system_time
        for thread in psutil.Process().threads()
        if thread.id in names
    }


def replay_cost_ms(pictures: list[Image]) -> float:
    """What the replay's own copying costs, ms a frame."""
    before_s = time.process_time()
    for index in range(120):
        pictures[index % len(pictures)].copy()
    return (time.process_time() - before_s) * 1e3 / 120


def main() -> None:
    """Measure every size and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--seconds", type=float, default=8.0)
    args = parser.parse_args()
    cv2.setNumThreads(1)
    rows = [measure(size, args.seconds) for size in SIZES]
    result = {"limit_ms_at_640x480": LIMIT_MS, "rows": rows}
    text = json.dumps(result, indent=1)
    if args.out is not None:
        args.out.parent.mkdir(parents=True, exist_ok=True)
        args.out.write_text(text + "\n", encoding="utf-8")
    print(text)  # noqa: T201


if __name__ == "__main__":
    main()
