"""Where the picture has moved since the first frame: phase correlation, refined by ECC. For a target, not a mouth."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.values import Image

WORKING_WIDTH = 320  # ECC at twice the width takes four times as long and is no nearer the truth
SURE_RESPONSE = 0.05
LEAST_LIKENESS = 0.5
LOST = (float("nan"), float("nan"))
ENOUGH = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 15, 1e-4)


class Registration:
    """Feeds on frames (H, W, 3) uint8 RGB and gives the shift in pixels; NaN where nothing fits."""

    def __init__(self) -> None:
        self._first: NDArray[np.float32] | None = None
        self._window: NDArray[np.float32] | None = None
        self._first_windowed: NDArray[np.float32] | None = None
        self._last = (0.0, 0.0)

    def shift(self, pixels: Image) -> tuple[float, float]:
        """(x, y) by which this frame's content has moved from the first frame's."""
        shrink = max(1, pixels.shape[1] // WORKING_WIDTH)
        small = cv2.resize(pixels, None, fx=1 / shrink, fy=1 / shrink, interpolation=cv2.INTER_AREA)
        grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.float32)
        soft = np.asarray(grey - cv2.GaussianBlur(grey, (0, 0), 12), np.float32)
        if self._first is None or self._window is None:
            self._first = soft
            self._window = np.asarray(cv2.createHanningWindow((grey.shape[1], grey.shape[0]), cv2.CV_32F), np.float32)
            self._first_windowed = soft * self._window
            return 0.0, 0.0
        guess = self._guess(soft)
        try:
            likeness, found = cv2.findTransformECC(self._first, soft, guess, cv2.MOTION_TRANSLATION, ENOUGH)
        except cv2.error:  # no convergence: the picture has changed beyond the target
            return LOST
        if likeness < LEAST_LIKENESS:
            return LOST
        self._last = float(found[0, 2]), float(found[1, 2])
        return self._last[0] * shrink, self._last[1] * shrink

    def _guess(self, soft: NDArray[np.float32]) -> NDArray[np.float32]:
        """Phase correlation where it is sure; otherwise the last frame's place."""
        assert self._window is not None
        assert self._first_windowed is not None
        # Windowed here: at sizes that suit its FFT, phaseCorrelate multiplies its window into the caller's own arrays.
        (x, y), response = cv2.phaseCorrelate(self._first_windowed.copy(), soft * self._window)
        if response < SURE_RESPONSE:
            x, y = self._last
        return np.array([[1, 0, x], [0, 1, y]], np.float32)
