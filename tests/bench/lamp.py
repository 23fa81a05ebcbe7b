"""How Lite takes light that falls off from the middle: clean windows under such a lamp, and what well lit teeth become.

`python -m tests.bench.lamp --data CACHE --weights MANIFEST.json ...`: a line of JSON for each lamp and set of weights.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from models.data.cache import CachedWindows
from models.evaluation.networks import open_network
from models.evaluation.predictors import Predictor

FALLOFFS = (0.0, 0.4, 0.75)  # the demo's camera has the last
BRIGHT = 200  # levels; a tooth pixel that is lit as well as this hardly needs a change
FEWEST = 100  # such pixels of a window; fewer say nothing


def main() -> None:
    """Rows of falloff, weights, picture (dB) and mean error of red, green and blue over well lit teeth (levels)."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="a cache of windows")
    parser.add_argument("--weights", type=Path, nargs="+", required=True)
    parser.add_argument("--windows", type=int, default=24)
    args = parser.parse_args()
    windows = CachedWindows(args.data)
    chosen = [windows[int(k)] for k in np.linspace(0, len(windows) - 1, args.windows)]
    size = chosen[0].tooth.shape[1:]
    for path in args.weights:
        network = open_network(path, (size[0], size[1]), "f32")
        for falloff in FALLOFFS:
            factor = lamp((size[0], size[1]), falloff)
            rows = [row for window in chosen for row in judged(network, window.clean, window.tooth[-1] == 1, factor)]
            psnr, pixels = (np.array([row[k] for row in rows]) for k in (0, 1))
            off = np.average([row[2] for row in rows], axis=0, weights=pixels)
            found = {"psnr": round(float(psnr.mean()), 2), "bright_tooth_off": off.round(1).tolist()}
            sys.stdout.write(
                json.dumps({"weights": str(path), "falloff": falloff, "windows": len(rows), **found}) + "\n"
            )


def lamp(size: tuple[int, int], falloff: float) -> NDArray[np.float32]:
    """(H, W, 3) factor on sRGB bytes, 1.06 in the middle; (1 + falloff)^-1.3 of that in the corner of a 4:3 picture."""
    height, width = size
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    far = ((x / width - 0.5) ** 2 + (y / height - 0.5) ** 2) / 0.39
    factor = 1.06 / (1 + falloff * far) ** 1.3 if falloff else np.ones_like(far)
    return np.repeat(factor[..., None], 3, axis=-1).astype(np.float32)


def judged(
    network: Predictor, clean: NDArray[np.uint8], tooth: NDArray[np.bool_], factor: NDArray[np.float32]
) -> Iterator[tuple[float, int, NDArray[np.float64]]]:
    """Of the last frame of clean (T, H, W, 3): dB, well lit tooth pixels, their mean error; nothing if they are few."""
    network.reset()
    seen = [np.asarray(cv2.multiply(frame, factor, dtype=cv2.CV_8U), np.uint8) for frame in clean]
    last = [network.step(frame).enhanced for frame in seen][-1]
    bright = tooth & (seen[-1].min(-1) > BRIGHT)
    if last is not None and bright.sum() > FEWEST:
        error = np.subtract(last, clean[-1], dtype=np.float64)
        yield float(-10 * np.log10(np.square(error / 255).mean())), int(bright.sum()), error[bright].mean(0)


if __name__ == "__main__":
    main()
