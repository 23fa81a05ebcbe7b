"""Crowns of one lower quadrant as height fields: cusps, fissures, outlines, all drawn from a seed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.capture.demo.texture import Plane, smooth_noise, smoothstep

# A cusp: (u0, v0, u1, v1, height, slope). u runs along the arch, v towards the cheek, both in half widths of the crown;
# the peak is the segment between its two points; height and slope in mm and mm per mm.
Cusp = tuple[float, float, float, float, float, float]
MOLAR_5: tuple[Cusp, ...] = (
    (0.52, 0.52, 0.40, 0.46, 6.7, 0.62),
    (-0.10, 0.58, -0.14, 0.50, 6.6, 0.62),
    (-0.62, 0.40, -0.58, 0.36, 6.3, 0.66),
    (0.46, -0.52, 0.38, -0.44, 6.9, 0.66),
    (-0.38, -0.52, -0.36, -0.44, 6.8, 0.66),
)
MOLAR_4: tuple[Cusp, ...] = (
    (0.45, 0.52, 0.36, 0.44, 6.6, 0.62),
    (-0.44, 0.50, -0.38, 0.42, 6.5, 0.64),
    (0.44, -0.50, 0.36, -0.42, 6.8, 0.66),
    (-0.42, -0.50, -0.36, -0.42, 6.7, 0.66),
)
PREMOLAR_2: tuple[Cusp, ...] = (
    (0.0, 0.42, 0.0, 0.24, 7.0, 0.62),
    (0.36, -0.46, 0.28, -0.38, 5.9, 0.62),
    (-0.36, -0.44, -0.28, -0.36, 5.7, 0.62),
)
PREMOLAR_1: tuple[Cusp, ...] = ((0.0, 0.34, 0.0, 0.10, 7.4, 0.75), (0.05, -0.56, 0.0, -0.48, 5.3, 0.6))
CANINE: tuple[Cusp, ...] = ((-0.22, 0.18, 0.22, 0.18, 7.9, 0.9), (0.0, -0.55, 0.0, -0.3, 5.0, 0.8))
INCISOR: tuple[Cusp, ...] = ((-0.7, 0.1, 0.7, 0.1, 7.6, 1.25), (0.0, -0.6, 0.0, -0.35, 4.6, 0.9))


@dataclass(frozen=True, slots=True)
class ToothForm:
    """One kind of crown."""

    name: str
    length_mm: float  # along the arch
    breadth_mm: float  # cheek to tongue
    squareness: float  # exponent of the outline: 2 an ellipse, 4 nearly a box
    cusps: tuple[Cusp, ...]


QUADRANT = (
    ToothForm("third molar", 10.2, 9.6, 2.7, MOLAR_4),
    ToothForm("second molar", 10.7, 10.1, 2.9, MOLAR_4),
    ToothForm("first molar", 11.3, 10.6, 2.9, MOLAR_5),
    ToothForm("second premolar", 7.2, 8.3, 2.3, PREMOLAR_2),
    ToothForm("first premolar", 7.0, 7.7, 2.2, PREMOLAR_1),
    ToothForm("canine", 6.8, 7.6, 2.1, CANINE),
    ToothForm("lateral incisor", 5.8, 6.2, 2.2, INCISOR),
    ToothForm("central incisor", 5.3, 5.8, 2.2, INCISOR),
)


@dataclass(frozen=True, slots=True)
class Crown:
    """One crown on its own patch of the scene; planes are (h, w)."""

    left: int
    top: int
    height_mm: Plane
    inside: Plane  # 0..1, soft outline
    rim: Plane  # 0 in the middle, 1 at the outline
    fissure: Plane  # 0..1, the lines where cusps meet
    tip: Plane  # 0..1, near a cusp's tip


def carve_crown(
    rng: np.random.Generator, form: ToothForm, centre_mm: tuple[float, float], turn: float, px_per_mm: float
) -> Crown:
    """Carve one crown standing at `centre_mm` (x, y), turned by `turn` radians, with the patient's own irregularity."""
    half_u, half_v = form.length_mm / 2 * rng.uniform(0.97, 1.02), form.breadth_mm / 2 * rng.uniform(0.96, 1.04)
    reach_px = int(np.hypot(half_u, half_v) * px_per_mm) + 6
    left, top = (round(c * px_per_mm) - reach_px for c in centre_mm)
    side = 2 * reach_px + 1
    y_mm, x_mm = (np.mgrid[0:side, 0:side].astype(np.float32) + np.array([top, left], np.float32)[:, None, None]) / (
        np.float32(px_per_mm)
    )
    dx, dy = x_mm - np.float32(centre_mm[0]), y_mm - np.float32(centre_mm[1])
    u = (np.cos(turn) * dx + np.sin(turn) * dy).astype(np.float32) / np.float32(half_u)
    v = (-np.sin(turn) * dx + np.cos(turn) * dy).astype(np.float32) / np.float32(half_v)

    angle = np.arctan2(v, u)
    waviness = sum(
        np.float32(rng.normal(0, 0.020 / k**0.5)) * np.cos(k * angle + rng.uniform(0, 6.3)) for k in range(2, 7)
    )
    n = form.squareness
    rho = ((np.abs(u) ** n + np.abs(v) ** n) ** np.float32(1 / n) / (1 + waviness)).astype(np.float32)
    wall = np.sqrt(np.clip(1 - rho**3.2, 0, 1)) * np.float32(7.2)

    wander_u = u + np.float32(0.035) * smooth_noise(rng, (side, side), 1.5 * px_per_mm)
    wander_v = v + np.float32(0.035) * smooth_noise(rng, (side, side), 1.5 * px_per_mm)
    peaks = np.stack([_cusp_field(rng, cusp, wander_u, wander_v, half_u, half_v) for cusp in form.cusps])
    ranked = np.sort(peaks, axis=0)
    top_height, margin = ranked[-1], ranked[-1] - ranked[-2]
    table = smoothstep(0.80, 0.55, rho)
    fissure = np.exp(-((margin / np.float32(0.16)) ** 2)) * table
    grooves = top_height - np.float32(0.30) * fissure - np.float32(0.25) * np.exp(-margin / np.float32(0.5)) * table
    marginal_ridge = np.float32(5.75) - np.float32(12) * (rho - np.float32(0.74)) ** 2
    chewing = _soft_max(grooves, marginal_ridge, 0.25)
    height = _soft_min(chewing, wall, 0.45)
    return Crown(
        left=left,
        top=top,
        height_mm=height.astype(np.float32),
        inside=smoothstep(1.0, 1.0 - 2.2 / (half_u * px_per_mm), rho),
        rim=np.clip(rho, 0, 1.2).astype(np.float32),
        fissure=fissure.astype(np.float32),
        tip=smoothstep(1.3, 0.1, np.float32(max(c[4] for c in form.cusps)) - top_height),
    )


def _cusp_field(rng: np.random.Generator, cusp: Cusp, u: Plane, v: Plane, half_u: float, half_v: float) -> Plane:
    """Height over the patch of one cusp: a cone with the lesser ridges and furrows that run down from its tip."""
    u0, v0, u1, v1 = (p + rng.normal(0, 0.03) for p in cusp[:4])
    height, slope = cusp[4] + rng.normal(0, 0.15), cusp[5] * rng.uniform(0.9, 1.1)
    along_u, along_v = (u1 - u0) * half_u, (v1 - v0) * half_v
    x, y = (u - np.float32(u0)) * np.float32(half_u), (v - np.float32(v0)) * np.float32(half_v)
    length_2 = along_u**2 + along_v**2 + 1e-6
    t = np.clip((x * np.float32(along_u) + y * np.float32(along_v)) / np.float32(length_2), 0, 1)
    x = (x - t * np.float32(along_u)).astype(np.float32)
    y = (y - t * np.float32(along_v)).astype(np.float32)
    distance = np.sqrt(x * x + y * y + np.float32(0.25))
    around = np.arctan2(y, x)
    ridges = np.float32(0.10) * np.cos(3 * around + rng.uniform(0, 6.3))
    ridges = ridges + np.float32(0.05) * np.cos(7 * around + rng.uniform(0, 6.3))
    return np.asarray(height - slope * distance * (1 + ridges), dtype=np.float32)


def _soft_max(a: Plane, b: Plane, width: float) -> Plane:
    """The larger of two heights, rounded over `width` mm."""
    return np.asarray((a + b + np.sqrt((a - b) ** 2 + np.float32(width**2))) / 2, dtype=np.float32)


def _soft_min(a: Plane, b: Plane, width: float) -> Plane:
    """The smaller of two heights, rounded over `width` mm."""
    return np.asarray((a + b - np.sqrt((a - b) ** 2 + np.float32(width**2))) / 2, dtype=np.float32)
