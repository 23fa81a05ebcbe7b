"""What registration sees of one frame: small high-passed grey pictures and where they may be believed."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.values import Field, Image

LEVEL_WIDTHS = (80, 160, 320)  # coarse to fine
_SATURATED = 250

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
    clear: Plane  # (h, w) at the coarsest level: 1 where neither saturated nor black
    contrast: float  # RMS of the detail over usable pixels at the middle level


def _detail(grey: NDArray[np.uint8]) -> Plane:
    """Log-grey, lightly smoothed, minus its surroundings."""
    logged = cv2.LUT(grey, _LOG)
    smooth = cv2.GaussianBlur(logged, (0, 0), 0.9)
    reach = max(5, (grey.shape[1] // 12) | 1)
    detail: Plane = smooth - cv2.blur(logged, (reach, reach))
    return detail


def look(pixels: Image, tooth: Field, trust: Field) -> View:
    """The view of (H, W, 3) uint8 RGB; `tooth` and `trust` on any grid over the whole picture."""
    height, width = pixels.shape[:2]
    levels: list[Level] = []
    finest = min(LEVEL_WIDTHS[-1], width)
    size = (finest, max(8, round(height * finest / width)))
    grey = cv2.cvtColor(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY)
    bright = cv2.dilate((grey >= _SATURATED).astype(np.uint8), np.ones((3, 3), np.uint8))
    belief = cv2.resize(tooth, size, interpolation=cv2.INTER_LINEAR)
    belief = belief * cv2.resize(trust, size, interpolation=cv2.INTER_LINEAR)
    belief[bright > 0] = 0
    clear = ((bright == 0) & (grey > 4)).astype(np.float32)
    for wanted in reversed(LEVEL_WIDTHS):
        if wanted < size[0]:
            size = (wanted, max(8, round(height * wanted / width)))
            grey = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
            belief = cv2.resize(belief, size, interpolation=cv2.INTER_AREA)
        levels.append(Level(_detail(grey), belief, width / size[0]))
    levels.reverse()
    clear = cv2.resize(clear, (levels[0].detail.shape[1], levels[0].detail.shape[0]), interpolation=cv2.INTER_AREA)
    middle = levels[1]
    weight = float(middle.usable.sum())
    contrast = float(np.sqrt((np.square(middle.detail) * middle.usable).sum() / max(weight, 1.0)))
    return View(tuple(levels), clear, contrast)
