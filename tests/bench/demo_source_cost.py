"""Measures what the demo source costs: CPU time a frame on one core, share of a core at 30 frames/s, time to paint.

python tests/bench/demo_source_cost.py --out docs/benchmarks/demo-source.json
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from pathlib import Path

import cv2

from engine.capture.demo.conditions import KINDS
from engine.capture.demo.scene import Scene
from engine.capture.synthetic import SyntheticSource

SIZES = ((640, 480), (1280, 720), (1920, 1080))
ROUNDS, FRAMES, FPS = 5, 60, 30.0


def cpu_ms_a_frame(source: SyntheticSource, first: int) -> float:
    """CPU time of `FRAMES` frames from `first` on, ms a frame."""
    begin = time.process_time()
    for seq in range(first, first + FRAMES):
        source.studio.draw(seq)
    return 1000 * (time.process_time() - begin) / FRAMES


def measure() -> dict[str, object]:
    """Median over interleaved rounds, kind by kind and size by size."""
    cv2.setNumThreads(1)
    scenes, paint_s = {}, {}
    for width, height in SIZES:
        begin = time.process_time()
        scenes[width, height] = Scene.paint(7, width)
        paint_s[f"{width}x{height}"] = round(time.process_time() - begin, 2)
    cases = {("demo", size): [] for size in SIZES} | {(kind, SIZES[0]): [] for kind in KINDS}
    sources = {
        (kind, size): SyntheticSource(7, size=size, kind=kind, scene=scenes[size], realtime=False)
        for kind, size in cases
    }
    for source in sources.values():
        source.studio.draw(0)
    for round_number in range(ROUNDS):
        for case, source in sources.items():
            cases[case].append(cpu_ms_a_frame(source, 1 + round_number * FRAMES))
    rows = {
        f"{kind} {width}x{height}": {
            "cpu_ms_a_frame": round(median, 2),
            "core_share_at_30_fps": round(median * FPS / 1000, 3),
        }
        for (kind, (width, height)), values in cases.items()
        for median in [statistics.median(values)]
    }
    return {"paint_cpu_s": paint_s, "cases": rows}


def main() -> None:
    """Print the figures and write them where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    text = json.dumps(measure(), indent=2)
    sys.stdout.write(f"{text}\n")
    if args.out:
        args.out.parent.mkdir(parents=True, exist_ok=True)
        args.out.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
