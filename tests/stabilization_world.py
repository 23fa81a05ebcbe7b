"""A small textured plane that a camera moves over, with exact network fields: what the stabilizer's tests look at."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.stabilization.similarity import Offset, Similarity
from engine.values import Frame, Inference

WIDTH, HEIGHT = 320, 240
CENTRE = complex(WIDTH - 1, HEIGHT - 1) / 2


@functools.cache
def tissue(seed: int) -> NDArray[np.uint8]:
    """(480, 640, 3) RGB of blobs and lines at several scales."""
    draw = np.random.default_rng(seed)
    grey = np.full((480, 640), 128, np.float32)
    for sigma, strength in ((1.5, 90), (4, 160), (14, 420)):
        grey += cv2.GaussianBlur(draw.normal(0, strength, grey.shape).astype(np.float32), (0, 0), sigma)
    return cv2.cvtColor(np.clip(grey, 20, 235).astype(np.uint8), cv2.COLOR_GRAY2RGB)


@dataclass
class World:
    """Frames of the plane at any pose; the handpiece, if any, stands still over one corner."""

    plane: NDArray[np.uint8]
    has_handpiece: bool = False
    fps: float = 30.0

    def pose(self, offset: Offset) -> Similarity:
        """Raw picture from plane: the plane's middle is in the picture's middle, then moved by `offset`."""
        home = complex(self.plane.shape[1] - 1, self.plane.shape[0] - 1) / 2
        return offset.at(CENTRE) @ Similarity(1 + 0j, CENTRE - home)

    def frame(self, seq: int, offset: Offset) -> Frame:
        """One picture."""
        pixels = cv2.warpAffine(self.plane, self.pose(offset).matrix()[:2], (WIDTH, HEIGHT))
        if self.has_handpiece:
            pixels[:110, :130] = tissue(99)[:110, :130]
        return Frame(pixels, seq, 1_000_000 + round(seq * 1e9 / self.fps))

    def fields(self, frame: Frame, before: Offset, now: Offset, error_px: float = 0.0) -> Inference:
        """Exact flow on a grid of a quarter, off by `error_px`; the handpiece is no tooth and has no flow."""
        move = self.pose(before) @ self.pose(now).inverse()
        x, y = np.meshgrid((np.arange(WIDTH // 4) + 0.5) * 4 - 0.5, (np.arange(HEIGHT // 4) + 0.5) * 4 - 0.5)
        points = x + 1j * y
        flow = move.turn * points + move.shift - points + error_px
        tooth = np.ones((HEIGHT // 4, WIDTH // 4), np.float32)
        if self.has_handpiece:
            tooth[:29, :34] = 0
            flow[:29, :34] = 0
        field = np.stack([flow.real, flow.imag], axis=-1).astype(np.float32)
        return Inference(frame.seq, frame.pixels, field, np.ones_like(tooth), tooth)


def tremor(seq: int, fps: float = 30.0, amplitude_px: float = 2.0) -> Offset:
    """9 Hz round movement with a little rotation."""
    phase = 2 * np.pi * 9.0 * seq / fps
    return Offset(amplitude_px * complex(np.sin(phase), np.cos(1.1 * phase)), 0.004 * float(np.sin(phase)), 0.0)
