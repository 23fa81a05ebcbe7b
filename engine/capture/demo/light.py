"""Lets light fall on a mouth: shading, scattering under the surface, crevice shadow, wet highlights, blur by depth."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.capture.demo.mouth import Mouth
from engine.capture.demo.texture import Plane, blur, smooth_noise, smoothstep
from engine.values import Image

Direction = tuple[float, float, float]  # x right, y down, z to the camera
KEY_LIGHT: Direction = (-0.47, -0.52, 0.71)  # the ring's stronger side
FILL_LIGHT: Direction = (0.50, 0.32, 0.80)
HIGHLIGHTS: tuple[tuple[Direction, float, float], ...] = (  # the small lamps, mirrored by saliva: sharpness, strength
    ((-0.34, -0.40, 0.85), 190.0, 1.9),
    ((0.40, -0.12, 0.91), 420.0, 1.7),
    ((-0.05, 0.36, 0.93), 300.0, 0.45),
)
SCATTER_MM = (0.50, 0.24, 0.13)  # red travels furthest under the surface
EXPOSURE = 1.55
AMBIENT = (0.19, 0.115, 0.10)  # light that has been round the mouth is red


def render(rng: np.random.Generator, mouth: Mouth) -> Image:
    """(H, W, 3) uint8 sRGB picture of the whole mouth, evenly exposed."""
    scale = mouth.px_per_mm
    normal = _normals(mouth.height_mm, scale)
    dim = _crevice_shadow(mouth.height_mm, scale)
    diffuse = 0.82 * _facing(normal, KEY_LIGHT) + 0.26 * _facing(normal, FILL_LIGHT)
    depth_loss = 0.42 + 0.58 * smoothstep(-9.0, 5.0, mouth.height_mm)
    around = cv2.merge([dim * depth_loss * part for part in AMBIENT])
    direct = diffuse * dim * depth_loss * _cast_shadow(mouth.height_mm, scale)
    picture = mouth.albedo * (_scatter(direct, scale) + around)
    shine = _highlights(rng, mouth, scale) * smoothstep(0.25, 0.9, dim)
    picture = _blur_by_depth(picture, mouth, scale) + shine[..., None]
    return _develop(picture)


def _normals(height_mm: Plane, px_per_mm: float) -> tuple[Plane, Plane, Plane]:
    """Unit normals x, y, z, each (H, W); z towards the camera."""
    x = cv2.Scharr(height_mm, cv2.CV_32F, 1, 0, scale=-px_per_mm / 32)
    y = cv2.Scharr(height_mm, cv2.CV_32F, 0, 1, scale=-px_per_mm / 32)
    z = 1 / np.sqrt(x * x + y * y + 1)
    return x * z, y * z, z


def _facing(normal: tuple[Plane, Plane, Plane], direction: Direction) -> Plane:
    """Lambert's cosine, 0 where turned away."""
    x, y, z = (float(part) for part in np.array(direction) / np.linalg.norm(direction))
    return np.asarray(np.maximum(x * normal[0] + y * normal[1] + z * normal[2], 0), dtype=np.float32)


def _crevice_shadow(height_mm: Plane, px_per_mm: float) -> Plane:
    """0..1: less light reaches what lies below its surroundings, near and far."""
    dark = np.zeros_like(height_mm)
    for reach_mm, weight in ((0.25, 0.9), (0.8, 0.36), (2.4, 0.14)):
        dark += weight * np.maximum(blur(height_mm, reach_mm * px_per_mm) - height_mm, 0)
    return np.asarray(np.exp(-dark), dtype=np.float32)


def _cast_shadow(height_mm: Plane, px_per_mm: float) -> Plane:
    """0..1: what stands between a point and the key light takes most of its light away; made at half size."""
    height, width = height_mm.shape
    small = cv2.resize(height_mm, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
    x, y, z = KEY_LIGHT
    above = np.full_like(small, -1.0)
    for away_mm in (0.3, 0.6, 1.0, 1.5, 2.2, 3.2):
        step = np.array(((1, 0, -x * away_mm * px_per_mm / 2), (0, 1, -y * away_mm * px_per_mm / 2)))
        blocker = cv2.warpAffine(small, step, (width // 2, height // 2), borderMode=cv2.BORDER_REPLICATE)
        np.maximum(above, blocker - small - away_mm * z, out=above)
    open_share = 1 - 0.62 * smoothstep(-0.25, 0.45, above)
    return np.asarray(cv2.resize(blur(open_share, 0.12 * px_per_mm), (width, height)), dtype=np.float32)


def _scatter(lit: Plane, px_per_mm: float) -> NDArray[np.float32]:
    """(H, W, 3): light wanders inside enamel and gum before it leaves, red most, so shadows are soft and warm."""
    return np.asarray(
        cv2.merge([0.5 * lit + 0.5 * blur(lit, reach * px_per_mm) for reach in SCATTER_MM]), dtype=np.float32
    )


def _highlights(rng: np.random.Generator, mouth: Mouth, px_per_mm: float) -> Plane:
    """Mirror images of the lamps in the film of saliva, ragged because the film is."""
    shape = (mouth.tooth.shape[0], mouth.tooth.shape[1])
    film = blur(mouth.height_mm, 0.09 * px_per_mm)
    film += 0.005 * smooth_noise(rng, shape, 0.30 * px_per_mm) + 0.026 * smooth_noise(rng, shape, 1.1 * px_per_mm)
    normal = _normals(film, px_per_mm)
    total = np.zeros_like(film)
    for (x, y, z), sharpness, strength in HIGHLIGHTS:
        miss = _facing(normal, (x, y, z + 1)) - 1  # the half-way direction between lamp and camera
        total += strength * np.exp(sharpness * miss) + 0.05 * strength * np.exp(sharpness / 12 * miss)
    return np.asarray(total * mouth.wetness**1.5, dtype=np.float32)


def _blur_by_depth(picture: NDArray[np.float32], mouth: Mouth, px_per_mm: float) -> NDArray[np.float32]:
    """The lens is set on the crowns: what lies deeper is softer."""
    soft = cv2.GaussianBlur(picture, (0, 0), 0.12 * px_per_mm)
    amount = smoothstep(0.0, -6.0, mouth.height_mm) * (1 - mouth.tooth)
    return np.asarray(picture + (soft - picture) * amount[..., None], dtype=np.float32)


def _develop(linear: NDArray[np.float32]) -> Image:
    """Linear light to sRGB bytes with a shoulder, so that highlights roll off as in a camera."""
    exposed = np.linspace(0, 4, 4096, dtype=np.float32) * EXPOSURE
    rolled = np.where(exposed < 0.7, exposed, 0.7 + 0.3 * (1 - np.exp(-(exposed - 0.7) / 0.45)))
    srgb = np.where(rolled < 0.0031308, 12.92 * rolled, 1.055 * rolled ** (1 / 2.4) - 0.055)
    table = np.clip(srgb * 255, 0, 255).astype(np.uint8)
    return np.ascontiguousarray(table[np.minimum(linear * (4095 / 4), 4095).astype(np.uint16)])
