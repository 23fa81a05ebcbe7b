"""A rubber dam: the coloured sheet that isolates the teeth from the mouth, for some patients instead of gum."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.capture.demo.texture import Plane, Shape, blur, fractal_noise, smooth_noise, smoothstep
from engine.capture.demo.tissue import Tissue

COLOURS = ((0.015, 0.11, 0.42), (0.05, 0.34, 0.48), (0.04, 0.26, 0.17), (0.24, 0.13, 0.36))  # linear RGB


def stretch_dam(rng: np.random.Generator, tooth: Plane, px_per_mm: float) -> Tissue:
    """Sheet round the teeth (H, W) 0..1: it climbs their necks, sags between them and folds where it is pulled."""
    shape: Shape = (tooth.shape[0], tooth.shape[1])
    free = (tooth < 0.5).astype(np.uint8)
    apart = np.asarray(cv2.distanceTransform(free, cv2.DIST_L2, cv2.DIST_MASK_5), dtype=np.float32) / px_per_mm
    apart = np.asarray(apart, dtype=np.float32)
    slack = smooth_noise(rng, shape, 9 * px_per_mm)
    folds = np.abs(smooth_noise(rng, shape, 4.5 * px_per_mm))
    height = 2.6 * np.exp(-apart / 1.4) - 1.2 + 1.0 * slack + 0.7 * smoothstep(0.35, 0.0, folds)
    height -= 0.5 * np.exp(-((apart / 0.2) ** 2))
    height += 0.010 * smooth_noise(rng, shape, 0.3 * px_per_mm)
    colour = np.array(COLOURS[int(rng.integers(len(COLOURS)))], np.float32)
    powder = 1 + 0.05 * fractal_noise(rng, shape, 0.5 * px_per_mm, 2)
    thin = 1 + 0.35 * np.exp(-apart / 0.8)  # stretched rubber is paler
    albedo: NDArray[np.float32] = np.asarray((powder * thin)[..., None] * colour, dtype=np.float32)
    wet = np.clip(0.30 + 0.30 * fractal_noise(rng, shape, 5 * px_per_mm, 2), 0.05, 0.9)
    return Tissue(
        blur(np.asarray(height, dtype=np.float32), 0.1 * px_per_mm), albedo, np.asarray(wet, dtype=np.float32)
    )
