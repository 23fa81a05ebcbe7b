"""Lifts what the network changed at its working size to the camera's size, so that no detail is thrown away."""

from __future__ import annotations

import cv2
import numpy as np

from engine.values import Image


def lift(raw: Image, small: Image, enhanced: Image) -> Image:
    """`raw` (H, W, 3) plus the network's correction, stretched to H x W.

    `small` (h, w, 3) is what the network saw, `enhanced` (h, w, 3) what it made of it. Where both sizes are equal the
    result is `enhanced` itself. The correction is signed, so it travels as int16: exact, and still all SIMD.
    """
    if raw.shape == enhanced.shape:
        return enhanced
    correction = cv2.subtract(enhanced, small, dtype=cv2.CV_16S)
    height, width = raw.shape[:2]
    stretched = cv2.resize(correction, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.add(raw, stretched, dtype=cv2.CV_8U), dtype=np.uint8)
