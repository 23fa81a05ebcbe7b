""" "Off" as implementations: a backend that changes nothing, and a stabilizer that holds still."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from engine.inference.backend import Answer
from engine.values import Frame, Image, Inference, Matrix3, Motion, Tracking


class NoNetwork:
    """A backend that hands the picture back, with zero flow, no trust and no tooth."""

    name = "off"
    model_name = "none"

    def __init__(self, working_size: tuple[int, int]) -> None:
        self.working_size = working_size  # (height, width)
        grid = (max(1, working_size[0] // 4), max(1, working_size[1] // 4))
        self._flow = np.zeros((*grid, 2), dtype=np.float32)
        self._nothing = np.zeros(grid, dtype=np.float32)

    def infer(self, pixels: Image, seq: int) -> Inference:
        """(h, w, 3) in, the same picture out."""
        return Inference(seq, pixels.copy(), self._flow, self._nothing, self._nothing)

    def begin(self, pixels: Image, seq: int) -> Answer:
        """There is nothing to wait for."""
        return partial(self.infer, pixels, seq)

    def reset(self) -> None:
        """There is no past to forget."""

    def close(self) -> None:
        """There is nothing to free."""


@dataclass(frozen=True, slots=True)
class Unmoved:
    """The answer of `NoStabilizer`: the picture where the camera put it."""

    stabilized_from_raw: Matrix3
    motion: Motion | None = None
    tracking: Tracking = Tracking.LOST
    reason: str = "stabilization is off"
    anchor_box: tuple[float, float, float, float] | None = None


class NoStabilizer:
    """A stabilizer that never moves the picture."""

    def step(self, frame: Frame, inference: Inference | None) -> Unmoved:  # noqa: ARG002
        """The identity for every frame."""
        return Unmoved(np.eye(3))

    def reset(self) -> None:
        """There is no past to forget."""

    def set_mode(self, mode: str) -> None:
        """There is nothing to steer."""

    def reanchor(self) -> None:
        """There is no anchor."""

    def choose_tooth(self, x: float, y: float) -> None:
        """There is no anchor."""
