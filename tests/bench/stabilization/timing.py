"""What the stabilizer costs a frame at 640x480 on one core, without network; and the warp beside it.

python -m tests.bench.stabilization.timing --data DIR [--out FILE.json]
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import time
from pathlib import Path

import cv2
import numpy as np

from engine.stabilization.stabilizer import Stabilizer
from engine.stabilization.warp import warp
from engine.values import Frame, Inference
from tests.bench.stabilization.clips import ClipSpec
from tests.bench.stabilization.fields import SpoiltFields
from tests.bench.stabilization.plan import clip_for

log = logging.getLogger("timing")


def measure(frames: list[tuple[Frame, Inference]], rounds: int) -> dict[str, float]:
    """Percentiles in milliseconds over all rounds but the first frame of each; wall time and processor time."""
    spent: dict[str, list[float]] = {"step": [], "step_cpu": [], "warp": [], "warp_cpu": []}
    for _ in range(rounds):
        stabilizer = Stabilizer()
        for frame, inference in frames:
            start, cpu = time.perf_counter(), time.thread_time()
            step = stabilizer.step(frame, inference)
            middle, middle_cpu = time.perf_counter(), time.thread_time()
            warp(frame.pixels, step.stabilized_from_raw)
            spent["step"].append(middle - start)
            spent["step_cpu"].append(middle_cpu - cpu)
            spent["warp"].append(time.perf_counter() - middle)
            spent["warp_cpu"].append(time.thread_time() - middle_cpu)
    return {
        f"{name}_p{q}_ms": round(float(np.percentile(values, q)) * 1e3, 3)
        for name, values in spent.items()
        for q in (50, 95)
    }


def main() -> None:
    """Bur clip, fields of a modest network."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=os.environ.get("STEADYSCOPE_DATA"))
    parser.add_argument("--out", type=Path)
    parser.add_argument("--frames", type=int, default=60)
    arguments = parser.parse_args()
    if arguments.data is None:
        raise SystemExit("No photos. Give --data or set STEADYSCOPE_DATA to the folder that holds dental-photos.")
    cv2.setNumThreads(1)
    clip, fields = clip_for(ClipSpec("B", 100, 30.0, 20.0), Path(arguments.data), "val"), SpoiltFields()
    frames = []
    for index in range(arguments.frames):
        truth = clip.frame(index)
        frame = Frame(truth.pixels, index, 1 + round(index * 1e9 / 30))
        frames.append((frame, fields.infer(clip, index, truth, frame)))
    found = measure(frames, 5)
    log.info(json.dumps(found))
    if arguments.out:
        arguments.out.write_text(
            json.dumps({"machine": "2-core x86-64 with AVX512/AMX, other work on it", **found}) + "\n"
        )


if __name__ == "__main__":
    main()
