"""Lays out one quadrant of a mouth: height, material and tooth mask, before any light falls on it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.capture.demo.teeth import QUADRANT, Crown, carve_crown
from engine.capture.demo.texture import Plane, Shape, blur, fractal_noise, smooth_noise, smoothstep, vessels

WIDTH_MM, HEIGHT_MM = 58.0, 36.0
CONTACT_OVERLAP = 0.975  # neighbours touch: their outlines bulge a little less than their stated length

ENAMEL = np.array((0.78, 0.66, 0.47), np.float32)  # linear RGB
DENTINE = np.array((0.66, 0.44, 0.21), np.float32)
STAIN = np.array((0.16, 0.075, 0.03), np.float32)
TRANSLUCENT = np.array((0.56, 0.55, 0.50), np.float32)
ATTACHED_GINGIVA = np.array((0.66, 0.255, 0.235), np.float32)
MARGINAL_GINGIVA = np.array((0.60, 0.17, 0.165), np.float32)
MUCOSA = np.array((0.52, 0.125, 0.115), np.float32)
TONGUE = np.array((0.56, 0.21, 0.20), np.float32)
VESSEL = np.array((0.33, 0.03, 0.05), np.float32)


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
    shape = (round(HEIGHT_MM * px_per_mm), round(WIDTH_MM * px_per_mm))
    centres, turns = _arch(rng)
    crowns = [
        carve_crown(rng, form, (x, y), turn + rng.normal(0, 0.05), px_per_mm)
        for form, (x, y), turn in zip(QUADRANT, centres, turns, strict=True)
    ]
    height = np.full(shape, -20.0, np.float32)
    tooth = np.zeros(shape, np.float32)
    albedo = np.zeros((*shape, 3), np.float32)
    shade = rng.normal(0, 0.035)
    for crown in crowns:
        _place(rng, crown, height, tooth, albedo, shade, px_per_mm)
    side = _side_of_arch(shape, centres, px_per_mm)
    gum_height, gum_albedo, wetness = _soft_tissue(rng, tooth, side, px_per_mm)
    blend = tooth[..., None]
    return Mouth(
        px_per_mm=px_per_mm,
        height_mm=np.asarray(gum_height * (1 - tooth) + np.maximum(height, gum_height) * tooth, dtype=np.float32),
        albedo=gum_albedo * (1 - blend) + albedo * blend,
        tooth=tooth,
        wetness=np.maximum(wetness, tooth),
        tooth_centres_px=np.array(centres, np.float64) * px_per_mm,
    )


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
                sideways = rng.normal(0, 0.25)
                centres.append((x - sideways * float(np.sin(heading)), y + sideways * float(np.cos(heading))))
                turns.append(heading)
    return centres, turns


def _place(
    rng: np.random.Generator,
    crown: Crown,
    height: Plane,
    tooth: Plane,
    albedo: NDArray[np.float32],
    shade: float,
    px_per_mm: float,
) -> None:
    """Paint one crown's enamel and set it into the scene; where two meet, the higher one wins."""
    patch = crown.height_mm.shape
    y0, x0 = max(0, crown.top), max(0, crown.left)
    y1, x1 = min(height.shape[0], crown.top + patch[0]), min(height.shape[1], crown.left + patch[1])
    if y1 <= y0 or x1 <= x0:
        return
    own = (slice(y0 - crown.top, y1 - crown.top), slice(x0 - crown.left, x1 - crown.left))
    here = (slice(y0, y1), slice(x0, x1))
    colour = _enamel(rng, crown, shade, px_per_mm)[own]
    inside, own_height = crown.inside[own], crown.height_mm[own]
    wins = ((inside > 0) & (own_height * inside > height[here])).astype(np.float32) * inside
    albedo[here] = np.where((wins > 0)[..., None], colour, albedo[here])
    height[here] = np.where(wins > 0, own_height, height[here])
    tooth[here] = np.maximum(tooth[here], inside)


def _enamel(rng: np.random.Generator, crown: Crown, shade: float, px_per_mm: float) -> NDArray[np.float32]:
    """(h, w, 3) linear colour of one crown: enamel over dentine, mottling, stained fissures."""
    shape = crown.height_mm.shape
    warm = rng.normal(shade, 0.025)
    base = ENAMEL * np.array((1.0, 1 - 0.6 * warm, 1 - 1.9 * warm), np.float32) * np.float32(rng.uniform(0.93, 1.04))
    mottle = fractal_noise(rng, shape, 2.2 * px_per_mm, 4)
    dentine = np.clip(0.30 + 0.16 * mottle - 0.40 * crown.tip + 0.28 * smoothstep(0.80, 0.99, crown.rim), 0, 0.9)
    glassy = smoothstep(0.60, 0.80, crown.rim) * smoothstep(0.97, 0.84, crown.rim) * 0.40
    colour = base * (1 - dentine[..., None]) + DENTINE * dentine[..., None]
    colour = colour * (1 - glassy[..., None]) + TRANSLUCENT * glassy[..., None]
    white_spots = smoothstep(1.3, 2.2, fractal_noise(rng, shape, 1.1 * px_per_mm, 2)) * 0.30
    colour = colour * (1 - white_spots[..., None]) + np.float32(0.86) * white_spots[..., None]
    patchy = smoothstep(-0.7, 1.1, fractal_noise(rng, shape, 1.6 * px_per_mm, 3))
    stained = np.clip(crown.fissure**2.2 * patchy * rng.uniform(0.35, 1.0), 0, 0.92)
    halo = np.clip(blur(stained, 0.20 * px_per_mm) * 0.55, 0, 0.5)
    for amount in (halo, stained):
        colour = colour * (1 - amount[..., None]) + STAIN * amount[..., None]
    grain = np.float32(1) + np.float32(0.025) * fractal_noise(rng, shape, 0.35 * px_per_mm, 2)
    return np.asarray(colour * grain[..., None], dtype=np.float32)


def _side_of_arch(shape: Shape, centres: list[tuple[float, float]], px_per_mm: float) -> Plane:
    """(H, W) signed distance in mm from the arch line: positive towards the cheek, negative towards the tongue."""
    line = np.array([(-20.0, centres[0][1] + 1), *centres, (centres[-1][0] + 2, -20.0)]) * px_per_mm
    tongue_side = np.concatenate((line, [(-40.0 * px_per_mm, -20.0 * px_per_mm)]))
    mask = np.zeros(shape, np.uint8)
    cv2.fillPoly(mask, [tongue_side.astype(np.int32)], 1)
    outside = cv2.distanceTransform(1 - mask, cv2.DIST_L2, cv2.DIST_MASK_5)
    inside = cv2.distanceTransform(mask, cv2.DIST_L2, cv2.DIST_MASK_5)
    return np.asarray((outside - inside) / np.float32(px_per_mm), dtype=np.float32)


def _soft_tissue(
    rng: np.random.Generator, tooth: Plane, side: Plane, px_per_mm: float
) -> tuple[Plane, NDArray[np.float32], Plane]:
    """Height (mm), colour (linear RGB) and wetness of all that is not tooth."""
    shape = tooth.shape
    apart = cv2.distanceTransform((tooth < 0.5).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5) / np.float32(px_per_mm)
    uneven = fractal_noise(rng, shape, 5 * px_per_mm, 3)
    far = blur(apart, 0.5 * px_per_mm) + np.float32(0.35) * uneven
    cheek = smoothstep(-1, 1, side)
    crowding = blur(tooth, 1.3 * px_per_mm)
    height = (
        np.float32(1.9) * np.exp(-(((apart - np.float32(0.9)) / np.float32(0.8)) ** 2)) + np.float32(3.2) * crowding
    )
    height -= np.float32(0.55) * far + np.float32(0.03) * far * far * cheek
    tongue = smoothstep(7.0, 10.5, -side + np.float32(0.8) * uneven)
    lining = smoothstep(8.5, 12.5, side + np.float32(0.6) * uneven)
    height += tongue * np.float32(6.0) + lining * np.float32(4.5) + np.float32(0.25) * uneven

    attached = smoothstep(0.5, 1.2, far) * smoothstep(5.6, 4.0, far)
    stipple = smooth_noise(rng, shape, 0.42 * px_per_mm)
    fine = smooth_noise(rng, shape, 0.16 * px_per_mm)
    papillae = np.abs(smooth_noise(rng, shape, 0.55 * px_per_mm))
    height += np.float32(0.045) * attached * stipple + np.float32(0.008) * fine
    height += np.float32(0.16) * tongue * papillae + np.float32(0.05) * (1 - attached) * smooth_noise(
        rng, shape, 1.4 * px_per_mm
    )

    vein = vessels(rng, shape, 46, 0.35 * px_per_mm)
    blush = fractal_noise(rng, shape, 2.5 * px_per_mm, 4)
    colour = np.broadcast_to(MUCOSA, (*shape, 3)).astype(np.float32)
    layers = (
        (ATTACHED_GINGIVA, smoothstep(6.2, 3.4, far)),
        (MARGINAL_GINGIVA, smoothstep(1.1, 0.15, apart) * 0.85),
        (TONGUE, tongue * 0.9),
        (VESSEL, vein * (0.18 + 0.42 * smoothstep(2.5, 6.0, far)) * (1 - 0.7 * tongue)),
    )
    for tint, amount in layers:
        colour += (tint - colour) * amount[..., None]
    colour *= (1 + np.float32(0.07) * blush)[..., None] * np.array((1, 1, 1), np.float32)
    colour *= (1 + np.float32(0.05) * tongue * (papillae - 0.6))[..., None]
    wet = np.clip(0.55 + 0.25 * uneven + 0.3 * smoothstep(1.5, 0.2, apart) + 0.2 * (1 - attached), 0.15, 1.0)
    return height.astype(np.float32), np.clip(colour, 0.01, 1), wet.astype(np.float32)
