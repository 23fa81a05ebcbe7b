"""A stored view and the direct registration of later views against it (inverse-compositional Gauss-Newton)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.stabilization.similarity import Similarity, scaled
from engine.stabilization.view import Level, Plane, View

_BLOCK = 8  # pixels; points are spread over blocks
_PER_BLOCK = (12, 10, 6)
_STEPS = (6, 5, 4)  # Gauss-Newton steps, coarse to fine
_MIN_POINTS = 60


@dataclass(frozen=True, slots=True)
class Points:
    """The well-textured pixels of one level of a keyframe."""

    x: Plane  # (N,)
    y: Plane
    value: Plane  # detail there
    jacobian: Plane  # (6, N): d detail / d (shift x, shift y, turn real, turn imaginary about `centre`), gain, offset
    weight: Plane  # (N,) 0..1
    centre: complex
    radius: float


@dataclass(frozen=True, slots=True)
class Keyframe:
    """One remembered view of the tooth."""

    scene_from_key: Similarity  # camera pixels of this keyframe -> the scene's fixed plane
    levels: tuple[Points, ...]
    view: View


@dataclass(frozen=True, slots=True)
class Registration:
    """How the present view lies on a keyframe, and how good the fit is."""

    current_from_key: Similarity
    correlation: float  # -1..1, of the details at the points, after alignment
    support: float  # 0..1 share of the keyframe's points that can be seen and used
    sigma: float  # robust spread of the remaining difference


def _pick(level: Level, index: int) -> Points | None:
    """Up to a few of the steepest usable pixels of every block."""
    detail = level.detail
    gx = cv2.Sobel(detail, cv2.CV_32F, 1, 0, ksize=3, scale=0.125)
    gy = cv2.Sobel(detail, cv2.CV_32F, 0, 1, ksize=3, scale=0.125)
    steep = cv2.magnitude(gx, gy) * level.usable
    steep[level.usable < 0.35] = 0
    steep[:2], steep[-2:], steep[:, :2], steep[:, -2:] = 0, 0, 0, 0
    rows, columns = detail.shape[0] // _BLOCK, detail.shape[1] // _BLOCK
    cut = steep[: rows * _BLOCK, : columns * _BLOCK]
    blocks = cut.reshape(rows, _BLOCK, columns, _BLOCK).transpose(0, 2, 1, 3).reshape(rows * columns, -1)
    best = np.argpartition(blocks, -_PER_BLOCK[index], axis=1)[:, -_PER_BLOCK[index] :]
    block = np.repeat(np.arange(rows * columns), best.shape[1])
    inside = best.ravel()
    y = (block // columns) * _BLOCK + inside // _BLOCK
    x = (block % columns) * _BLOCK + inside % _BLOCK
    strength = steep[y, x]
    if not (strength > 0).any():
        return None
    keep = strength > 0.25 * float(np.median(strength[strength > 0]))
    x, y = x[keep], y[keep]
    if len(x) < _MIN_POINTS:
        return None
    centre = complex(float(x.mean()), float(y.mean()))
    radius = max(4.0, float(np.sqrt(x.var() + y.var())))
    dx, dy = (x - centre.real) / radius, (y - centre.imag) / radius
    jx, jy, value = gx[y, x], gy[y, x], detail[y, x]
    jacobian = np.stack([jx, jy, jx * dx + jy * dy, jy * dx - jx * dy, value, np.ones_like(value)])
    weight = level.usable[y, x].astype(np.float32)
    return Points(
        x.astype(np.float32), y.astype(np.float32), value, jacobian.astype(np.float32), weight, centre, radius
    )


def remember(view: View, scene_from_key: Similarity) -> Keyframe | None:
    """Make a keyframe of this view, or None where the tooth shows too little to register on."""
    levels = tuple(points for index, level in enumerate(view.levels) if (points := _pick(level, index)) is not None)
    return Keyframe(scene_from_key, levels, view) if len(levels) == len(view.levels) else None


def _sample(plane: Plane, x: Plane, y: Plane) -> Plane:
    """Bilinear samples; what lies outside reads as NaN-free zero and must be masked by the caller."""
    sampled: Plane = cv2.remap(plane, x[:, None], y[:, None], cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)[:, 0]
    return sampled


@dataclass(frozen=True, slots=True)
class _Match:
    """The points of one level looked up in the present view."""

    value: Plane
    usable: Plane  # weight 0..1 of each point, 0 outside the picture


def _look_up(points: Points, level: Level, warp: Similarity) -> _Match:
    """Read the present view where `warp` says the keyframe's points are."""
    a, b = warp.turn.real, warp.turn.imag
    x = (a * points.x - b * points.y + warp.shift.real).astype(np.float32)
    y = (b * points.x + a * points.y + warp.shift.imag).astype(np.float32)
    height, width = level.detail.shape
    inside = (x >= 1) & (x <= width - 2) & (y >= 1) & (y <= height - 2)
    return _Match(_sample(level.detail, x, y), _sample(level.usable, x, y) * points.weight * inside)


def _median(values: Plane) -> float:
    """The upper median; an eighth of the time of NumPy's."""
    half = len(values) // 2
    return float(np.partition(values, half)[half])


def _step(points: Points, match: _Match, prior: NDArray[np.float64]) -> tuple[Similarity, float] | None:
    """One Gauss-Newton step: the keyframe's own movement that explains the difference, and the robust spread."""
    error = match.value - points.value
    used = match.usable > 0.15
    if int(used.sum()) < _MIN_POINTS:
        return None
    middle = _median(error[used])
    sigma = max(0.5, 1.4826 * _median(np.abs(error[used] - middle)))
    ratio = (error - middle) / (3.0 * sigma)
    weight = match.usable * np.square(np.clip(1 - ratio * ratio, 0, None))
    weighted = points.jacobian * weight
    normal = (weighted @ points.jacobian.T).astype(np.float64) / (sigma * sigma * 4)
    right = (weighted @ error).astype(np.float64) / (sigma * sigma * 4)
    normal[np.diag_indices(6)] += prior
    move = np.linalg.solve(normal, right)
    grow = complex(move[2], move[3]) / points.radius
    turn = 1 + grow
    return Similarity(turn, complex(move[0], move[1]) - grow * points.centre), sigma


def _fit_level(points: Points, level: Level, warp: Similarity, steps: int) -> tuple[Similarity, float] | None:
    """Refine `warp` (current from keyframe, in this level's pixels); None where too little is seen."""
    prior = np.array([1e-2, 1e-2, 1e-2, 1e-2, 100.0, 1e-3])
    sigma = math.inf
    enough = 0.02 if len(points.x) > 1500 else 0.06
    for _ in range(steps):
        step = _step(points, _look_up(points, level, warp), prior)
        if step is None:
            return None
        move, sigma = step
        warp = warp @ move.inverse()
        if abs(move(points.centre) - points.centre) + abs(move.turn - 1) * points.radius < enough:
            break
    return warp, sigma


def _judge(points: Points, level: Level, warp: Similarity) -> tuple[float, float]:
    """Correlation of the details and the share of the points that are seen."""
    match = _look_up(points, level, warp)
    weight = match.usable
    total = float(weight.sum())
    support = total / max(1e-6, float(points.weight.sum()))
    if total < 10:
        return 0.0, support
    here = match.value - float(weight @ match.value) / total
    there = points.value - float(weight @ points.value) / total
    reach = 2.5 * math.sqrt(float(weight @ (there * there)) / total)
    here = np.clip(here, -reach, reach)
    there = np.clip(there, -reach, reach)
    power = float(weight @ (here * here)) * float(weight @ (there * there))
    return float(weight @ (here * there)) / math.sqrt(max(power, 1e-9)), support


def register(key: Keyframe, view: View, guess: Similarity, coarse: int = 1) -> Registration | None:
    """Align from `guess` (current from keyframe, camera pixels), starting `coarse` levels above the finest."""
    first = len(view.levels) - 1 - coarse
    warp, sigma = guess, math.inf
    for points, level, steps in list(zip(key.levels, view.levels, _STEPS, strict=True))[first:]:
        fitted = _fit_level(points, level, scaled(warp, 1 / level.factor), steps)
        if fitted is None or not 0.6 < abs(fitted[0].turn) < 1.6:
            return None
        warp, sigma = scaled(fitted[0], level.factor), fitted[1]
    finest = view.levels[-1]
    correlation, support = _judge(key.levels[-1], finest, scaled(warp, 1 / finest.factor))
    return Registration(warp, correlation, support, sigma)
