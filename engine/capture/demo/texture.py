"""Seeded noise fields, cells and blood vessels from which the demo scene is painted."""

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
        total += smooth_noise(rng, shape, cell_px / 2**octave) * 0.5**octave
    return total


def cells(rng: np.random.Generator, shape: Shape, spacing_px: float) -> Plane:
    """(H, W) 0..1 crowded little domes, one for each point of a shaken grid, `spacing_px` apart."""
    rows, columns = (int(side / spacing_px) + 1 for side in shape)
    grid = np.stack(np.meshgrid(np.arange(rows), np.arange(columns), indexing="ij"), axis=-1).reshape(-1, 2)
    places = ((grid + rng.uniform(0.1, 0.9, grid.shape)) * spacing_px).astype(np.int32)
    places = np.minimum(places, np.array(shape) - 1)
    free = np.ones(shape, np.uint8)
    free[places[:, 0], places[:, 1]] = 0
    away = cv2.distanceTransform(free, cv2.DIST_L2, cv2.DIST_MASK_5)
    return np.asarray(np.clip(1 - (away / (0.62 * spacing_px)) ** 2, 0, 1), dtype=np.float32)


def blur(plane: NDArray[np.float32], sigma_px: float) -> NDArray[np.float32]:
    """Gaussian blur; wide ones run on a reduced copy, which nobody can tell apart and costs a tenth."""
    factor = int(sigma_px // 2.5)
    if factor < 2:
        return np.asarray(cv2.GaussianBlur(plane, (0, 0), sigma_px), dtype=np.float32)
    height, width = plane.shape[:2]
    reduced = cv2.resize(plane, (max(2, width // factor), max(2, height // factor)), interpolation=cv2.INTER_AREA)
    reduced = cv2.GaussianBlur(reduced, (0, 0), sigma_px / factor)
    return np.asarray(cv2.resize(reduced, (width, height), interpolation=cv2.INTER_LINEAR), dtype=np.float32)


def smoothstep(low: float, high: float, value: Plane) -> Plane:
    """0 below `low`, 1 above `high`, an S between; `low` may be the larger to turn it round."""
    t = np.clip((value - low) * (1 / (high - low)), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), dtype=np.float32)


def mix(into: NDArray[np.float32], colour: NDArray[np.float32], amount: Plane) -> None:
    """Lay (3,) `colour` over the (H, W, 3) picture with cover (H, W), in place."""
    for channel in range(3):
        plane = into[..., channel]
        plane += (colour[channel] - plane) * amount


def vessels(rng: np.random.Generator, shape: Shape, count: int, step_px: float) -> Plane:
    """(H, W) 0..1 picture of branching blood vessels, thick stems thinning out."""
    canvas = np.zeros(shape, np.uint8)
    stems = [
        (rng.uniform(0, shape[1]), rng.uniform(0, shape[0]), rng.uniform(0, 2 * np.pi), rng.uniform(1.2, 2.6), 0)
        for _ in range(count)
    ]
    while stems:
        x, y, heading, width, depth = stems.pop()
        turns = np.cumsum(rng.normal(0, 0.28, int(rng.integers(18, 46)))) + heading
        points = np.cumsum(np.stack((np.cos(turns), np.sin(turns)), axis=1), axis=0) * step_px + (x, y)
        halves = ((points[: len(points) // 2 + 1], width), (points[len(points) // 2 :], width * 0.7))
        for part, thickness in halves:
            shade, pixels = min(255, int(70 + 60 * thickness)), np.round(part * 8).astype(np.int32)
            cv2.polylines(canvas, [pixels], False, shade, max(1, round(thickness)), cv2.LINE_AA, 3)
        for _ in range(int(rng.poisson(1.6)) if depth < 2 else 0):
            at = int(rng.integers(len(points)))
            fork = turns[at] + rng.choice((-1, 1)) * rng.uniform(0.4, 1.0)
            stems.append((*points[at], fork, width * 0.7, depth + 1))
    return np.asarray(cv2.GaussianBlur(canvas, (0, 0), 0.9), dtype=np.float32) * np.float32(1 / 255)
