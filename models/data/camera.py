"""The camera's faults in the order of physics: light, lens, sensor, image processor, codec."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from models.data.conditions import Condition
from models.data.texture import smooth_noise

Light = NDArray[np.float32]  # (H, W, 3) linear light, 1 = what the clean picture shows as white
GAMMA = 2.2
LEVELS = 4096  # a 12-bit sensor
LINEAR_OF_BYTE = ((np.arange(256) / 255) ** GAMMA).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Camera:
    """Everything that stays the same over one clip, and per-frame series where it flickers."""

    illumination: NDArray[np.float32]  # (H, W, 3) colour cast, vignette and lamp spot, moving with the camera
    exposure: NDArray[np.float64]  # (T,) factor: wrong exposure, drift and flicker
    defocus: NDArray[np.float64]  # (T,) px
    shot: float  # noise variance per unit of light
    read: float  # noise standard deviation of darkness
    tone: NDArray[np.uint8]  # (LEVELS, 3) sensor value -> byte
    has_mosaic: bool
    sharpen: float
    jpeg: int  # quality; 100 = none
    shutter: float

    def lens(self, light: Light, k: int) -> Light:
        """Illumination and defocus."""
        lit = light * self.illumination
        return blur(lit, float(self.defocus[k]))

    def develop(self, light: Light, k: int, rng: np.random.Generator) -> NDArray[np.uint8]:
        """Sensor, processor and codec: linear light -> the RGB bytes that arrive."""
        height, width = light.shape[:2]
        plane = _mosaic(light) if self.has_mosaic else light
        plane = np.clip(plane * np.float32(self.exposure[k]), 0, 1)
        if self.shot > 0 or self.read > 0:
            deviation = np.sqrt(np.float32(self.shot) * plane + np.float32(self.read**2))
            plane = plane + deviation * rng.standard_normal(plane.shape, dtype=np.float32)
        raw = np.clip(plane * (LEVELS - 1) + 0.5, 0, LEVELS - 1).astype(np.uint16)
        if self.has_mosaic:
            raw = cv2.cvtColor(raw, cv2.COLOR_BayerRGGB2RGB)
            raw = np.minimum(raw, LEVELS - 1)
        pixels = np.empty((height, width, 3), np.uint8)
        for c in range(3):
            np.take(self.tone[:, c], raw[..., c], out=pixels[..., c])
        if self.sharpen > 0.01:
            soft = cv2.GaussianBlur(pixels, (0, 0), 1.1)
            pixels = cv2.addWeighted(pixels, 1 + self.sharpen, soft, -self.sharpen, 0)
        return _codec(pixels, self.jpeg)


def blur(image: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    """Gaussian blur; nothing below a sixth of a pixel."""
    return image if sigma < 0.17 else np.asarray(cv2.GaussianBlur(image, (0, 0), sigma), np.float32)


def _mosaic(light: Light) -> NDArray[np.float32]:
    plane = light[..., 1].copy()
    plane[0::2, 0::2] = light[0::2, 0::2, 0]
    plane[1::2, 1::2] = light[1::2, 1::2, 2]
    return plane


def _codec(pixels: NDArray[np.uint8], quality: int) -> NDArray[np.uint8]:
    if quality >= 100:
        return pixels
    _, data = cv2.imencode(".jpg", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.cvtColor(cv2.imdecode(data, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB), np.uint8)


def draw_camera(rng: np.random.Generator, condition: Condition, size: tuple[int, int], frames: int) -> Camera:
    """A camera with faults as the condition allows."""
    strength = float(rng.uniform(*condition.strength))
    light = float(np.exp(rng.uniform(*np.log(condition.light))))
    stops = strength * rng.uniform(*condition.stops)
    drift = strength * rng.normal(0, 0.02) * (np.arange(frames) - frames / 2)
    flicker = strength * rng.choice([0.0, 0.03, 0.12], p=[0.4, 0.4, 0.2]) * rng.normal(0, 1, frames)
    defocus = rng.uniform(*condition.defocus) * min(1.0, 0.2 + strength)
    hunting = 1 + 0.15 * strength * rng.normal(0, 1) * np.sin(np.arange(frames) * rng.uniform(0.05, 0.6))
    gain = strength / light
    return Camera(
        illumination=_draw_illumination(rng, size, strength),
        exposure=2.0 ** (stops + np.clip(drift + flicker, -0.7, 0.7)),
        defocus=np.clip(defocus * hunting, 0, None),
        shot=8e-4 * gain * rng.uniform(0.4, 2.0),
        read=4e-3 * np.sqrt(gain) * rng.uniform(0.3, 2.0),
        tone=_draw_tone(rng, strength),
        has_mosaic=bool(rng.random() < 0.85),
        sharpen=float(rng.uniform(0, 1.1) * strength),
        jpeg=100 if rng.random() < 0.15 else int(rng.uniform(97 - 52 * strength, 98)),
        shutter=float(rng.uniform(*condition.shutter)),
    )


def _draw_illumination(rng: np.random.Generator, size: tuple[int, int], strength: float) -> NDArray[np.float32]:
    """Lamp colour (warm to cold, some green), vignette about an off-centre point, uneven light."""
    height, width = size
    warmth, tint = rng.normal(0, 0.34) * strength, rng.normal(0, 0.14) * strength
    cast = np.exp(np.array([warmth, tint, -warmth]))
    centre = rng.uniform(0.3, 0.7, 2)
    x = (np.arange(width, dtype=np.float32)[None, :] / width - centre[0]) * 2
    y = (np.arange(height, dtype=np.float32)[:, None] / height - centre[1]) * 2
    falloff = 1 / (1 + np.float32(rng.uniform(0, 1.1) * strength) * (x * x + y * y))
    uneven = 1 + strength * rng.uniform(0, 0.5) * (smooth_noise(rng, size, 160) - 0.5)
    return np.asarray((falloff * uneven)[..., None] * cast / cast.mean(), np.float32)


def _draw_tone(rng: np.random.Generator, strength: float) -> NDArray[np.uint8]:
    """(LEVELS, 3): gamma, contrast, lifted black and per-channel error of the processor."""
    x = np.linspace(0, 1, LEVELS)[:, None]
    gamma = GAMMA * np.exp(rng.normal(0, 0.12) * strength) * np.exp(rng.normal(0, 0.03, 3) * strength)
    y = x ** (1 / gamma)
    contrast = rng.normal(0, 0.5) * strength
    y = y + contrast * (y - 0.5) * y * (1 - y) * 2
    black = rng.uniform(0, 0.09) * strength * (rng.random() < 0.5)
    return np.asarray(np.clip((black + (1 - black) * y) * 255 + 0.5, 0, 255), np.uint8)
