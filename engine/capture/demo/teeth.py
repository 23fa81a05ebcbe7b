"""Crowns of one lower quadrant as height fields: cusps, fissures, outlines, decay and dentistry, from a seed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np

from engine.capture.demo.texture import Plane, blur, smooth_noise, smoothstep

# A cusp: (u0, v0, u1, v1, height, slope). u runs along the arch, v towards the cheek, both in half widths of the crown;
# the peak is the segment between its two points; height and slope in mm and mm per mm.
Cusp = tuple[float, float, float, float, float, float]
MOLAR_5: tuple[Cusp, ...] = (
    (0.54, 0.58, 0.40, 0.48, 6.8, 0.80),
    (-0.10, 0.64, -0.14, 0.52, 6.7, 0.80),
    (-0.66, 0.44, -0.58, 0.36, 6.3, 0.84),
    (0.48, -0.58, 0.38, -0.46, 7.0, 0.84),
    (-0.40, -0.58, -0.36, -0.46, 6.9, 0.84),
)
MOLAR_4: tuple[Cusp, ...] = (
    (0.48, 0.58, 0.36, 0.46, 6.7, 0.80),
    (-0.46, 0.56, -0.38, 0.44, 6.6, 0.82),
    (0.46, -0.56, 0.36, -0.44, 6.9, 0.84),
    (-0.44, -0.56, -0.36, -0.44, 6.8, 0.84),
)
PREMOLAR_2: tuple[Cusp, ...] = (
    (0.0, 0.48, 0.0, 0.24, 7.1, 0.85),
    (0.38, -0.52, 0.28, -0.40, 6.0, 0.80),
    (-0.38, -0.50, -0.28, -0.38, 5.8, 0.80),
)
PREMOLAR_1: tuple[Cusp, ...] = ((0.0, 0.40, 0.0, 0.10, 7.4, 0.95), (0.05, -0.60, 0.0, -0.50, 5.4, 0.8))
CANINE: tuple[Cusp, ...] = ((-0.22, 0.18, 0.22, 0.18, 7.9, 1.05), (0.0, -0.55, 0.0, -0.3, 5.2, 0.9))
INCISOR: tuple[Cusp, ...] = ((-0.7, 0.1, 0.7, 0.1, 7.6, 1.35), (0.0, -0.6, 0.0, -0.35, 4.8, 0.9))


class Work(Enum):
    """What a crown has been through."""

    SOUND = "sound"
    CARIES = "caries"
    AMALGAM = "amalgam"
    COMPOSITE = "composite"
    CAVITY = "cavity"  # being prepared: walls of enamel, floor of dentine


@dataclass(frozen=True, slots=True)
class ToothForm:
    """One kind of crown."""

    name: str
    length_mm: float  # along the arch
    breadth_mm: float  # cheek to tongue
    squareness: float  # exponent of the outline: 2 an ellipse, 4 nearly a box
    cusps: tuple[Cusp, ...]


QUADRANT = (
    ToothForm("third molar", 10.2, 9.6, 2.5, MOLAR_4),
    ToothForm("second molar", 10.7, 10.1, 2.7, MOLAR_4),
    ToothForm("first molar", 11.3, 10.6, 2.7, MOLAR_5),
    ToothForm("second premolar", 7.2, 8.3, 2.2, PREMOLAR_2),
    ToothForm("first premolar", 7.0, 7.7, 2.1, PREMOLAR_1),
    ToothForm("canine", 6.8, 7.6, 2.0, CANINE),
    ToothForm("lateral incisor", 5.8, 6.2, 2.1, INCISOR),
    ToothForm("central incisor", 5.3, 5.8, 2.1, INCISOR),
)
FLANK_CUT = 0.955  # below 1 the flanks are not seen down to where they turn vertical, and black
LENGTHWISE_RIDGE = 0.82  # where the marginal ridges run, in half lengths


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
    work: Work
    worked: Plane  # 0..1, where

    @property
    def gloss(self) -> Plane:
        """(h, w) 0..1: cut or soft dentine does not mirror as enamel and fillings do."""
        return 1 - 0.6 * self.worked if self.work in (Work.CAVITY, Work.CARIES) else np.ones_like(self.worked)


def carve_crown(
    rng: np.random.Generator,
    form: ToothForm,
    work: Work,
    centre_mm: tuple[float, float],
    turn: float,
    px_per_mm: float,
) -> Crown:
    """Carve one crown standing at `centre_mm` (x, y), turned by `turn` radians, with the patient's own irregularity."""
    half_u, half_v = form.length_mm / 2 * rng.uniform(0.97, 1.02), form.breadth_mm / 2 * rng.uniform(0.96, 1.04)
    reach_px = int(0.90 * np.hypot(half_u, half_v) * px_per_mm) + 4
    left, top = (round(c * px_per_mm) - reach_px for c in centre_mm)
    side = 2 * reach_px + 1
    y, x = np.mgrid[0:side, 0:side].astype(np.float32) / px_per_mm
    dx, dy = x + (left / px_per_mm - centre_mm[0]), y + (top / px_per_mm - centre_mm[1])
    cosine, sine = float(np.cos(turn)), float(np.sin(turn))
    u = np.asarray((cosine * dx + sine * dy) / half_u, dtype=np.float32)
    v = np.asarray((cosine * dy - sine * dx) / half_v, dtype=np.float32)

    rho = _outline(rng, form, u, v)
    wall = np.asarray(np.sqrt(np.clip(1 - (FLANK_CUT * rho) ** 2.8, 0, 1)) * 7.3, dtype=np.float32)
    u += 0.035 * smooth_noise(rng, (side, side), 1.5 * px_per_mm)
    v += 0.035 * smooth_noise(rng, (side, side), 1.5 * px_per_mm)
    first, second = _two_highest([_cusp_field(rng, cusp, u, v, half_u, half_v) for cusp in form.cusps])
    margin = first - second
    table = smoothstep(0.96, 0.72, rho)
    fissure = np.exp(-((margin / 0.13) ** 2)) * table
    furrows = smoothstep(0.16, 0.0, np.abs(smooth_noise(rng, (side, side), 1.9 * px_per_mm))) * table
    cut = 0.34 * fissure + 0.30 * np.exp(-margin / 0.45) * table + 0.03 * furrows
    chewing = np.asarray(first - cut, dtype=np.float32)
    lower = 14 * (np.abs(u) - LENGTHWISE_RIDGE) ** 2 + 3.0 * np.maximum(np.abs(v) - 0.30, 0)
    ridge = np.asarray(5.9 - lower, dtype=np.float32)
    worn = max(cusp[4] for cusp in form.cusps) - rng.uniform(0.1, 0.7)
    height = _soft_min(_soft_max(chewing, ridge, 0.22), wall, 0.5)
    height = _soft_min(height, np.full_like(height, worn), 0.10)
    worked = _worked_area(rng, work, u, v, fissure, px_per_mm)
    return Crown(
        left=left,
        top=top,
        height_mm=_with_work(rng, height, work, worked, px_per_mm),
        inside=smoothstep(1.0, 1.0 - 2.2 / (half_u * px_per_mm), rho),
        rim=np.clip(rho, 0, 1.2),
        fissure=fissure,
        tip=smoothstep(1.5, 0.2, worn - first),
        work=work,
        worked=worked,
    )


def _two_highest(peaks: list[Plane]) -> tuple[Plane, Plane]:
    """At every pixel the highest cusp and the next: where they are level, a fissure runs."""
    first = second = np.full_like(peaks[0], -9.0)
    for peak in peaks:
        second = np.maximum(second, np.minimum(first, peak))
        first = np.maximum(first, peak)
    return first, second


def _outline(rng: np.random.Generator, form: ToothForm, u: Plane, v: Plane) -> Plane:
    """0 in the middle, 1 on the outline: a rounded box that bulges a little at every cusp."""
    angle = np.arctan2(v, u)
    bulge = np.zeros_like(u)
    for k in range(2, 7):
        bulge += rng.normal(0, 0.018 / k**0.5) * np.cos(k * angle + rng.uniform(0, 6.3))
    if len(form.cusps) > 2:
        for cusp in form.cusps:
            apart = np.abs(np.angle(np.exp(1j * (angle - np.arctan2(cusp[1], cusp[0])))).astype(np.float32))
            bulge += 0.045 * np.exp(-((apart / 0.36) ** 2)) - 0.005
    n = form.squareness
    return np.asarray((np.abs(u) ** n + np.abs(v) ** n) ** (1 / n) / (1 + bulge), dtype=np.float32)


def _cusp_field(rng: np.random.Generator, cusp: Cusp, u: Plane, v: Plane, half_u: float, half_v: float) -> Plane:
    """Height over the patch of one cusp: a cone with the lesser ridges and furrows that run down from its tip."""
    u0, v0, u1, v1 = (p + rng.normal(0, 0.03) for p in cusp[:4])
    height, slope = cusp[4] + rng.normal(0, 0.15), cusp[5] * rng.uniform(0.9, 1.1)
    along_u, along_v = (u1 - u0) * half_u, (v1 - v0) * half_v
    x, y = (u - u0) * half_u, (v - v0) * half_v
    t = np.clip((x * along_u + y * along_v) / (along_u**2 + along_v**2 + 1e-6), 0, 1)
    x, y = x - t * along_u, y - t * along_v
    distance = np.sqrt(x * x + y * y + 0.3)
    around = np.arctan2(y, x)
    ridges = 0.11 * np.cos(3 * around + rng.uniform(0, 6.3)) + 0.06 * np.cos(7 * around + rng.uniform(0, 6.3))
    return np.asarray(height - slope * distance * (1 + ridges), dtype=np.float32)


def _worked_area(rng: np.random.Generator, work: Work, u: Plane, v: Plane, fissure: Plane, px_per_mm: float) -> Plane:
    """0..1 where decay, filling or preparation lies: a lobed field round the middle that follows the fissures."""
    if work is Work.SOUND:
        return np.zeros_like(u)
    at_u, at_v = rng.uniform(-0.15, 0.15, 2)
    size_u, size_v = rng.uniform(0.34, 0.52), rng.uniform(0.30, 0.42)
    ragged = 0.30 if work is Work.CARIES else 0.09
    uneven = smooth_noise(rng, (u.shape[0], u.shape[1]), 1.4 * px_per_mm)
    away = np.sqrt(((u - at_u) / size_u) ** 2 + ((v - at_v) / size_v) ** 2) + ragged * uneven - 0.35 * fissure
    return smoothstep(1.04, 0.96, away) if work is not Work.CARIES else smoothstep(1.15, 0.55, away)


def _with_work(rng: np.random.Generator, height: Plane, work: Work, worked: Plane, px_per_mm: float) -> Plane:
    """The crown's height with the hole or the filling in it."""
    rough = smooth_noise(rng, (height.shape[0], height.shape[1]), 0.35 * px_per_mm)
    if work is Work.CAVITY:
        floor = 2.9 + 0.10 * smooth_noise(rng, (height.shape[0], height.shape[1]), 1.6 * px_per_mm) + 0.012 * rough
        height = height + (floor - height) * worked
    elif work is Work.CARIES:
        height = height - worked * (0.7 + 0.22 * rough)
    elif work in (Work.AMALGAM, Work.COMPOSITE):
        roughness = 0.03 if work is Work.AMALGAM else 0.008
        carved = (
            blur(height, 0.45 * px_per_mm) + 0.12 + roughness * rough
        )  # the anatomy again, less sharp than nature's
        seam = worked * (1 - worked) * (0.32 if work is Work.AMALGAM else 0.08)
        height = height + (carved - height) * worked - seam
    return np.asarray(height, dtype=np.float32)


def _soft_max(a: Plane, b: Plane, width: float) -> Plane:
    """The larger of two heights, rounded over `width` mm."""
    return np.asarray((a + b + np.sqrt((a - b) ** 2 + width**2)) / 2, dtype=np.float32)


def _soft_min(a: Plane, b: Plane, width: float) -> Plane:
    """The smaller of two heights, rounded over `width` mm."""
    return np.asarray((a + b - np.sqrt((a - b) ** 2 + width**2)) / 2, dtype=np.float32)
