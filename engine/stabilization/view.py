"""What registration sees of one frame: small high-passed grey pictures and where they may be believed."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.values import Field, Image

LEVEL_WIDTHS = (80, 160, 320)  # coarse to fine
_SATURATED = 250
_BLACK = 4
_NEIGHBOURS = np.ones((3, 3), np.uint8)

Plane = NDArray[np.float32]


def _log_table() -> Plane:
    """Grey value -> scaled logarithm: a change of light becomes an offset that the high-pass removes."""
    grey = np.arange(256, dtype=np.float32)
    table: Plane = (np.log(grey + 12.0) * 40.0).astype(np.float32)
    return table


_LOG = _log_table()


@dataclass(frozen=True, slots=True)
class Level:
    """One resolution of the view."""

    detail: Plane  # (h, w) float32, log-grey with the slow part removed
    usable: Plane  # (h, w) float32 0..1: tooth and neither saturated nor distrusted
    factor: float  # camera pixels per pixel here


@dataclass(frozen=True, slots=True)
class View:
    """One frame for registration, coarse to fine."""

    levels: tuple[Level, ...]
    clear: float  # 0..1 share of the picture that is neither saturated nor black
    contrast: float  # RMS of the detail over usable pixels at the middle level


def _detail(grey: NDArray[np.uint8]) -> Plane:
    """Log-grey, lightly smoothed, minus its surroundings."""
    logged = cv2.LUT(grey, _LOG)
    detail = np.asarray(cv2.GaussianBlur(logged, (0, 0), 0.9), np.float32)
    reach = max(5, (grey.shape[1] // 12) | 1)
    cv2.subtract(detail, cv2.blur(logged, (reach, reach)), dst=detail)
    return detail


def _finest_grey(pixels: Image, size: tuple[int, int]) -> NDArray[np.uint8]:
    """(H, W, 3) -> grey of `size` (width, height), averaged; halves first, which OpenCV does by vectors."""
    while pixels.shape[1] >= 2 * size[0] and pixels.shape[0] >= 2 * size[1]:
        half = (pixels.shape[1] // 2, pixels.shape[0] // 2)
        pixels = cv2.resize(pixels, half, interpolation=cv2.INTER_AREA)
        if pixels.ndim == 3:
            pixels = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    if pixels.shape[1::-1] != size:
        pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    return np.asarray(pixels if pixels.ndim == 2 else cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)


def _belief(tooth: Field, trust: Field, size: tuple[int, int]) -> Plane:
    """Trusted tooth at `size` (width, height)."""
    if tooth.shape == trust.shape:
        return np.asarray(cv2.resize(cv2.multiply(tooth, trust), size, interpolation=cv2.INTER_LINEAR), np.float32)
    belief = cv2.resize(tooth, size, interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.multiply(belief, cv2.resize(trust, size, interpolation=cv2.INTER_LINEAR)), np.float32)


def look(pixels: Image, tooth: Field, trust: Field) -> View:
    """The view of (H, W, 3) uint8 RGB; `tooth` and `trust` on any grid over the whole picture."""
    height, width = pixels.shape[:2]
    levels: list[Level] = []
    finest = min(LEVEL_WIDTHS[-1], width)
    size = (finest, max(8, round(height * finest / width)))
    grey = _finest_grey(pixels, size)
    bright = cv2.dilate(cv2.threshold(grey, _SATURATED - 1, 1, cv2.THRESH_BINARY)[1], _NEIGHBOURS)
    belief = _belief(tooth, trust, size)
    belief[bright > 0] = 0
    clear = float(np.count_nonzero((bright == 0) & (grey > _BLACK))) / grey.size
    for wanted in reversed(LEVEL_WIDTHS):
        if wanted < size[0]:
            size = (wanted, max(8, round(height * wanted / width)))
            grey = np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.uint8)
            belief = np.asarray(cv2.resize(belief, size, interpolation=cv2.INTER_AREA), np.float32)
        levels.append(Level(_detail(grey), belief, width / size[0]))
    levels.reverse()
    middle = levels[1]
    weight = float(middle.usable.sum())
    contrast = float(np.sqrt((np.square(middle.detail) * middle.usable).sum() / max(weight, 1.0)))
    return View(tuple(levels), clear, contrast)
