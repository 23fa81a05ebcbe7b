"""Things between camera and teeth: handpiece head, bur, mirror, suction tip. They stand still or move with the hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from models.data.texture import coloured_noise, fractal_noise

Layer = tuple[NDArray[np.uint8], NDArray[np.float32]]  # (H, W, 3) RGB and (H, W) alpha 0..1


@dataclass(frozen=True, slots=True)
class Occluder:
    """A picture with an outline, and where it is at each frame."""

    pixels: NDArray[np.uint8]  # (H, W, 3) RGB on the picture's grid, at the first place
    alpha: NDArray[np.float32]  # (H, W) 0..1
    frame_from_layer: NDArray[np.float64]  # (T, 2, 3)

    def at(self, k: int) -> Layer:
        """Pixels and alpha in frame k."""
        if np.allclose(self.frame_from_layer[k], np.eye(2, 3)):
            return self.pixels, self.alpha
        size = self.alpha.shape[::-1]
        matrix = self.frame_from_layer[k]
        pixels = cv2.warpAffine(self.pixels, matrix, size, borderMode=cv2.BORDER_REPLICATE)
        # Replicating the rim keeps an arm that enters at the picture's edge connected to it.
        alpha = cv2.warpAffine(self.alpha, matrix, size, borderMode=cv2.BORDER_REPLICATE)
        return pixels, alpha

    def flow(self, k: int) -> NDArray[np.float32]:
        """(H, W, 2) backward flow of the occluder's own pixels in frame k."""
        height, width = self.alpha.shape
        now = np.vstack([self.frame_from_layer[k], [0, 0, 1]])
        before = np.vstack([self.frame_from_layer[max(k - 1, 0)], [0, 0, 1]])
        step = before @ np.linalg.inv(now) - np.eye(3)
        x = np.arange(width, dtype=np.float32)[None, :]
        y = np.arange(height, dtype=np.float32)[:, None]
        return np.stack([step[r, 0] * x + step[r, 1] * y + step[r, 2] for r in (0, 1)], -1).astype(np.float32)


def draw_occluders(
    rng: np.random.Generator, size: tuple[int, int], frames: int, fps: float, kinds: tuple[str, ...]
) -> list[Occluder]:
    """Occluders of the kinds named ("handpiece", "bur", "mirror", "suction", "blob"), drawn at the picture's scale."""
    occluders = []
    for kind in kinds:
        pixels, alpha = PAINTERS[kind](rng, size)
        defocus = rng.uniform(0.4, 3.0)  # near things are out of focus
        alpha = cv2.GaussianBlur(alpha, (0, 0), defocus)
        pixels = cv2.GaussianBlur(pixels, (0, 0), max(defocus * 0.7, 0.5))
        moves = rng.random() < {"handpiece": 0.15, "bur": 0.15, "mirror": 0.6, "suction": 0.6, "blob": 1.0}[kind]
        path = _wander(rng, size, frames, fps, reach=12.0 if kind == "blob" else 4.0) if moves else _still(frames)
        occluders.append(Occluder(pixels, alpha, path))
    return occluders


def _still(frames: int) -> NDArray[np.float64]:
    return np.repeat(np.eye(2, 3)[None], frames, axis=0)


def _wander(
    rng: np.random.Generator, size: tuple[int, int], frames: int, fps: float, reach: float
) -> NDArray[np.float64]:
    """A slow drift plus tremor, about the picture's middle."""
    times = np.arange(frames) / fps
    waves = [np.sin(2 * np.pi * rng.uniform(0.3, 3.0) * times + rng.uniform(0, 6.3)) for _ in range(3)]
    tremor = np.sin(2 * np.pi * rng.uniform(6, 12) * times + rng.uniform(0, 6.3))
    x, y = reach * rng.uniform(0.3, 4) * waves[0] + 0.5 * reach * tremor, reach * rng.uniform(0.3, 4) * waves[1]
    angle = np.radians(rng.uniform(0, 5)) * waves[2]
    matrices = []
    for dx, dy, a in zip(x - x[0], y - y[0], angle - angle[0], strict=True):
        matrix = cv2.getRotationMatrix2D((size[1] / 2, size[0] / 2), float(np.degrees(a)), 1.0)
        matrices.append(matrix + np.array([[0, 0, dx], [0, 0, dy]]))
    return np.array(matrices)


def _metal(rng: np.random.Generator, size: tuple[int, int], across: NDArray[np.float32]) -> NDArray[np.float32]:
    """(H, W) brightness of a brushed cylinder; `across` is -1..1 from edge to edge."""
    bands = sum(
        rng.uniform(0.2, 0.7) * np.exp(-(((across - rng.uniform(-0.8, 0.8)) / rng.uniform(0.08, 0.4)) ** 2))
        for _ in range(3)
    )
    brushed = cv2.blur(rng.random(size, dtype=np.float32), (int(rng.integers(1, 9)), int(rng.integers(1, 9))))
    wear = fractal_noise(rng, size, rng.uniform(20, 80), 4)
    base = rng.uniform(0.05, 0.5)
    return np.asarray(base + bands + rng.uniform(0.1, 0.5) * (brushed - 0.5) + 0.3 * (wear - 0.5), np.float32)


def _shaft(
    rng: np.random.Generator, size: tuple[int, int], width: float, reach: tuple[float, float]
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """A round-ended bar entering from a random edge: alpha, across (-1..1) and along (px from the tip, growing out)."""
    height, length = size
    side = rng.integers(0, 4)
    entry = [
        (rng.uniform(0, length), 0.0),
        (rng.uniform(0, length), height),
        (0.0, rng.uniform(0, height)),
        (length, rng.uniform(0, height)),
    ][side]
    middle = np.array([length, height]) * rng.uniform(0.35, 0.65, 2)
    towards = middle - np.array(entry)
    towards = towards / max(float(np.linalg.norm(towards)), 1e-6)
    tip = np.array(entry) + towards * rng.uniform(*reach) * min(size)
    x = np.arange(length, dtype=np.float32)[None, :] - np.float32(tip[0])
    y = np.arange(height, dtype=np.float32)[:, None] - np.float32(tip[1])
    along = -(x * np.float32(towards[0]) + y * np.float32(towards[1]))
    offset = x * np.float32(-towards[1]) + y * np.float32(towards[0])
    taper = 1 + rng.uniform(0, 0.25) * np.clip(along / min(size), 0, 1)
    half = np.float32(width / 2) * taper
    distance = np.where(along > 0, np.abs(offset), np.hypot(offset, along)) - half
    alpha = np.clip(0.5 - distance, 0, 1).astype(np.float32)
    return alpha, np.clip(offset / half, -1, 1).astype(np.float32), along.astype(np.float32)


def _tinted(brightness: NDArray[np.float32], tint: NDArray[np.float64]) -> NDArray[np.uint8]:
    return np.asarray(np.clip(brightness[..., None] * tint * 255, 0, 255), np.uint8)


def _paint_handpiece(rng: np.random.Generator, size: tuple[int, int]) -> Layer:
    alpha, across, along = _shaft(rng, size, rng.uniform(0.25, 0.5) * min(size), (0.15, 0.5))
    brightness = _metal(rng, size, across)
    for _ in range(int(rng.integers(0, 4))):  # grooves and printed rings
        at, wide = rng.uniform(-0.1, 0.6) * min(size), rng.uniform(2, 9)
        brightness = np.where(np.abs(along - at) < wide, brightness * rng.uniform(0.2, 1.6), brightness)
    return _tinted(brightness, 1 + rng.normal(0, 0.04, 3)), alpha


def _paint_bur(rng: np.random.Generator, size: tuple[int, int]) -> Layer:
    alpha, across, along = _shaft(rng, size, rng.uniform(0.03, 0.09) * min(size), (0.35, 0.75))
    brightness = _metal(rng, size, across)
    grit = rng.random(size, dtype=np.float32) * rng.uniform(0.3, 0.9) + 0.1
    head = along < rng.uniform(0.1, 0.3) * min(size)
    return _tinted(np.where(head, grit, brightness), 1 + rng.normal(0, 0.06, 3)), alpha


def _paint_mirror(rng: np.random.Generator, size: tuple[int, int]) -> Layer:
    handle, across, _ = _shaft(rng, size, rng.uniform(0.06, 0.12) * min(size), (0.1, 0.3))
    height, width = size
    centre = np.array([width, height]) * rng.choice([0.08, 0.92], 2) + rng.normal(0, 0.06, 2) * min(size)
    radius = rng.uniform(0.2, 0.38) * min(size)
    x = np.arange(width, dtype=np.float32)[None, :] - np.float32(centre[0])
    y = np.arange(height, dtype=np.float32)[:, None] - np.float32(centre[1])
    distance = np.hypot(x, y * np.float32(rng.uniform(1.0, 1.6))) - np.float32(radius)
    disc = np.clip(0.5 - distance, 0, 1).astype(np.float32)
    reflection = cv2.GaussianBlur(coloured_noise(rng, size), (0, 0), rng.uniform(1, 5))
    reflection = 0.25 * reflection + 0.75 * reflection.mean(axis=-1, keepdims=True)
    tissue = np.array([0.85, 0.55, 0.5]) * rng.uniform(0.5, 1.1)
    inside = np.asarray(np.clip(0.5 * reflection * tissue + 0.5 * 255 * tissue * 0.6, 0, 255), np.uint8)
    rim = _tinted(_metal(rng, size, across), np.ones(3))
    pixels = np.where((distance < -0.06 * radius)[..., None], inside, rim)
    return pixels, np.maximum(disc, handle)


def _paint_suction(rng: np.random.Generator, size: tuple[int, int]) -> Layer:
    alpha, across, along = _shaft(rng, size, rng.uniform(0.12, 0.26) * min(size), (0.15, 0.4))
    shade = (0.95 - 0.45 * across**2 + 0.1 * (fractal_noise(rng, size, 25, 3) - 0.5)).astype(np.float32)
    shade = np.where(np.abs(along - 6) < 3, shade * 0.6, shade)
    tint = np.array([[0.95, 0.95, 0.93], [0.6, 0.75, 0.95], [0.7, 0.9, 0.75]])[rng.integers(0, 3)]
    return _tinted(np.asarray(shade, np.float32), tint), alpha


def _paint_blob(rng: np.random.Generator, size: tuple[int, int]) -> Layer:
    field = fractal_noise(rng, size, rng.uniform(0.3, 0.7) * min(size), 2)
    alpha = np.clip((field - np.percentile(field, rng.uniform(65, 92))) * 60, 0, 1).astype(np.float32)
    return coloured_noise(rng, size), alpha


PAINTERS: dict[str, Callable[[np.random.Generator, tuple[int, int]], Layer]] = {
    "handpiece": _paint_handpiece,
    "bur": _paint_bur,
    "mirror": _paint_mirror,
    "suction": _paint_suction,
    "blob": _paint_blob,
}
