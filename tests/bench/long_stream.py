"""Does the network's picture change with the age of the stream? One that has run for long against one just started.

`python -m tests.bench.long_stream --out docs/benchmarks/lite/long-stream.json` (three minutes on two cores)
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import cv2
import numpy as np

from engine.capture.synthetic import SyntheticSource
from engine.values import Image
from models.evaluation.networks import open_network
from models.metrics import psnr

SEEDS = (7, 3, 11, 2, 1, 5)
SIZE = (480, 640)
FRESH_FRAMES = 6  # what training sees at least
BRIGHT = 200  # of 255 in every colour of what came in: enamel in full light
BLOCK = 8  # pixels; noise does not count
BLOT_LEVELS = 8.0  # darker or brighter than this by age alone is a blot; it harms where it leads away from the truth


def measure(weights: Path, seed: int, frames: int, pixels: int | None) -> dict[str, float | list[float]]:
    """The last frame of a stream, and of one that began `FRESH_FRAMES` before."""
    source = SyntheticSource(seed=seed, realtime=False)
    source.open()
    long, fresh = (open_network(weights, SIZE, "f32", pixels) for _ in range(2))
    for seq in range(frames):
        picture = source.studio.draw(seq)
        old = long.step(picture).enhanced
        if seq >= frames - FRESH_FRAMES:
            new = fresh.step(picture).enhanced
    truth = source.truth(frames - 1)
    clean, bright = truth.clean, (truth.tooth > 0) & (picture.min(axis=-1) > BRIGHT)
    off = (old[bright].astype(np.float32) - clean[bright]).mean(axis=0)
    difference = np.abs(blocks(old) - blocks(new)).max(axis=-1)
    harm = (np.abs(blocks(old) - blocks(clean)) - np.abs(blocks(new) - blocks(clean))).max(axis=-1)
    return {
        "seed": seed,
        "psnr_input": round(psnr(picture, clean), 2),
        "psnr_fresh": round(psnr(new, clean), 2),
        "psnr_long": round(psnr(old, clean), 2),
        "blots_percent": round(100 * float((difference > BLOT_LEVELS).mean()), 3),
        "most_levels": round(float(difference.max()), 1),
        "harmed_percent": round(100 * float((harm > BLOT_LEVELS).mean()), 3),
        "most_harm": round(float(harm.max()), 1),
        "bright_tooth_off": [round(float(levels), 1) for levels in off],
    }


def blocks(picture: Image) -> np.ndarray:
    """Block means, float."""
    height, width = picture.shape[:2]
    small = cv2.resize(picture.astype(np.float32), (width // BLOCK, height // BLOCK), interpolation=cv2.INTER_AREA)
    return np.asarray(small)


def main() -> None:
    """Measure every seed and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", type=Path, default=Path("resources/weights/mostnet-lite.json"))
    parser.add_argument("--frames", type=int, default=420)
    parser.add_argument("--working-pixels", type=int, metavar="N", help="as the live path on a slow processor")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    rows = [measure(args.weights, seed, args.frames, args.working_pixels) for seed in SEEDS]
    text = json.dumps({"weights": args.weights.name, "frames": args.frames, "rows": rows}, indent=1)
    args.out.parent.mkdir(parents=True, exist_ok=True)
    args.out.write_text(text + "\n", encoding="utf-8")
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    main()
