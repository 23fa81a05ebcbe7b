"""Flow without a network: OpenCV's DIS on small grey pictures, every pixel taken for tooth. The degraded path."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.values import Field, Frame, Inference, frozen

_WIDTH = 320
_TEXTURE = 4.0  # grey levels of gradient at which a place is well seen
_MOST_FLICKER = 1.3  # ratio of brightness from frame to frame; beyond it something else happened


class ClassicalFields:
    """Makes an `Inference` of each frame from the one before. Keeps the last grey picture; not thread-safe."""

    def __init__(self) -> None:
        self._flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST)
        self._before: NDArray[np.uint8] | None = None

    def infer(self, frame: Frame) -> Inference:
        """Flow (h, w, 2) on a grid 320 wide, in pixels of the frame; trust from texture and agreement."""
        height, width = frame.pixels.shape[:2]
        columns = min(_WIDTH, width)
        size = (columns, max(16, round(height * columns / width)))
        small = cv2.resize(frame.pixels, size, interpolation=cv2.INTER_AREA)
        grey = cv2.GaussianBlur(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), (0, 0), 0.8)
        before, self._before = self._before, grey
        if before is None or before.shape != grey.shape:
            flow = np.zeros((size[1], size[0], 2), np.float32)
            trust = np.zeros((size[1], size[0]), np.float32)
        else:
            flow = self._flow.calc(grey, before, None)
            trust = _trust(grey, before, flow)
            flow = flow * np.float32(width / columns)
        full = np.ones((8, 8), np.float32)
        return Inference(frame.seq, frame.pixels, _field(flow), _field(trust), _field(full))

    def reset(self) -> None:
        """Forget the frame before."""
        self._before = None


def _field(array: Field) -> Field:
    return frozen(array)  # type: ignore[return-value]


def _trust(grey: NDArray[np.uint8], before: NDArray[np.uint8], flow: Field) -> Field:
    """0..1: textured, and the frame before looks the same where the flow points, but for a flicker of the light."""
    rows, columns = grey.shape
    x, y = np.meshgrid(np.arange(columns, dtype=np.float32), np.arange(rows, dtype=np.float32))
    moved = cv2.remap(before, x + flow[..., 0], y + flow[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    brighter = float(np.clip(cv2.mean(grey)[0] / max(1.0, cv2.mean(moved)[0]), 1 / _MOST_FLICKER, _MOST_FLICKER))
    miss = cv2.blur(cv2.absdiff(grey, cv2.convertScaleAbs(moved, alpha=brighter)), (5, 5)).astype(np.float32)
    gx = cv2.Sobel(grey, cv2.CV_32F, 1, 0, ksize=3, scale=0.125)
    gy = cv2.Sobel(grey, cv2.CV_32F, 0, 1, ksize=3, scale=0.125)
    texture = cv2.blur(cv2.magnitude(gx, gy), (5, 5))
    trust: Field = np.clip(texture / _TEXTURE, 0, 1) * np.exp(-np.square(miss / 12.0))
    return trust.astype(np.float32)
