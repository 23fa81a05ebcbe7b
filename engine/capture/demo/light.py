"""Lets light fall on a mouth: shading, scattering under the surface, crevice shadow, wet highlights, blur by depth."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.capture.demo.mouth import Mouth
from engine.capture.demo.texture import Plane, blur, smooth_noise, smoothstep
from engine.values import Image

KEY_LIGHT = (-0.32, -0.38, 0.87)  # the ring's stronger side; x right, y down, z to the camera
FILL_LIGHT = (0.45, 0.30, 0.84)
HIGHLIGHTS = (  # direction, sharpness, strength: the small lamps of the handpiece, mirrored by saliva
    ((-0.34, -0.40, 0.85), 420.0, 2.2),
    ((0.40, -0.12, 0.91), 520.0, 1.6),
    ((-0.05, 0.36, 0.93), 300.0, 0.55),
)
SCATTER_MM = (0.55, 0.26, 0.14)  # red travels furthest under the surface


def render(rng: np.random.Generator, mouth: Mouth) -> Image:
    """(H, W, 3) uint8 sRGB picture of the whole mouth, evenly exposed."""
    scale = mouth.px_per_mm
    normal = _normals(mouth.height_mm, scale)
    dim = _crevice_shadow(mouth.height_mm, scale)
    diffuse = 0.68 * _facing(normal, KEY_LIGHT) + 0.32 * _facing(normal, FILL_LIGHT)
    lit = (np.float32(0.14) + np.float32(0.98) * diffuse) * dim
    depth_loss = np.float32(0.36) + np.float32(0.64) * smoothstep(-9.0, 5.0, mouth.height_mm)
    picture = mouth.albedo * _scatter(lit * depth_loss, scale)
    shine = _highlights(rng, mouth, scale) * (0.35 + 0.65 * dim)
    picture = _blur_by_depth(picture, mouth, scale) + shine[..., None]
    return _develop(picture)


def _normals(height_mm: Plane, px_per_mm: float) -> NDArray[np.float32]:
    """(3, H, W) unit normals, z towards the camera."""
    x = cv2.Scharr(height_mm, cv2.CV_32F, 1, 0, scale=-px_per_mm / 32)
    y = cv2.Scharr(height_mm, cv2.CV_32F, 0, 1, scale=-px_per_mm / 32)
    length = np.float32(1) / np.sqrt(x * x + y * y + 1)
    return np.stack((x * length, y * length, length))


def _facing(normal: NDArray[np.float32], direction: tuple[float, float, float]) -> Plane:
    """Lambert's cosine, 0 where turned away."""
    unit = np.array(direction, np.float32) / np.float32(np.linalg.norm(direction))
    return np.asarray(np.maximum(unit[0] * normal[0] + unit[1] * normal[1] + unit[2] * normal[2], 0), np.float32)


def _crevice_shadow(height_mm: Plane, px_per_mm: float) -> Plane:
    """0..1: less light reaches what lies below its surroundings, near and far."""
    dark = np.zeros_like(height_mm)
    for reach_mm, weight in ((0.25, 0.9), (0.8, 0.34), (2.4, 0.13)):
        dark += np.float32(weight) * np.maximum(blur(height_mm, reach_mm * px_per_mm) - height_mm, 0)
    return np.asarray(np.exp(-dark), dtype=np.float32)


def _scatter(lit: Plane, px_per_mm: float) -> NDArray[np.float32]:
    """(H, W, 3): light wanders inside enamel and gum before it leaves, red most, so shadows are soft and warm."""
    channels = [np.float32(0.45) * lit + np.float32(0.55) * blur(lit, reach * px_per_mm) for reach in SCATTER_MM]
    return np.stack(channels, axis=-1)


def _highlights(rng: np.random.Generator, mouth: Mouth, px_per_mm: float) -> Plane:
    """Mirror images of the lamps in the film of saliva, ragged because the film is."""
    film = blur(mouth.height_mm, 0.09 * px_per_mm)
    film += np.float32(0.010) * smooth_noise(rng, film.shape, 0.30 * px_per_mm)
    film += np.float32(0.022) * smooth_noise(rng, film.shape, 0.9 * px_per_mm)
    normal = _normals(film, px_per_mm)
    total = np.zeros_like(film)
    for (x, y, z), sharpness, strength in HIGHLIGHTS:
        lamp = np.array((x, y, z)) / np.linalg.norm((x, y, z))
        cosine = _facing(normal, (lamp[0], lamp[1], lamp[2] + 1))
        total += np.float32(strength) * np.exp(np.float32(sharpness) * (cosine - 1))
        total += np.float32(0.05 * strength) * np.exp(np.float32(sharpness / 12) * (cosine - 1))
    return np.asarray(total * mouth.wetness**1.5, dtype=np.float32)


def _blur_by_depth(picture: NDArray[np.float32], mouth: Mouth, px_per_mm: float) -> NDArray[np.float32]:
    """The lens is set on the crowns: what lies deeper is softer."""
    soft = cv2.GaussianBlur(picture, (0, 0), 0.12 * px_per_mm)
    amount = smoothstep(0.5, -6.0, mouth.height_mm)[..., None] * (1 - mouth.tooth[..., None])
    return np.asarray(picture + (soft - picture) * amount, dtype=np.float32)


def _develop(linear: NDArray[np.float32]) -> Image:
    """Linear light to sRGB bytes with a shoulder, so that highlights roll off as in a camera."""
    levels = np.linspace(0, 4, 4096, dtype=np.float32)
    exposed = levels * np.float32(1.25)
    rolled = np.where(exposed < 0.7, exposed, 0.7 + 0.3 * (1 - np.exp(-(exposed - 0.7) / 0.45)))
    srgb = np.where(rolled < 0.0031308, 12.92 * rolled, 1.055 * rolled ** (1 / 2.4) - 0.055)
    table = np.clip(srgb * 255, 0, 255).astype(np.uint8)
    index = np.clip(linear * np.float32(4095 / 4), 0, 4095).astype(np.uint16)
    return np.ascontiguousarray(table[index])
