"""What stands in the camera's way: handpiece head and bur, droplets, spray, flicker, defocus, noise."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Plane = NDArray[np.float32]


@dataclass(frozen=True)
class Handpiece:
    """A textured head and a bur that stand still in the picture."""

    pixels: Image  # (H, W, 3)
    cover: NDArray[np.uint8]  # (H, W) 0 or 255


def make_handpiece(draw: np.random.Generator, size: tuple[int, int], share: float) -> Handpiece:
    """Brushed metal with screws, scratches and a printed label over about `share` of the picture, from one corner."""
    width, height = size
    cover = np.zeros((height, width), np.uint8)
    is_left, is_top = bool(draw.integers(2)), bool(draw.integers(2))
    corner = np.array([0 if is_left else width, 0 if is_top else height], dtype=np.float64)
    inward = np.array([1 if is_left else -1, 1 if is_top else -1], dtype=np.float64)
    tip = corner + inward * np.array([0.47 * width, 0.5 * height])
    for scale in np.linspace(0.3, 1.6, 60):
        cover[:] = 0
        reach = np.array([0.42 * width, 0.42 * height]) * scale
        blob = np.array(
            [corner, corner + inward * [reach[0], 0], corner + inward * reach * 0.75, corner + inward * [0, reach[1]]]
        )
        cv2.fillConvexPoly(cover, blob.astype(np.int32), 255)
        cv2.circle(cover, tuple(int(v) for v in corner + inward * reach * 0.62), int(0.13 * height * scale), 255, -1)
        if cover.mean() / 255 >= share * 0.93:
            break
    neck = corner + inward * reach * 0.62
    cv2.line(cover, tuple(int(v) for v in neck), tuple(int(v) for v in tip), 255, 13)
    cv2.ellipse(cover, tuple(int(v) for v in tip), (11, 8), 40, 0, 360, 255, -1)
    streaks = cv2.GaussianBlur(draw.normal(0, 60, (height, width)).astype(np.float32), (0, 0), sigmaX=6, sigmaY=0.7)
    speckle = cv2.GaussianBlur(draw.normal(0, 60, (height, width)).astype(np.float32), (0, 0), 1.2)
    shade = (
        np.linspace(70, 190, width, dtype=np.float32)[None, :] + np.linspace(-30, 30, height, dtype=np.float32)[:, None]
    )
    metal = np.clip(shade + 1.6 * streaks + 0.8 * speckle, 0, 255).astype(np.uint8)
    for _ in range(14):
        at = (int(draw.integers(width)), int(draw.integers(height)))
        cv2.circle(metal, at, int(draw.integers(4, 10)), float(draw.uniform(20, 240)), 2)
        cv2.putText(
            metal,
            "RX 25"[: int(draw.integers(2, 6))],
            at,
            cv2.FONT_HERSHEY_SIMPLEX,
            0.7,
            float(draw.uniform(10, 60)),
            2,
        )
    return Handpiece(cv2.cvtColor(metal, cv2.COLOR_GRAY2RGB), cover)


@dataclass(frozen=True)
class Droplets:
    """Drops on the lens: blurred, displaced blobs that creep downwards."""

    start: NDArray[np.float64]  # (n, 2)
    radius: NDArray[np.float64]
    speed: NDArray[np.float64]  # pixels a second
    from_s: NDArray[np.float64]
    until_s: NDArray[np.float64]

    def cover(self, t_s: float, size: tuple[int, int]) -> Plane:
        """(H, W) 0..1 where drops are at this time."""
        width, height = size
        mask = np.zeros((height // 2, width // 2), np.uint8)
        for k in np.nonzero((self.from_s <= t_s) & (t_s < self.until_s))[0]:
            y = self.start[k, 1] + self.speed[k] * (t_s - self.from_s[k])
            cv2.ellipse(
                mask,
                (int(self.start[k, 0] / 2), int(y / 2)),
                (int(self.radius[k] / 2), int(0.6 * self.radius[k])),
                0, 0, 360, 255, -1,
            )  # fmt: skip
        soft = cv2.GaussianBlur(mask, (0, 0), 2.0)
        return cv2.resize(soft, size).astype(np.float32) / 255


def make_droplets(draw: np.random.Generator, size: tuple[int, int], seconds: float) -> Droplets:
    """About one new drop a second, each staying a few seconds."""
    count = max(4, int(seconds * 1.2))
    begin = draw.uniform(-2, seconds, count)
    return Droplets(
        draw.uniform(0, 1, (count, 2)) * np.array(size) * [1.0, 0.8],
        draw.uniform(14, 46, count),
        draw.uniform(2, 22, count),
        begin,
        begin + draw.uniform(1.5, 5, count),
    )


def blended(over: Image, under: Image, cover: Plane) -> Image:
    """`over` where `cover` (H, W) is 1, `under` where it is 0."""
    return cv2.blendLinear(over, under, cover, 1 - cover)


def through_droplets(picture: Image, cover: Plane) -> Image:
    """The picture as drops bend and blur it."""
    small = cv2.GaussianBlur(cv2.resize(cv2.flip(picture, 0), None, fx=0.25, fy=0.25), (0, 0), 1.8)
    bent = cv2.resize(small, (picture.shape[1], picture.shape[0]))
    return blended(cv2.convertScaleAbs(bent, alpha=0.75, beta=45), picture, 0.9 * cover)


def spray_curve(
    draw: np.random.Generator, t: NDArray[np.float64], bursts: list[tuple[float, float]]
) -> NDArray[np.float64]:
    """0..1 opacity of the spray: thin mist that comes and goes, and white-outs of (start, length) seconds."""
    mist = 0.12 * np.clip(np.sin(2 * np.pi * 0.11 * t + draw.uniform(0, 6)), 0, 1)
    white = np.zeros(len(t))
    for start, length in bursts:
        white = np.maximum(white, np.clip(np.minimum(t - start, start + length - t) / 0.05 + 0.5, 0, 1))
    return np.maximum(mist, white)


def through_spray(picture: Image, opacity: float, draw: np.random.Generator) -> Image:
    """Bright, uneven fog."""
    if opacity < 0.01:
        return picture
    height, width = picture.shape[:2]
    fog = cv2.resize(draw.normal(225, 26, (12, 16)).astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
    fog += cv2.resize(draw.normal(0, 20, (60, 80)).astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    grey = cv2.cvtColor(np.clip(fog, 0, 255).astype(np.uint8), cv2.COLOR_GRAY2RGB)
    return cv2.addWeighted(grey, opacity, picture, 1 - opacity, 0)


def with_noise(picture: Image, gain: float, read: float, draw: np.random.Generator) -> Image:
    """Sensor noise: `gain` scales the shot noise, `read` is constant; grey levels."""
    cv2.setRNGSeed(int(draw.integers(1 << 30)))
    grain = cv2.randn(np.empty(picture.shape, np.int16), 0.0, 64.0)
    strength = ((read + gain * np.sqrt(np.arange(256))) * 16).astype(np.int16)
    noise = cv2.multiply(grain, cv2.LUT(picture, strength), scale=1 / 1024)
    return cv2.add(picture, noise, dtype=cv2.CV_8U)
