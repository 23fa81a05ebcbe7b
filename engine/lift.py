"""Lifts the network's picture from its working size to the camera's size, with the detail that it never saw."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.values import Image

CORING = 2.0  # detail below this many standard deviations of the noise is taken for noise
MOST_CORED = 24.0  # levels: beyond it a network that errs would smooth everything
ROW_STEP = 8  # every eighth row tells the noise well enough
STRIP_BYTES = 1 << 18  # the arithmetic goes strip by strip, so that its six passes stay in the processor's cache


class Lift:
    """For one camera after another; keeps its buffers, so that steady work allocates nothing but the result."""

    def __init__(self) -> None:
        self._stretched: Image = np.empty((0, 0, 3), np.uint8)
        self._above = self._below = self._stretched  # one strip each

    def __call__(self, raw: Image, small: Image, enhanced: Image) -> Image:
        """`raw` (H, W, 3); `small` (h, w, 3) is what the network saw of it, `enhanced` (h, w, 3) what it made of that.

        Where the sizes are equal the result is `enhanced` itself. Else it is `enhanced`, stretched, plus the camera's
        detail that the small picture could not hold. That detail carries noise too, which the network removes at its
        own size only: so detail is cored (soft threshold) by as much noise as the network has just removed. Where it
        removed none, the detail stays to the last grain. Signed detail travels as two saturated uint8 halves: SIMD.
        """
        if raw.shape == enhanced.shape:
            return enhanced
        height, width = raw.shape[:2]
        cored = round(min(MOST_CORED, CORING * removed_noise(small, enhanced) * _finer(raw, small)))
        self._fit(raw)
        result = np.asarray(cv2.resize(enhanced, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)
        cv2.resize(small, (width, height), self._stretched, interpolation=cv2.INTER_LINEAR)
        rows = len(self._above)
        for top in range(0, height, rows):
            strip = slice(top, min(top + rows, height))
            self._add_detail(result[strip], raw[strip], self._stretched[strip], cored)
        return result

    def _add_detail(self, result: Image, raw: Image, stretched: Image, cored: int) -> None:
        """`result` += `raw` - `stretched`, less `cored`, in place."""
        above, below = self._above[: len(raw)], self._below[: len(raw)]
        cv2.subtract(raw, stretched, above)
        cv2.subtract(stretched, raw, below)
        if cored:
            threshold = (cored, cored, cored, 0)
            cv2.subtract(above, threshold, above)
            cv2.subtract(below, threshold, below)
        cv2.add(result, above, result)
        cv2.subtract(result, below, result)

    def _fit(self, raw: Image) -> None:
        """Have buffers for pictures of this size."""
        if self._stretched.shape != raw.shape:
            rows = max(1, min(len(raw), STRIP_BYTES // raw[0].nbytes))
            self._stretched = np.empty_like(raw)
            self._above, self._below = np.empty_like(raw[:rows]), np.empty_like(raw[:rows])


def removed_noise(small: Image, enhanced: Image) -> float:
    """Standard deviation, in levels, of the grain in the network's correction: robust, from its second differences."""
    rows = slice(None, None, ROW_STEP)
    green = enhanced[rows, :, 1].astype(np.int16) - small[rows, :, 1]
    curvature: NDArray[np.int16] = np.abs(2 * green[:, 1:-1] - green[:, :-2] - green[:, 2:])
    return 1.4826 * float(np.median(curvature)) / 6**0.5


def _finer(raw: Image, small: Image) -> float:
    """How much grainier white noise was before shrinking: averaging n pixels divides it by root n."""
    return float((raw.shape[0] * raw.shape[1] / (small.shape[0] * small.shape[1])) ** 0.5)
