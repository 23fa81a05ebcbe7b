"""The chuck and bur that stand still in the picture, because camera and handpiece are one piece."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.capture.demo.texture import Plane, blur, smooth_noise, smoothstep
from engine.values import Image


@dataclass(frozen=True, slots=True)
class Handpiece:
    """Ready to lay over a picture: picture * keep / 255 + colour, inside the box only."""

    box: tuple[slice, slice]  # rows, columns
    colour: Image  # (h, w, 3) uint8, already times its coverage
    keep: Image  # (h, w, 3) uint8, 255 where the scene shows through
    cover: NDArray[np.uint8]  # (H, W) 1 where the handpiece hides the scene
    shadow: Plane  # (H, W) 0..1 light that reaches the scene past the handpiece

    def lay_over(self, picture: Image) -> None:
        """Draw it on (H, W, 3), in place."""
        region = picture[self.box]
        cv2.multiply(region, self.keep, dst=region, scale=1 / 255)
        cv2.add(region, self.colour, dst=region)


def draw_handpiece(seed: int, size: tuple[int, int]) -> Handpiece:
    """A chuck in one upper corner with a diamond bur that reaches to the middle; 11 to 17 % of the picture."""
    width, height = size
    rng = np.random.default_rng((seed, 0xB0B))
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    unit = width / 640
    mirror = rng.random() < 0.5
    if mirror:
        x = np.float32(width - 1) - x
    root = np.array((width * 0.985, -height * 0.02)) + rng.uniform(-12, 12, 2) * unit
    tip = np.array((width * rng.uniform(0.555, 0.60), height * rng.uniform(0.44, 0.50)))
    length = float(np.linalg.norm(tip - root))
    axis = (tip - root) / length
    along = ((x - root[0]) * axis[0] + (y - root[1]) * axis[1]).astype(np.float32)
    across = (-(x - root[0]) * axis[1] + (y - root[1]) * axis[0]).astype(np.float32)
    shape = (height, width)
    chuck_cover, chuck = _chuck(rng, x, y, root, 205 * unit, shape)
    bur_cover, bur = _bur(rng, along / np.float32(length), across / np.float32(unit), shape)
    cover = np.maximum(chuck_cover, bur_cover)
    colour = chuck * (chuck_cover * (1 - bur_cover))[..., None] + bur * bur_cover[..., None]
    near = smoothstep(0.75, 0.15, along / np.float32(length))[..., None]
    colour = blur(colour, 0.8 * unit) * (1 - near) + blur(colour, 3.2 * unit) * near
    cover = blur(cover, 0.8 * unit) * (1 - near[..., 0]) + blur(cover, 3.2 * unit) * near[..., 0]
    shadow = 1 - np.float32(0.42) * blur(np.roll(cover, round(16 * unit), axis=0), 13 * unit) * (1 - cover)
    return _pack(colour, cover, shadow)


def _chuck(
    rng: np.random.Generator, x: Plane, y: Plane, root: NDArray[np.float64], radius: float, shape: tuple[int, int]
) -> tuple[Plane, NDArray[np.float32]]:
    """Cover (H, W) and linear colour (H, W, 3) of the turbine head's face: turned steel rings round the collet."""
    dx, dy = x - np.float32(root[0]), y - np.float32(root[1])
    rho = np.sqrt(dx * dx + dy * dy) / np.float32(radius)
    angle = np.arctan2(dy, dx)
    sheen = 0.25 * (0.5 + 0.5 * np.cos(2 * (angle - 2.2))) + sum(
        weight * np.exp(-(((angle - at) / width) ** 2))
        for at, width, weight in (
            (rng.uniform(1.85, 2.05), 0.12, 0.9),
            (rng.uniform(2.45, 2.60), 0.06, 0.5),
            (rng.uniform(2.75, 2.95), 0.16, 0.7),
        )
    )
    turned = 0.045 * np.sin(rho * 95) + 0.05 * smooth_noise(rng, shape, 2.2)
    level = 0.10 + 0.42 * sheen + turned * (0.4 + sheen)
    level = level * (0.55 + 0.45 * smoothstep(1.0, 0.80, rho)) + 0.55 * np.exp(-(((rho - 0.90) / 0.035) ** 2)) * sheen
    for edge, width, gain in ((0.975, 0.020, 0.45), (0.80, 0.012, -0.30), (0.62, 0.016, 0.40), (0.40, 0.02, -0.22)):
        level = level + gain * np.exp(-(((rho - edge) / width) ** 2)) * (0.35 + 0.65 * sheen)
    ports = np.exp(-(((rho - 0.71) / 0.045) ** 2)) * smoothstep(0.93, 0.99, np.cos(angle * 4 + np.float32(0.4)))
    level = np.clip(level * (1 - 0.85 * ports), 0.02, 1)
    blush = smoothstep(0.70, 1.0, rho) * np.float32(0.35)
    tint = np.array((1.0, 0.98, 0.95), np.float32) + (np.array((0.95, 0.55, 0.52), np.float32) - 1) * blush[..., None]
    return smoothstep(1.0, 0.975, rho), (level[..., None] * tint).astype(np.float32)


def _bur(
    rng: np.random.Generator, along: Plane, across: Plane, shape: tuple[int, int]
) -> tuple[Plane, NDArray[np.float32]]:
    """Cover (H, W) and linear colour (H, W, 3) of shank and diamond head; `along` is 1 at the tip, `across` in px."""
    knots = (0.0, 0.18, 0.20, 0.56, 0.60, 0.64, 0.70, 0.90, 0.96, 0.985, 1.0)
    radii = (34.0, 30.0, 25.0, 16.5, 10.5, 10.5, 17.0, 13.5, 10.5, 7.0, 0.5)
    radius = np.interp(along, knots, radii).astype(np.float32)
    q = across / radius
    cover = smoothstep(1.0, 0.90, np.abs(q)) * (along < 1)
    steel = 0.07 + 0.80 * np.exp(-(((q + 0.38) / 0.17) ** 2)) + 0.30 * np.exp(-(((q - 0.52) / 0.12) ** 2))
    steel = steel + 0.02 * smooth_noise(rng, shape, 1.6)
    grit_noise = smooth_noise(rng, shape, 2.4) + np.float32(0.7) * smooth_noise(rng, shape, 1.5)
    grit = (0.12 + 0.42 * np.exp(-(((q + 0.30) / 0.42) ** 2))) * (1 + np.float32(0.55) * np.clip(grit_noise, -1.5, 2.4))
    is_head = smoothstep(0.665, 0.685, along)
    level = np.clip(steel * (1 - is_head) + grit * is_head, 0.015, 1.2)
    ring = np.exp(-(((along - 0.625) / 0.006) ** 2))
    tint = np.array((0.97, 0.98, 1.0), np.float32) + (np.array((0.92, 0.82, 0.76), np.float32) - 1) * is_head[..., None]
    colour = level[..., None] * tint
    gold = np.array((0.62, 0.12, 0.10), np.float32) * (
        0.3 + 0.9 * level[..., None]
    )  # the grit's colour ring: red, fine
    colour = colour * (1 - ring[..., None]) + gold * ring[..., None]
    edge = smoothstep(0.70, 1.0, np.abs(q))[..., None] * np.float32(0.35)
    reflected = np.array((0.34, 0.12, 0.11), np.float32)
    return cover.astype(np.float32), (colour * (1 - edge) + reflected * edge).astype(np.float32)


def _pack(colour: NDArray[np.float32], cover: Plane, shadow: Plane) -> Handpiece:
    """Linear float layers to the bytes that the per-frame path needs."""
    rows = np.flatnonzero((cover > 0.004).any(axis=1))
    columns = np.flatnonzero((cover > 0.004).any(axis=0))
    box = (slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1))
    part = np.clip(cover[box], 0, 1)[..., None]
    straight = np.clip(colour[box] / np.maximum(part, 1e-3), 0, 1) ** np.float32(1 / 2.2)
    return Handpiece(
        box=box,
        colour=np.ascontiguousarray(np.clip(straight * part * 255, 0, 255).astype(np.uint8)),
        keep=np.ascontiguousarray(np.repeat(255 - np.round(part * 255), 3, axis=2).astype(np.uint8)),
        cover=(cover > 0.5).astype(np.uint8),
        shadow=np.clip(shadow, 0, 1),
    )
