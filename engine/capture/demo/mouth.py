"""Lays out one quadrant of a mouth: height, material and tooth mask, before any light falls on it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.capture.demo.dam import stretch_dam
from engine.capture.demo.enamel import colour_crown
from engine.capture.demo.teeth import QUADRANT, Crown, Work, carve_crown
from engine.capture.demo.texture import Plane, Shape
from engine.capture.demo.tissue import COARSE, grow_tissue

WIDTH_MM, HEIGHT_MM = 58.0, 36.0
CONTACT_OVERLAP = 0.955  # neighbours touch: their outlines bulge a little less than their stated length
BACK_TEETH = 5  # molars and premolars, which get decay and fillings
DAM_SHARE = 0.15  # patients treated under a rubber dam
WORKED_TOOTH = 2  # the first molar, the tooth that is filled most often
WORK_SHARES = {Work.SOUND: 0.52, Work.CARIES: 0.14, Work.AMALGAM: 0.12, Work.COMPOSITE: 0.12, Work.CAVITY: 0.10}


@dataclass(frozen=True, slots=True)
class Mouth:
    """What there is, not how it looks. Planes are (H, W) float32 on the scene's grid."""

    px_per_mm: float
    height_mm: Plane
    albedo: NDArray[np.float32]  # (H, W, 3) linear RGB
    tooth: Plane  # 0..1
    wetness: Plane  # 0..1, how mirror-like the film of saliva is
    tooth_centres_px: NDArray[np.float64]  # (N, 2) x, y along the arch


def lay_out_mouth(rng: np.random.Generator, px_per_mm: float) -> Mouth:
    """Draw a patient: arch form, crowns, gums, floor of the mouth and cheek."""
    shape = tuple(COARSE * round(side * px_per_mm / COARSE) for side in (HEIGHT_MM, WIDTH_MM))
    centres, turns = _arch(rng)
    crowns = [
        carve_crown(rng, form, work, (x, y), turn + rng.normal(0, 0.05), px_per_mm)
        for form, work, (x, y), turn in zip(QUADRANT, _history(rng), centres, turns, strict=True)
    ]
    tooth = np.zeros(shape, np.float32)
    for crown in crowns:
        here, own = _overlap(crown, (shape[0], shape[1]))
        np.maximum(tooth[here], crown.inside[own], out=tooth[here])
    has_dam = rng.random() < DAM_SHARE
    side = _side_of_arch((shape[0] // COARSE, shape[1] // COARSE), centres, px_per_mm / COARSE)
    tissue = stretch_dam(rng, tooth, px_per_mm) if has_dam else grow_tissue(rng, tooth, side, px_per_mm)
    height, albedo, wetness = tissue.height_mm, tissue.albedo, tissue.wetness
    best = np.full(shape, -20.0, np.float32)
    shade = rng.normal(0.02, 0.06)
    for crown in crowns:
        cover = _place(rng, crown, best, height, albedo, shade, px_per_mm)
        here, own = _overlap(crown, (shape[0], shape[1]))
        wetness[here] += (crown.gloss[own] - wetness[here]) * cover
    return Mouth(
        px_per_mm=px_per_mm,
        height_mm=height,
        albedo=albedo,
        tooth=tooth,
        wetness=wetness,
        tooth_centres_px=np.array(centres, np.float64) * px_per_mm,
    )


def _history(rng: np.random.Generator) -> list[Work]:
    """What each tooth has been through; front teeth are sound, and there is always one to work on."""
    kinds, shares = list(WORK_SHARES), list(WORK_SHARES.values())
    works = [kinds[int(rng.choice(len(kinds), p=shares))] for _ in range(BACK_TEETH)]
    works[WORKED_TOOTH] = (Work.CAVITY, Work.CARIES, Work.AMALGAM, Work.SOUND)[int(rng.integers(4))]
    return works + [Work.SOUND] * (len(QUADRANT) - BACK_TEETH)


def _arch(rng: np.random.Generator) -> tuple[list[tuple[float, float]], list[float]]:
    """Centres (mm) and directions (rad) of the crowns, from the third molar to the midline, bending at the canine."""
    lengths = [form.length_mm * CONTACT_OVERLAP for form in QUADRANT]
    x, y, heading = rng.uniform(-1.5, 0.5), HEIGHT_MM * rng.uniform(0.56, 0.62), rng.uniform(-0.10, 0.0)
    bend_at, bend_mm = sum(lengths[:4]) + rng.uniform(-1, 2), rng.uniform(17, 21)
    centres, turns, travelled = [], [], 0.0
    for length in lengths:
        for part in range(20):
            step = length / 20
            travelled += step
            heading -= step * (1 / 160 if travelled < bend_at else 1 / bend_mm)
            x, y = x + step * float(np.cos(heading)), y + step * float(np.sin(heading))
            if part == 9:
                sideways = rng.normal(0, 0.3)
                centres.append((x - sideways * float(np.sin(heading)), y + sideways * float(np.cos(heading))))
                turns.append(heading)
    return centres, turns


Window = tuple[slice, slice]


def _overlap(crown: Crown, shape: Shape) -> tuple[Window, Window]:
    """Rows and columns of the scene that a crown's patch covers, and those of the patch that fall there."""
    side = crown.height_mm.shape[0]
    y0, x0 = (min(max(0, at), limit) for at, limit in zip((crown.top, crown.left), shape, strict=True))
    y1, x1 = (min(max(0, at + side), limit) for at, limit in zip((crown.top, crown.left), shape, strict=True))
    here = (slice(y0, max(y0, y1)), slice(x0, max(x0, x1)))
    own = (slice(y0 - crown.top, here[0].stop - crown.top), slice(x0 - crown.left, here[1].stop - crown.left))
    return here, own


def _place(
    rng: np.random.Generator,
    crown: Crown,
    best: Plane,
    height: Plane,
    albedo: NDArray[np.float32],
    shade: float,
    px_per_mm: float,
) -> Plane:
    """Paint one crown into the scene, in place; where two meet, the one further inside its outline wins.

    Returns where it shows, (h, w) 0..1 on the part of its patch that lies in the scene.
    """
    here, own = _overlap(crown, (height.shape[0], height.shape[1]))
    depth = -crown.rim[own]
    cover = crown.inside[own] * (depth > best[here])
    np.maximum(best[here], np.where(cover > 0, depth, -20), out=best[here])
    colour = colour_crown(rng, crown, shade, px_per_mm)[own]
    height[here] += (np.maximum(crown.height_mm[own], height[here]) - height[here]) * cover
    albedo[here] += (colour - albedo[here]) * cover[..., None]
    return np.asarray(cover, dtype=np.float32)


def _side_of_arch(shape: Shape, centres: list[tuple[float, float]], px_per_mm: float) -> Plane:
    """(H, W) signed distance in mm from the arch line: positive towards the cheek, negative towards the tongue."""
    line = np.array([(-20.0, centres[0][1] + 1), *centres, (centres[-1][0] + 2, -20.0)]) * px_per_mm
    tongue_side = np.concatenate((line, [(-40.0 * px_per_mm, -20.0 * px_per_mm)]))
    mask = np.zeros(shape, np.uint8)
    cv2.fillPoly(mask, [tongue_side.astype(np.int32)], 1)
    outside = cv2.distanceTransform(1 - mask, cv2.DIST_L2, cv2.DIST_MASK_5)
    inside = cv2.distanceTransform(mask, cv2.DIST_L2, cv2.DIST_MASK_5)
    return np.asarray((outside - inside) / px_per_mm, dtype=np.float32)
