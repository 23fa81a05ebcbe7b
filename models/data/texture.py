"""Procedural noise: smooth fields for light, depth and fog, and coloured textures with shapes."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray


def smooth_noise(rng: np.random.Generator, size: tuple[int, int], cell: float) -> NDArray[np.float32]:
    """(H, W) in 0..1: random values on a grid with `cell` pixels, joined smoothly."""
    height, width = size
    grid = (max(2, round(height / cell) + 2), max(2, round(width / cell) + 2))
    coarse = rng.random(grid, dtype=np.float32)
    return np.asarray(np.clip(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC), 0, 1), np.float32)


def fractal_noise(rng: np.random.Generator, size: tuple[int, int], cell: float, octaves: int) -> NDArray[np.float32]:
    """(H, W) in 0..1: octaves of smooth noise, each half as large and 0.6 as strong as the one before."""
    total = np.zeros(size, np.float32)
    weight, norm = 1.0, 0.0
    for _ in range(octaves):
        total += weight * smooth_noise(rng, size, cell)
        norm += weight
        weight, cell = weight * 0.6, max(cell / 2, 2.0)
    total /= norm
    low, high = float(total.min()), float(total.max())
    return (total - low) / max(high - low, 1e-6)


def coloured_noise(rng: np.random.Generator, size: tuple[int, int]) -> NDArray[np.uint8]:
    """(H, W, 3) RGB: fractal colours with shapes strewn over them, from soft tissue-like to busy."""
    pick = fractal_noise(rng, size, rng.uniform(30, 160), int(rng.integers(3, 7)))
    ramp = rng.uniform(20, 245, (5, 3)).astype(np.float32)
    table = np.stack([np.interp(np.arange(256), np.linspace(0, 255, 5), ramp[:, c]) for c in range(3)], axis=-1)
    pixels = np.ascontiguousarray(table.astype(np.uint8)[(pick * 255).astype(np.uint8)])
    for _ in range(int(rng.integers(0, 40))):
        _strew_shape(rng, pixels)
    shade = 0.7 + 0.6 * fractal_noise(rng, size, rng.uniform(4, 40), 3)
    return np.asarray(np.clip(pixels * shade[..., None], 0, 255), np.uint8)


def _strew_shape(rng: np.random.Generator, pixels: NDArray[np.uint8]) -> None:
    height, width = pixels.shape[:2]
    colour = tuple(int(v) for v in rng.integers(0, 256, 3))
    centre = (int(rng.integers(0, width)), int(rng.integers(0, height)))
    if rng.random() < 0.5:
        axes = (int(rng.integers(4, 70)), int(rng.integers(4, 70)))
        cv2.ellipse(pixels, centre, axes, float(rng.uniform(0, 180)), 0, 360, colour, -1, cv2.LINE_AA)
        return
    corners = np.array(centre) + rng.integers(-60, 60, (int(rng.integers(3, 7)), 2))
    cv2.fillPoly(pixels, [corners.astype(np.int32)], colour, cv2.LINE_AA)
