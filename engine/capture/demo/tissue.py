"""Gums, floor of the mouth, tongue and cheek: their form, colour and wetness around given teeth."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.capture.demo.texture import Plane, Shape, blur, cells, fractal_noise, mix, smooth_noise, smoothstep, vessels

ATTACHED = np.array((0.72, 0.265, 0.225), np.float32)  # linear RGB
MARGINAL = np.array((0.66, 0.185, 0.16), np.float32)
MUCOSA = np.array((0.60, 0.135, 0.115), np.float32)
TONGUE = np.array((0.62, 0.225, 0.20), np.float32)
TONGUE_TIPS = np.array((0.74, 0.42, 0.38), np.float32)
MELANIN = np.array((0.24, 0.085, 0.06), np.float32)
VESSEL = np.array((0.36, 0.03, 0.05), np.float32)
COARSE = 2  # forms without fine detail are made at half size: a quarter of the work, and no eye can tell


@dataclass(frozen=True, slots=True)
class Tissue:
    """All that is not tooth, on the scene's grid."""

    height_mm: Plane  # (H, W)
    albedo: NDArray[np.float32]  # (H, W, 3) linear RGB
    wetness: Plane  # (H, W) 0..1


@dataclass(frozen=True, slots=True)
class _Regions:
    """Where what lies; planes at half size."""

    apart: Plane  # mm to the nearest tooth
    far: Plane  # the same, wavering
    tongue: Plane  # 0..1
    cheek: Plane  # 0..1
    attached: Plane  # 0..1, the firm, stippled gum
    height_mm: Plane
    uneven: Plane


def grow_tissue(rng: np.random.Generator, tooth: Plane, side_mm: Plane, px_per_mm: float) -> Tissue:
    """Soft tissue round the teeth (H, W) 0..1; `side_mm`, at half size, is the way from the arch towards the cheek."""
    shape: Shape = (tooth.shape[0], tooth.shape[1])
    regions = _regions(rng, tooth, side_mm, px_per_mm / COARSE)
    attached, tongue = _full(regions.attached, shape), _full(regions.tongue, shape)
    papillae = cells(rng, shape, 0.46 * px_per_mm) * np.clip(
        0.6 + 0.4 * smooth_noise(rng, shape, 1.5 * px_per_mm), 0, 1
    )
    mushrooms = smoothstep(2.0, 2.5, smooth_noise(rng, shape, 0.8 * px_per_mm)) * tongue
    height = _full(regions.height_mm, shape)
    height += 0.060 * attached * smooth_noise(rng, shape, 0.42 * px_per_mm)
    height += 0.020 * attached * smooth_noise(rng, shape, 0.24 * px_per_mm)
    height += 0.006 * smooth_noise(rng, shape, 0.16 * px_per_mm) + 0.10 * tongue * papillae + 0.15 * mushrooms
    albedo = _full(_base_colour(rng, regions, px_per_mm / COARSE), shape)
    far = _full(regions.far, shape)
    vein = vessels(rng, shape, 60, 0.35 * px_per_mm)
    mix(albedo, VESSEL, vein * (0.12 + 0.50 * smoothstep(2.5, 6.0, far)) * (1 - 0.8 * tongue))
    capillaries = smoothstep(0.10, 0.0, np.abs(smooth_noise(rng, shape, 0.9 * px_per_mm)))
    mix(
        albedo,
        VESSEL,
        capillaries * (1 - tongue) * np.clip(0.05 + 0.06 * smooth_noise(rng, shape, 4 * px_per_mm), 0, 0.2),
    )
    mix(albedo, TONGUE_TIPS, tongue * papillae * papillae * 0.26)
    mix(albedo, MARGINAL, mushrooms * 0.8)
    wet = 0.50 + 0.28 * regions.uneven + 0.2 * (1 - regions.attached)
    return Tissue(height, albedo, _full(np.clip(wet, 0.08, 1.0), shape))


def _full(plane: NDArray[np.float32], shape: Shape) -> NDArray[np.float32]:
    """A half-size plane or picture at full size."""
    return np.asarray(cv2.resize(plane, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR), dtype=np.float32)


def _regions(rng: np.random.Generator, tooth: Plane, side: Plane, px_per_mm: float) -> _Regions:
    """Lay out gum, tongue and cheek at half size."""
    shape: Shape = (side.shape[0], side.shape[1])
    small = cv2.resize(tooth, (shape[1], shape[0]), interpolation=cv2.INTER_AREA)
    free = (small < 0.5).astype(np.uint8)
    apart = np.asarray(cv2.distanceTransform(free, cv2.DIST_L2, cv2.DIST_MASK_5), dtype=np.float32) / px_per_mm
    uneven = fractal_noise(rng, shape, 6 * px_per_mm, 3)
    broad = smooth_noise(rng, shape, 11 * px_per_mm)
    far = blur(apart, 0.5 * px_per_mm) + 0.3 * uneven
    crowding = blur(small, 1.2 * px_per_mm)
    tongue = smoothstep(6.5, 9.5, -side + 0.9 * broad)
    cheek = smoothstep(8.0, 15.0, side + 1.2 * broad)
    buccal = smoothstep(-1.0, 1.0, side)

    height = 1.0 - 0.16 * far * far / (1 + 0.16 * far) - 0.25 * far * buccal
    height += (
        2.6 * crowding
        + (0.20 + 0.12 * uneven) * np.exp(-(((apart - 0.8) / 0.55) ** 2))
        - np.clip(0.22 + 0.22 * uneven, 0.0, 0.6) * np.exp(-((apart / 0.16) ** 2))
    )
    height += tongue * 5.5 + cheek * 5.0 + 0.16 * uneven
    folds = smooth_noise(rng, shape, 2.6 * px_per_mm)
    height += (0.22 * folds + 0.05 * smooth_noise(rng, shape, 0.9 * px_per_mm)) * smoothstep(3.5, 6.0, far)
    return _Regions(
        apart=apart,
        far=far,
        tongue=tongue,
        cheek=cheek,
        attached=smoothstep(0.4, 1.1, far) * smoothstep(5.6, 3.6, far),
        height_mm=np.asarray(height, dtype=np.float32),
        uneven=uneven,
    )


def _base_colour(rng: np.random.Generator, regions: _Regions, px_per_mm: float) -> NDArray[np.float32]:
    """(h, w, 3) linear colour at half size, without fine detail."""
    shape: Shape = (regions.far.shape[0], regions.far.shape[1])
    colour = np.empty((*shape, 3), np.float32)
    colour[:] = MUCOSA
    mix(colour, ATTACHED, smoothstep(6.4, 3.0, regions.far) * 0.95)
    mix(colour, MARGINAL, smoothstep(1.3, 0.1, regions.apart) * 0.8)
    mix(colour, TONGUE, regions.tongue * 0.9)
    mix(colour, ATTACHED, regions.cheek * 0.35)
    blush = fractal_noise(rng, shape, 2.5 * px_per_mm, 4)
    mix(
        colour,
        MELANIN,
        smoothstep(0.2, 1.6, fractal_noise(rng, shape, 5 * px_per_mm, 4)) * max(0.0, rng.normal(-0.3, 0.45)),
    )
    colour *= np.array((1, rng.uniform(0.86, 1.16), rng.uniform(0.86, 1.20)), np.float32) * rng.uniform(0.92, 1.06)
    colour *= (1 + 0.05 * blush)[..., None]
    colour[..., 1:] *= (1 + 0.16 * fractal_noise(rng, shape, 3.5 * px_per_mm, 3))[..., None]  # paler and redder spots
    return np.asarray(np.clip(colour, 0.01, 1), dtype=np.float32)
