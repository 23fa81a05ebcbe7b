"""Dense flow, trust and tooth mask -> one robust similarity of the tooth between two frames."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.stabilization.median import median
from engine.stabilization.similarity import Similarity
from engine.values import Field

CELLS_ACROSS = 40  # the coarse grid: 40 x 30 cells on a 4:3 picture
_HYPOTHESES = 48
_SCORED_CELLS = 256
_INLIER_PX = 1.0  # at 640 pixels of width
_MIN_CELLS = 12

Complexes = NDArray[np.complex128]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the fields say, cell by cell, in pixels of the camera's frame."""

    points: Complexes  # (N,) cell centres in the current frame
    flow: Complexes  # (N,) current -> previous
    weights: NDArray[np.float64]  # (N,) 0..1: tooth, trusted, not saturated, not known to stand still
    unit_px: float  # camera pixels per 1/640 of the width


@dataclass(frozen=True, slots=True)
class FlowMotion:
    """The similarity that the flow supports."""

    current_from_previous: Similarity
    residual_px: float  # median distance of the cells that agree, camera pixels
    inliers: float  # 0..1 share of the weight that agrees


def grid_of(width: int, height: int) -> tuple[int, int]:
    """Rows and columns of the coarse grid for a picture of this size."""
    return max(2, round(CELLS_ACROSS * height / width)), CELLS_ACROSS


def gather(flow: Field, weight: Field, size: tuple[int, int], working_width: int) -> Evidence:
    """Mean flow by cell, weighted. `flow` (h, w, 2) in working pixels, `weight` (h, w); `size` = (width, height)."""
    width, height = size
    rows, columns = grid_of(width, height)
    if weight.shape != flow.shape[:2]:
        weight = cv2.resize(weight, (flow.shape[1], flow.shape[0]), interpolation=cv2.INTER_LINEAR)
    weighted = cv2.resize(
        cv2.multiply(flow, cv2.merge((weight, weight))), (columns, rows), interpolation=cv2.INTER_AREA
    )
    weights = cv2.resize(weight, (columns, rows), interpolation=cv2.INTER_AREA).astype(np.float64)
    mean = weighted / np.maximum(weights, 1e-6)[..., None] * (width / working_width)
    x = (np.arange(columns) + 0.5) * (width / columns) - 0.5
    y = (np.arange(rows) + 0.5) * (height / rows) - 0.5
    points = (x[None, :] + 1j * y[:, None]).ravel()
    complex_flow = (mean[..., 0] + 1j * mean[..., 1]).ravel().astype(np.complex128)
    return Evidence(points, complex_flow, weights.ravel(), width / 640)


def _weighted_fit(points: Complexes, targets: Complexes, weights: NDArray[np.float64]) -> Similarity:
    """Least squares over similarities `points` -> `targets`; the shift alone where the points do not spread."""
    total = weights.sum()
    mean_point = (weights @ points) / total
    mean_target = (weights @ targets) / total
    spread = points - mean_point
    power = float(weights @ (spread.real**2 + spread.imag**2))
    turn = complex((weights * spread.conj()) @ (targets - mean_target) / power) if power > 1e-6 else 1 + 0j
    return Similarity(turn, complex(mean_target - turn * mean_point))


def _best_hypothesis(points: Complexes, targets: Complexes, weights: NDArray[np.float64], scale: float) -> Similarity:
    """Similarities through random pairs of cells, scored by how much weight they explain. The draw is fixed."""
    draw = np.random.default_rng(7)
    chance = weights / weights.sum()
    first = draw.choice(len(points), _HYPOTHESES, p=chance)
    second = draw.choice(len(points), _HYPOTHESES, p=chance)
    apart = points[first] - points[second]
    is_wide = np.abs(apart) > 60 * scale
    turns = np.ones(_HYPOTHESES, dtype=np.complex128)
    turns[is_wide] = (targets[first] - targets[second])[is_wide] / apart[is_wide]
    turns[np.abs(turns - 1) > 0.15] = 1
    shifts = (targets[first] + targets[second] - turns * (points[first] + points[second])) / 2
    scored = draw.choice(len(points), min(_SCORED_CELLS, len(points)), replace=False)
    misses = np.abs(turns[:, None] * points[scored] + shifts[:, None] - targets[scored])
    scores = (weights[scored] / (1 + (misses / (1.5 * scale)) ** 2)).sum(axis=1)
    best = int(scores.argmax())
    return Similarity(complex(turns[best]), complex(shifts[best]))


def _refined(
    fit: Similarity, points: Complexes, targets: Complexes, weights: NDArray[np.float64], scale: float
) -> Similarity:
    """Iteratively reweighted least squares from `fit`."""
    for _ in range(4):
        misses = np.abs(fit.turn * points + fit.shift - targets)
        width = max(scale, 1.5 * median(misses))
        fit = _weighted_fit(points, targets, weights / (1 + (misses / width) ** 2) ** 2)
    return fit


def estimate(evidence: Evidence) -> FlowMotion | None:
    """The robust similarity, by drawn hypotheses and reweighting; None where there is too little to go by."""
    used = evidence.weights > 0.05
    if int(used.sum()) < _MIN_CELLS:
        return None
    points, weights = evidence.points[used], evidence.weights[used]
    targets = points + evidence.flow[used]
    scale = evidence.unit_px * _INLIER_PX
    middle = complex(median(evidence.flow.real[used]), median(evidence.flow.imag[used]))
    fit = _refined(Similarity(1 + 0j, middle), points, targets, weights, scale)
    if float(weights @ (np.abs(fit.turn * points + fit.shift - targets) < 2 * scale)) < 0.7 * float(weights.sum()):
        fit = _refined(_best_hypothesis(points, targets, weights, scale), points, targets, weights, scale)
    misses = np.abs(fit.turn * points + fit.shift - targets)
    agrees = misses < 2 * scale
    residual = median(misses[agrees]) if agrees.any() else median(misses)
    return FlowMotion(fit.inverse(), residual, float((weights * agrees).sum() / weights.sum()))
