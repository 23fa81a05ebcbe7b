"""Water between camera and teeth: droplets on the lens, a film of saliva, spray, and moving specular highlights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from models.data.texture import fractal_noise, smooth_noise

Light = NDArray[np.float32]  # (H, W, 3) linear light


class Layer(Protocol):
    """Something wet between the teeth and the lens."""

    def apply(self, light: Light, k: int) -> Light:
        """The light of frame k behind it."""
        ...


@dataclass(frozen=True, slots=True)
class Droplets:
    """Small lenses of water that slide slowly over the window in front of the camera."""

    centre: NDArray[np.float64]  # (N, 2) px in the first frame
    slide: NDArray[np.float64]  # (N, 2) px a frame
    radius: NDArray[np.float64]  # (N,) px
    magnify: NDArray[np.float64]  # (N,) what one pixel in the drop spans outside; negative turns upside down
    softness: float  # px of blur inside

    def apply(self, light: Light, k: int) -> Light:
        """The picture seen through the drops in frame k."""
        out = light.copy()
        soft = cv2.GaussianBlur(light, (0, 0), self.softness)
        for centre, radius, magnify in zip(self.centre + k * self.slide, self.radius, self.magnify, strict=True):
            _lay_drop(out, soft, centre, float(radius), float(magnify))
        return out


def _lay_drop(out: Light, soft: Light, centre: NDArray[np.float64], radius: float, magnify: float) -> None:
    """Bend the light inside one drop, darken its lower rim and set a glint on it."""
    height, width = out.shape[:2]
    left, top = (np.floor(centre - radius).astype(int)).clip(0)
    right, bottom = np.ceil(centre + radius).astype(int) + 1
    right, bottom = min(right, width), min(bottom, height)
    if right <= left or bottom <= top:
        return
    x = np.arange(left, right, dtype=np.float32)[None, :] - np.float32(centre[0])
    y = np.arange(top, bottom, dtype=np.float32)[:, None] - np.float32(centre[1])
    away = np.sqrt(x * x + (1.15 * y) ** 2) / np.float32(radius)
    bend = np.float32(magnify) * (1 + away**2)
    to_x, to_y = bend * x + np.float32(centre[0]), bend * y + np.float32(centre[1])
    seen = cv2.remap(soft, to_x, to_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
    rim = 0.55 * np.exp(-(((away - 0.93) / 0.1) ** 2)) * (y > 0)
    glint = 0.8 * (np.hypot(x + 0.4 * radius, y + 0.4 * radius) < 0.18 * radius)
    cover = np.clip((1 - away) * radius / 1.5, 0, 1)[..., None]
    patch = out[top:bottom, left:right]
    patch += cover * (seen * (1 - rim + glint)[..., None] - patch)


def draw_droplets(rng: np.random.Generator, size: tuple[int, int]) -> Droplets:
    """One to a dozen drops."""
    count = int(rng.integers(1, 13))
    slides = (rng.random(count) < 0.3).astype(np.float64)[:, None]
    slide = slides * np.stack([rng.normal(0, 0.4, count), rng.exponential(1.2, count)], axis=-1)
    return Droplets(
        centre=rng.uniform(0, 1, (count, 2)) * np.array(size[::-1]),
        slide=slide,
        radius=np.clip(np.exp(rng.normal(2.7, 0.6, count)), 4, 70),
        magnify=rng.choice([-1.0, 1.0], count, p=[0.5, 0.5]) * rng.uniform(0.4, 1.6, count),
        softness=float(rng.uniform(0.6, 2.5)),
    )


@dataclass(frozen=True, slots=True)
class Film:
    """Saliva or water in front of a part of the picture: soft, hazy, slowly moving."""

    field: NDArray[np.float32]  # (H + 64, W + 64) 0..1 where it is
    blur: float
    haze: float
    drift: NDArray[np.float64]  # px a frame

    def apply(self, light: Light, k: int) -> Light:
        """The picture behind the film in frame k."""
        height, width = light.shape[:2]
        x, y = (32 + k * self.drift).round().astype(int).clip(0, 64)
        cover = self.field[y : y + height, x : x + width, None]
        soft = cv2.GaussianBlur(light, (0, 0), self.blur)
        veil = soft * (1 - self.haze) + self.haze * soft.mean(axis=(0, 1), keepdims=True) * 1.3
        return np.asarray(light + cover * (veil - light), np.float32)


def draw_film(rng: np.random.Generator, size: tuple[int, int], strength: float) -> Film:
    """A film over 20 to 80 % of the picture."""
    field = smooth_noise(rng, (size[0] + 64, size[1] + 64), rng.uniform(50, 180))
    field = np.clip((field - rng.uniform(0.2, 0.65)) * rng.uniform(3, 9), 0, 1)
    return Film(field, rng.uniform(0.8, 1.0 + 3 * strength), rng.uniform(0, 0.5) * strength, rng.normal(0, 0.7, 2))


@dataclass(frozen=True, slots=True)
class Spray:
    """A burst of cooling water: white fog with flying streaks, whose density rises and falls."""

    fog: NDArray[np.float32]  # (H + 128, W + 128)
    density: NDArray[np.float64]  # (T,) 0..1
    drift: NDArray[np.float64]  # px a frame
    whiteness: float
    seed: int

    def apply(self, light: Light, k: int) -> Light:
        """The picture through the spray in frame k."""
        density = float(self.density[k])
        if density < 0.01:
            return light
        height, width = light.shape[:2]
        x, y = (64 + k * self.drift).round().astype(int).clip(0, 128)
        fog = self.fog[y : y + height, x : x + width]
        rng = np.random.default_rng(self.seed + k)
        specks = np.zeros((height, width), np.float32)
        for _ in range(int(density * height * width / 1500)):
            px, py = rng.integers(0, width), rng.integers(0, height)
            dx, dy = rng.normal(self.drift, 2.0) * 0.8
            cv2.line(
                specks, (int(px), int(py)), (int(px + dx), int(py + dy)), float(rng.uniform(0.2, 0.9)), 1, cv2.LINE_AA
            )
        specks = cv2.GaussianBlur(specks, (0, 0), 0.8)
        cover = np.clip(density * (0.35 + 1.1 * fog) + specks * density, 0, 0.97)[..., None]
        scattered = cv2.GaussianBlur(light, (0, 0), 1 + 4 * density)
        return np.asarray(light + cover * (0.3 * scattered + 0.7 * self.whiteness - light), np.float32)


def draw_spray(rng: np.random.Generator, size: tuple[int, int], frames: int, strength: float) -> Spray:
    """One burst that covers part or all of the clip; at full strength some frames are white."""
    fog = fractal_noise(rng, (size[0] + 128, size[1] + 128), rng.uniform(60, 200), 4)
    peak = rng.uniform(0.25, 0.35 + 0.65 * strength)
    centre, length = rng.uniform(0, frames), rng.uniform(0.25, 1.5) * frames
    density = peak * np.exp(-(((np.arange(frames) - centre) / length) ** 2)) * rng.uniform(0.75, 1.1, frames)
    return Spray(fog, np.clip(density, 0, 1), rng.normal(0, 9, 2), rng.uniform(0.55, 1.0), int(rng.integers(2**31)))


@dataclass(frozen=True, slots=True)
class Highlights:
    """Reflections of the lamp that glide over wet surfaces, not fixed to them."""

    centre: NDArray[np.float64]  # (N, 2)
    speed: NDArray[np.float64]  # (N, 2) px a frame
    size: NDArray[np.float64]  # (N, 2) px
    strength: NDArray[np.float64]  # (N,)

    def apply(self, light: Light, k: int) -> Light:
        """Add the reflections of frame k."""
        height, width = light.shape[:2]
        x = np.arange(width, dtype=np.float32)[None, :]
        y = np.arange(height, dtype=np.float32)[:, None]
        glare = np.zeros((height, width), np.float32)
        for (cx, cy), (sx, sy), strength in zip(self.centre + k * self.speed, self.size, self.strength, strict=True):
            glare += (
                np.float32(strength)
                * np.exp(-(((x - cx) / sx) ** 2)).astype(np.float32)
                * np.exp(-(((y - cy) / sy) ** 2)).astype(np.float32)
            )
        wet = 0.25 + light.mean(axis=-1)
        return np.asarray(light + (glare * wet)[..., None], np.float32)


def draw_highlights(rng: np.random.Generator, size: tuple[int, int]) -> Highlights:
    """Two to fourteen glints, most of them small."""
    count = int(rng.integers(2, 15))
    radius = np.clip(np.exp(rng.normal(1.3, 0.7, count)), 1, 25)[:, None]
    return Highlights(
        centre=rng.uniform(0, 1, (count, 2)) * np.array(size[::-1]),
        speed=rng.normal(0, 2.0, (count, 2)),
        size=radius * np.exp(rng.normal(0, 0.4, (count, 2))),
        strength=rng.uniform(0.3, 3.0, count),
    )
