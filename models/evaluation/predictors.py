"""What can be measured: anything that steps through frames; the baselines that need no training stand here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from models.metrics import Flow, Picture


@dataclass(frozen=True, slots=True)
class Prediction:
    """Results for one frame at full size; None where the method has no opinion."""

    enhanced: Picture | None = None
    flow: Flow | None = None  # (H, W, 2) px, current -> previous
    trust: NDArray[np.float32] | None = None  # (H, W), larger is surer
    tooth: NDArray[np.bool_] | None = None  # (H, W)


class Predictor(Protocol):
    """A method under test."""

    @property
    def name(self) -> str:
        """As it stands in the table."""
        ...

    def reset(self) -> None:
        """Forget the past: the next frame is the first of a clip."""
        ...

    def step(self, frame: Picture) -> Prediction:
        """The next frame of the clip."""
        ...


class InputItself:
    """The slides' baseline: the input frame, zero flow, a mask that calls everything tooth."""

    name = "input"

    def reset(self) -> None:
        """There is no past."""

    def step(self, frame: Picture) -> Prediction:
        """Give the frame back."""
        height, width = frame.shape[:2]
        return Prediction(frame, np.zeros((height, width, 2), np.float32), None, np.ones((height, width), bool))


class DisFlow:
    """OpenCV's dense inverse search, PRESET_MEDIUM, on grey pictures."""

    def __init__(self, name: str = "OpenCV DIS") -> None:
        self.name = name
        self._dis = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
        self._before: NDArray[np.uint8] | None = None

    def reset(self) -> None:
        """Forget the previous frame."""
        self._before = None

    def step(self, frame: Picture) -> Prediction:
        """Flow to the previous frame; none for the first."""
        grey = np.asarray(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY), np.uint8)
        before, self._before = self._before, grey
        if before is None:
            return Prediction()
        return Prediction(flow=np.asarray(self._dis.calc(grey, before, None), np.float32))


def to_full(grid: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.float32]:
    """A field on any grid that covers the picture, bilinear at full size (height, width)."""
    if grid.shape[:2] == size:
        return grid
    return np.asarray(cv2.resize(grid, size[::-1], interpolation=cv2.INTER_LINEAR), np.float32)
