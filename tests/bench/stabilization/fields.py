"""Where the fields come from: exact truth, truth spoilt like a modest network's, OpenCV, or a trained network."""

from __future__ import annotations

from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.inference.backend import Backend
from engine.inference.preprocess import to_working_size
from engine.stabilization.classical import ClassicalFields
from engine.values import Frame, Inference
from tests.bench.stabilization.clips import HEIGHT, WIDTH, Clip, ClipFrame

GRID = (WIDTH // 4, HEIGHT // 4)  # columns, rows
Plane = NDArray[np.float32]


class Fields(Protocol):
    """Gives the fields of every frame, in order."""

    name: str

    def infer(self, clip: Clip, index: int, truth: ClipFrame, frame: Frame) -> Inference:
        """Fields of one frame."""
        ...


class ExactFields:
    """Flow, trust and masks straight from the truth."""

    name = "exact"

    def infer(self, clip: Clip, index: int, truth: ClipFrame, frame: Frame) -> Inference:
        """The truth on a grid of a quarter."""
        columns, rows = GRID
        before = clip.pose(max(0, index - 1)) @ truth.raw_from_scene.inverse()
        x = (np.arange(columns) + 0.5) * 4 - 0.5
        y = (np.arange(rows) + 0.5) * 4 - 0.5
        points = x[None, :] + 1j * y[:, None]
        moved = before.turn * points + before.shift - points
        still = cv2.resize(truth.still, GRID, interpolation=cv2.INTER_AREA) > 127
        moved[still] = 0
        flow = np.stack([moved.real, moved.imag], axis=-1).astype(np.float32)
        trust = np.clip(1 - 1.5 * cv2.resize(truth.hidden, GRID, interpolation=cv2.INTER_AREA), 0, 1)
        tooth = cv2.resize(truth.tooth, GRID, interpolation=cv2.INTER_AREA).astype(np.float32) / 255
        return Inference(frame.seq, frame.pixels, flow, trust, tooth)


class SpoiltFields:
    """The truth as a modest network tells it: smooth errors of about `error_px`, blurred edges, false mask parts."""

    def __init__(self, error_px: float = 1.0) -> None:
        self.name = "spoilt"
        self._exact = ExactFields()
        self._error_px = error_px
        self._drift: Plane | None = None

    def infer(self, clip: Clip, index: int, truth: ClipFrame, frame: Frame) -> Inference:
        """Exact fields, spoilt the same way at every run."""
        exact = self._exact.infer(clip, index, truth, frame)
        draw = np.random.default_rng([clip.spec.seed, 7, index])
        fresh = draw.normal(0, 1, (6, 8, 2)).astype(np.float32)
        self._drift = fresh if self._drift is None or index == 0 else 0.8 * self._drift + 0.6 * fresh
        error = cv2.resize(self._drift, GRID, interpolation=cv2.INTER_CUBIC) * self._error_px
        flow = cv2.GaussianBlur(exact.flow, (0, 0), 3.0) * np.float32(0.93) + error
        wrong = np.random.default_rng([clip.spec.seed, 8, index // 15])
        bias = cv2.resize(wrong.normal(0, 0.33, (5, 7)).astype(np.float32), GRID, interpolation=cv2.INTER_CUBIC)
        tooth = np.clip(cv2.GaussianBlur(exact.tooth, (0, 0), 1.5) + bias, 0, 1)
        trust = np.clip(exact.trust * 0.85 + 0.1 + 0.1 * draw.normal(0, 1, exact.trust.shape), 0, 1).astype(np.float32)
        return Inference(frame.seq, frame.pixels, flow.astype(np.float32), trust, tooth.astype(np.float32))


class OpenCvFields:
    """DIS flow and a full mask: the degraded path without a network."""

    name = "classical"

    def __init__(self) -> None:
        self._classical = ClassicalFields()

    def infer(self, clip: Clip, index: int, truth: ClipFrame, frame: Frame) -> Inference:
        """No truth is used."""
        if index == 0:
            self._classical.reset()
        return self._classical.infer(frame)


class NetworkFields:
    """What a trained network says, through the run-time back end."""

    name = "network"

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    def infer(self, clip: Clip, index: int, truth: ClipFrame, frame: Frame) -> Inference:
        """No truth is used."""
        if index == 0:
            self._backend.reset()
        return self._backend.infer(to_working_size(frame.pixels, self._backend.working_size), frame.seq)
