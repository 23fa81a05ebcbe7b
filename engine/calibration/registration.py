"""Where the picture has moved since the first frame: phase correlation, refined by ECC. For a target, not a mouth."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.values import Image

LOST_RESPONSE = 0.05
LOST = (float("nan"), float("nan"))
ENOUGH = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 30, 1e-5)


class Registration:
    """Feeds on frames (H, W, 3) uint8 RGB and gives the shift in pixels; NaN where nothing fits."""

    def __init__(self) -> None:
        self._first: NDArray[np.float32] | None = None
        self._window: NDArray[np.float32] | None = None

    def shift(self, pixels: Image) -> tuple[float, float]:
        """(x, y) by which this frame's content has moved from the first frame's."""
        grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(np.float32)
        soft = np.asarray(grey - cv2.GaussianBlur(grey, (0, 0), 20), np.float32)
        if self._first is None or self._window is None:
            self._first = soft
            self._window = np.asarray(cv2.createHanningWindow((grey.shape[1], grey.shape[0]), cv2.CV_32F), np.float32)
            return 0.0, 0.0
        (x, y), response = cv2.phaseCorrelate(self._first, soft, self._window)
        if response < LOST_RESPONSE:
            return LOST
        guess = np.array([[1, 0, x], [0, 1, y]], np.float32)
        try:
            _, found = cv2.findTransformECC(self._first, soft, guess, cv2.MOTION_TRANSLATION, ENOUGH)
        except cv2.error:  # no convergence: the picture has changed beyond the target
            return LOST
        return float(found[0, 2]), float(found[1, 2])
