"""What the simulated camera sees on its way through the calibration bench: each a stream of 640x480 pictures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import cv2
import numpy as np

from engine.calibration.picture_step import JUDGED_FRAMES
from engine.capture.synthetic import SyntheticSource
from engine.values import Image


def mouth() -> Iterator[Image]:
    """The demo's painted mouth."""
    demo = SyntheticSource(seed=7, realtime=False, kind="calm")
    demo.open()
    while True:
        yield demo.read(5.0).pixels


def blurred(pictures: Iterator[Image], sigmas: Iterable[float]) -> Iterator[Image]:
    """A focus that is turned."""
    for sigma in sigmas:
        pixels = next(pictures)
        yield np.asarray(cv2.GaussianBlur(pixels, (0, 0), sigma), np.uint8) if sigma > 0.2 else pixels


def still_then_moving(pictures: Iterator[Image]) -> Iterator[Image]:
    """A still hand for as long as the step asks for it, then a sweep over the surface."""
    first = next(pictures)
    noise = np.random.default_rng(5)
    for index in range(JUDGED_FRAMES + 10):
        shift = max(0, index - JUDGED_FRAMES // 2) * 4
        moved = np.roll(first, (shift, 2 * shift), (0, 1)).astype(np.float32)
        yield np.clip(moved + noise.normal(0, 2.0, moved.shape), 0, 255).astype(np.uint8)


def dusty(pictures: Iterator[Image], grains: int) -> Iterator[Image]:
    """Grains on the sensor."""
    y, x = np.mgrid[0:480, 0:640]
    shade = np.ones((480, 640))
    for cx, cy, radius in ((180, 130, 7), (470, 330, 9))[:grains]:
        shade -= 0.4 * np.exp(-(((x - cx) ** 2 + (y - cy) ** 2) / radius**2))
    for pixels in pictures:
        yield np.asarray(pixels * shade[..., None], np.uint8)


def shaken(pixels: Image, seconds: float, share: float) -> Iterator[Image]:
    """Tremor at 8 Hz and a rotor's line that aliases to 11 Hz, both of `share` of their size."""
    for index in range(round(seconds * 30)):
        at = index / 30
        x = share * (
            3 * np.sin(2 * np.pi * 8 * at) + 0.8 * np.sin(2 * np.pi * 11 * at) + 2 * np.sin(2 * np.pi * 0.7 * at)
        )
        shift = np.float32([[1, 0, x], [0, 1, 0.5 * x]])
        yield np.asarray(cv2.warpAffine(pixels, shift, (640, 480), borderMode=cv2.BORDER_REFLECT), np.uint8)
