"""Frames that a recorder may be offered, and where they come from."""

from __future__ import annotations

import cv2
import numpy as np

from engine.recording.disk import DiskRules
from engine.recording.recorder import RecordedSource
from engine.values import Frame, Mode, StabilizedFrame, Tracking

SOURCE = RecordedSource("demo:seed=1", "Demo", 128, 96, 30.0)
ANY_DISK = DiskRules(0, 0, 0)
STEP_NS = 33_366_667  # 29.97 Hz: not a whole number of anything


def picture(index: int, height: int = 96, width: int = 128) -> np.ndarray:
    """A texture that moves by a pixel a frame, (height, width, 3)."""
    texture = np.random.default_rng(0).integers(0, 255, (height, width, 3), dtype=np.uint8)
    return np.roll(cv2.GaussianBlur(texture, (0, 0), 3), index, axis=1)


def result(seq: int, captured_ns: int) -> StabilizedFrame:
    """What the pipeline would give for it."""
    frame = Frame(picture(seq), seq, captured_ns)
    pose = np.array([[1.0, 0, seq], [0, 1, 0], [0, 0, 1]])
    return StabilizedFrame(
        frame, None, frame.pixels, frame.pixels, pose, None, Tracking.TRACKING, Mode.STABILIZED, "", None
    )
