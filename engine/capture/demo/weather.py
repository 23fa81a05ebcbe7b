"""What comes between lens and tooth, and what the sensor adds: droplets, spray, uneven flickering light, noise."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.capture.demo.conditions import Conditions
from engine.capture.demo.texture import blur, fractal_noise, smooth_noise, smoothstep
from engine.values import Image

BLOCK_S = 8.0  # events are drawn block by block, so any moment can be asked for without its past
LONGEST_S = 7.0  # no event outlives this; it must stay below a block
SPARE_PX = 96  # noise tiles are larger than the picture by this, and shown at a new offset each frame


@dataclass(frozen=True, slots=True)
class Event:
    """One droplet or one burst of spray."""

    start_s: float
    life_s: float
    x: float  # 0..1 of the width
    y: float  # 0..1 of the height
    size: float  # droplet radius in px of a 640-wide picture; density of a spray


class Weather:
    """Degrades clean pictures; every moment depends on the seed and the time alone."""

    def __init__(self, seed: int, conditions: Conditions, size: tuple[int, int], shadow: NDArray[np.float32]) -> None:
        rng = np.random.default_rng((seed, 0x3A7E))
        self._seed = seed
        self._conditions = conditions
        self._width, self._height = size
        self._unit = size[0] / 640
        self._light = _light_map(rng, size, shadow)
        self._grain_up, self._grain_down = (_grain(rng, size, conditions.noise_levels) for _ in range(2))
        self._mist = _mist(rng, size)
        self._phase = rng.uniform(0, 2 * np.pi, 4)

    def gain(self, t_s: float) -> float:
        """Exposure at `t_s`: mains ripple seen through the frame rate, slow drift, the lamp's rare steps."""
        depth = self._conditions.flicker
        ripple = np.sin(2 * np.pi * 10.0 * t_s + self._phase[0]) + 0.6 * np.sin(2 * np.pi * 3.3 * t_s + self._phase[1])
        drift = np.sin(2 * np.pi * 0.11 * t_s + self._phase[2])
        step = np.tanh(8 * np.sin(2 * np.pi * 0.045 * t_s + self._phase[3]))
        return float(self._conditions.light * (1 + depth * ripple + 1.6 * depth * drift + 0.9 * depth * step))

    def defocus(self, t_s: float) -> float:
        """0 sharp .. 1 fully soft: the focus hunts now and then."""
        wave = np.sin(2 * np.pi * 0.13 * t_s + self._phase[1]) + np.sin(2 * np.pi * 0.31 * t_s + self._phase[2])
        return float(np.clip(self._conditions.defocus * (wave - 0.9), 0, 1))

    def spray(self, t_s: float) -> float:
        """0 clear .. 1 white-out: density of the spray at `t_s`."""
        density = 0.0
        for burst in self._active("spray", self._conditions.sprays_per_min, t_s):
            since, left = t_s - burst.start_s, burst.start_s + burst.life_s - t_s
            density = max(density, burst.size * min(1.0, since / 0.07, left / 0.25))
        return density

    def droplets(self, t_s: float) -> list[Event]:
        """Drops on the lens at `t_s`."""
        return self._active("drop", self._conditions.droplets_per_min, t_s)

    def fall_on(self, picture: Image, t_s: float, seq: int) -> None:
        """Apply light, drops, spray and noise to (H, W, 3), in place."""
        cv2.multiply(picture, self._light, dst=picture, scale=self.gain(t_s) / LIGHT_UNIT)
        for drop in self.droplets(t_s):
            self._lay_drop(picture, drop, t_s)
        offsets = np.random.default_rng((self._seed, 0x6A1, seq)).integers(0, SPARE_PX, (3, 2))
        density = self.spray(t_s)
        if density > 0.01:
            mist = self._crop(self._mist, offsets[2])
            cv2.addWeighted(picture, 1 - 0.92 * density, mist, density, 0, dst=picture)
        cv2.add(picture, self._crop(self._grain_up, offsets[0]), dst=picture)
        cv2.subtract(picture, self._crop(self._grain_down, offsets[1]), dst=picture)

    def _crop(self, tile: Image, offset: NDArray[np.int64]) -> Image:
        return tile[offset[0] : offset[0] + self._height, offset[1] : offset[1] + self._width]

    def _active(self, kind: str, per_minute: float, t_s: float) -> list[Event]:
        """Events of one kind that are under way at `t_s`."""
        block = int(t_s // BLOCK_S)
        events = [e for b in (block - 1, block) for e in _events(self._seed, kind, b, per_minute)]
        density = self._conditions.spray_density if kind == "spray" else 1.0
        return [
            Event(e.start_s, e.life_s, e.x, e.y, e.size * density)
            for e in events
            if e.start_s <= t_s < e.start_s + e.life_s
        ]

    def _lay_drop(self, picture: Image, drop: Event, t_s: float) -> None:
        """A drop is a small lens: it shows its surroundings shrunk and upside down, with a bright and a dark edge."""
        radius = max(3, round(drop.size * self._unit))
        slide = min(1.0, (t_s - drop.start_s) / drop.life_s) ** 3 * 0.06
        cx, cy = round(drop.x * self._width), round((drop.y + slide) * self._height)
        x0, y0 = min(max(0, cx - radius), self._width - 2 * radius), min(max(0, cy - radius), self._height - 2 * radius)
        here = picture[y0 : y0 + 2 * radius, x0 : x0 + 2 * radius]
        reach = 3 * radius
        around = picture[max(0, y0 - reach) : y0 + reach + 2 * radius, max(0, x0 - reach) : x0 + reach + 2 * radius]
        seen = cv2.flip(cv2.resize(around, (2 * radius, 2 * radius), interpolation=cv2.INTER_AREA), -1)
        keep, shine = _drop_shape(radius)
        fade = min(1.0, (t_s - drop.start_s) / 0.05, (drop.start_s + drop.life_s - t_s) / 0.4)
        blended = here * keep + seen * (1 - keep) + shine
        here[:] = np.clip(here + (blended - here) * np.float32(fade), 0, 255).astype(np.uint8)


LIGHT_UNIT = 160.0  # a light map value of this leaves the picture as it is


@lru_cache(maxsize=256)
def _events(seed: int, kind: str, block: int, per_minute: float) -> tuple[Event, ...]:
    """The events that start in one block of time."""
    if block < 0 or per_minute == 0:
        return ()
    rng = np.random.default_rng((seed, sum(kind.encode()), block))
    count = int(rng.poisson(per_minute * BLOCK_S / 60))
    is_spray = kind == "spray"
    lives = np.exp(rng.uniform(np.log(0.15), np.log(2.0), count)) if is_spray else rng.uniform(1.2, LONGEST_S, count)
    sizes = rng.uniform(0.55, 1.0, count) if is_spray else np.exp(rng.uniform(np.log(5), np.log(26), count))
    starts = (block + rng.random(count)) * BLOCK_S
    places = rng.uniform(0.06, 0.94, (count, 2))
    return tuple(Event(*map(float, row)) for row in zip(starts, lives, places[:, 0], places[:, 1], sizes, strict=True))


@lru_cache(maxsize=64)
def _drop_shape(radius: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """(2r, 2r, 1) share of the scene that shows past the drop, and (2r, 2r, 1) light it adds, in levels."""
    y, x = (np.mgrid[0 : 2 * radius, 0 : 2 * radius].astype(np.float32) + np.float32(0.5)) / np.float32(radius) - 1
    rho = np.sqrt(x * x + y * y)
    cover = smoothstep(1.0, 0.82, rho) * np.float32(0.9)
    rim = np.exp(-(((rho - 0.86) / 0.09) ** 2)) * (28 * y - 14)
    glint = 150 * np.exp(-(((x + 0.38) ** 2 + (y + 0.42) ** 2) / 0.02))
    return (1 - cover)[..., None], (rim + glint)[..., None].astype(np.float32)


def _light_map(rng: np.random.Generator, size: tuple[int, int], shadow: NDArray[np.float32]) -> Image:
    """(H, W, 3) uint8: the lamp beside the lens lights the middle best, and not quite evenly; LIGHT_UNIT is neutral."""
    width, height = size
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    off_x, off_y = rng.uniform(-0.08, 0.08, 2)
    rho2 = ((x / width - 0.5 - off_x) ** 2 + ((y / height - 0.5 - off_y) * height / width) ** 2) / 0.39
    fall = 1.06 / (1 + 0.75 * rho2) ** 1.3 * shadow
    tint = np.array((1.0, 1.0 + rng.uniform(-0.015, 0.015), 0.98 + rng.uniform(-0.05, 0.05)), np.float32)
    return np.asarray(np.clip(fall[..., None] * tint * LIGHT_UNIT, 0, 255), dtype=np.uint8)


def _grain(rng: np.random.Generator, size: tuple[int, int], levels: float) -> Image:
    """(H + spare, W + spare, 3) uint8: one half of the sensor noise, blotchy as a camera's own processing leaves it."""
    shape = (size[1] + SPARE_PX, size[0] + SPARE_PX, 3)
    fine = rng.standard_normal(shape, dtype=np.float32)
    fine = 0.75 * fine + 0.6 * fine.mean(axis=2, keepdims=True) * np.float32(1.4)
    fine = 0.6 * fine + 0.9 * cv2.GaussianBlur(fine, (0, 0), 0.8)
    half = np.maximum(fine * np.float32(levels / fine.std() * 1.2), 0)
    return np.asarray(np.clip(np.round(half), 0, 255), dtype=np.uint8)


def _mist(rng: np.random.Generator, size: tuple[int, int]) -> Image:
    """(H + spare, W + spare, 3) uint8: lit water dust with streaks."""
    shape = (size[1] + SPARE_PX, size[0] + SPARE_PX)
    clouds = fractal_noise(rng, shape, 90 * size[0] / 640, 4)
    streaks = blur(smooth_noise(rng, shape, 2.2), 1.0)
    dots = smoothstep(1.9, 2.6, smooth_noise(rng, shape, 3.0 * size[0] / 640))
    level = 196 + 16 * clouds + 7 * streaks + 46 * dots
    tint = np.array((1.0, 0.985, 0.975), np.float32)
    return np.asarray(np.clip(level[..., None] * tint, 0, 255), dtype=np.uint8)
