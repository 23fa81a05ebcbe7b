"""Seeded noise fields and random vessels from which the demo scene is painted."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.float32]  # (H, W) one value a pixel
Shape = tuple[int, int]  # (H, W)


def smooth_noise(rng: np.random.Generator, shape: Shape, cell_px: float) -> Plane:
    """(H, W) noise of zero mean and about unit spread whose bumps are `cell_px` wide."""
    height, width = shape
    rows, columns = (max(4, round(side / cell_px) + 3) for side in (height, width))
    coarse = rng.standard_normal((rows, columns), dtype=np.float32)
    return np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC), dtype=np.float32)


def fractal_noise(rng: np.random.Generator, shape: Shape, cell_px: float, octaves: int) -> Plane:
    """(H, W) noise with `octaves` layers, each half as wide and half as strong as the one before."""
    total = smooth_noise(rng, shape, cell_px)
    for octave in range(1, octaves):
        if cell_px / 2**octave < 1.5:
            break
        total += smooth_noise(rng, shape, cell_px / 2**octave) * np.float32(0.5**octave)
    return total


def blur(plane: Plane, sigma_px: float) -> Plane:
    """Gaussian blur; wide ones run on a reduced copy, which nobody can tell apart and costs a tenth."""
    factor = int(sigma_px // 4)
    if factor < 2:
        return np.asarray(cv2.GaussianBlur(plane, (0, 0), sigma_px), dtype=np.float32)
    height, width = plane.shape[:2]
    reduced = cv2.resize(plane, (max(2, width // factor), max(2, height // factor)), interpolation=cv2.INTER_AREA)
    reduced = cv2.GaussianBlur(reduced, (0, 0), sigma_px / factor)
    return np.asarray(cv2.resize(reduced, (width, height), interpolation=cv2.INTER_LINEAR), dtype=np.float32)


def smoothstep(low: float, high: float, value: Plane) -> Plane:
    """0 below `low`, 1 above `high`, an S between; `low` may be the larger to turn it round."""
    t = np.clip((value - np.float32(low)) / np.float32(high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), dtype=np.float32)


def vessels(rng: np.random.Generator, shape: Shape, count: int, step_px: float) -> Plane:
    """(H, W) 0..1 picture of branching blood vessels, thick stems thinning out."""
    canvas = np.zeros(shape, np.uint8)
    stems = [
        (rng.uniform(0, shape[1]), rng.uniform(0, shape[0]), rng.uniform(0, 2 * np.pi), rng.uniform(1.2, 2.6), 0)
        for _ in range(count)
    ]
    while stems:
        x, y, heading, width, depth = stems.pop()
        for _ in range(int(rng.integers(18, 46))):
            heading += rng.normal(0, 0.28)
            x_next, y_next = x + step_px * np.cos(heading), y + step_px * np.sin(heading)
            ends = ((round(x * 8), round(y * 8)), (round(x_next * 8), round(y_next * 8)))
            shade = min(255, int(70 + 60 * width))
            cv2.line(canvas, *ends, shade, max(1, round(width)), cv2.LINE_AA, 3)
            x, y, width = x_next, y_next, width * 0.985
            if depth < 2 and rng.random() < 0.05:
                stems.append((x, y, heading + rng.choice((-1, 1)) * rng.uniform(0.4, 1.0), width * 0.7, depth + 1))
    return np.asarray(cv2.GaussianBlur(canvas, (0, 0), 0.9), dtype=np.float32) / np.float32(255)
