"""A stored view and the direct registration of later views against it (inverse-compositional Gauss-Newton)."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.stabilization.median import median
from engine.stabilization.similarity import Similarity, scaled
from engine.stabilization.view import Level, Plane, View

_BLOCK = 8  # pixels; points are spread over blocks
_PER_BLOCK = (12, 10, 6)
_STEPS = (6, 5, 4)  # Gauss-Newton steps, coarse to fine
_MIN_POINTS = 60
_USUAL_SKEW = 0.012  # movement a pixel row: 3 px between the middle and the edge at 640x480


@dataclass(frozen=True, slots=True)
class Points:
    """The well-textured pixels of one level of a keyframe."""

    x: Plane  # (N,)
    y: Plane
    value: Plane  # detail there
    jacobian: Plane  # (8, N): d detail / d (shift x, y; turn real, imaginary about `centre`; gain, offset; row x, y)
    weight: Plane  # (N,) 0..1
    centre: complex
    radius: float


@dataclass(frozen=True, slots=True)
class Keyframe:
    """One remembered view of the tooth."""

    scene_from_key: Similarity  # camera pixels of this keyframe -> the scene's fixed plane
    levels: tuple[Points, ...]
    view: View
    skew: complex = 0j  # see Registration


@dataclass(frozen=True, slots=True)
class Registration:
    """How the present view lies on a keyframe, and how good the fit is."""

    current_from_key: Similarity
    correlation: float  # -1..1, of the details at the points, after alignment
    support: float  # 0..1 share of the keyframe's points that can be seen and used
    skew: complex = 0j  # movement a pixel row while the shutter rolled, beyond the keyframe's own; pose: middle row


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
    turned = [jx * dx + jy * dy, jy * dx - jx * dy]
    jacobian = np.stack([jx, jy, *turned, value, np.ones_like(value), jx * dy, jy * dy])
    weight = level.usable[y, x].astype(np.float32)
    return Points(
        x.astype(np.float32), y.astype(np.float32), value, jacobian.astype(np.float32), weight, centre, radius
    )


def remember(view: View, scene_from_key: Similarity, skew: complex = 0j) -> Keyframe | None:
    """Make a keyframe of this view, or None where the tooth shows too little to register on."""
    levels = tuple(points for index, level in enumerate(view.levels) if (points := _pick(level, index)) is not None)
    return Keyframe(scene_from_key, levels, view, skew) if len(levels) == len(view.levels) else None


def _sample(plane: Plane, x: Plane, y: Plane) -> Plane:
    """Bilinear samples; what lies outside reads as NaN-free zero and must be masked by the caller.

    The points go as one row: as a column they take OpenCV two and a half times as long.
    """
    sampled: Plane = cv2.remap(plane, x[None], y[None], cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)[0]
    return sampled


@dataclass(frozen=True, slots=True)
class _Match:
    """The points of one level looked up in the present view."""

    value: Plane
    usable: Plane  # weight 0..1 of each point, 0 outside the picture


def _look_up(points: Points, level: Level, warp: Similarity, skew: complex) -> _Match:
    """Read the present view where `warp`, and the movement during read-out, put the keyframe's points."""
    a, b = warp.turn.real, warp.turn.imag
    x: Plane = a * points.x - b * points.y + np.float32(warp.shift.real)
    y: Plane = b * points.x + a * points.y + np.float32(warp.shift.imag)
    height, width = level.detail.shape
    if skew != 0:
        rows = y - np.float32((height - 1) / 2)
        x, y = x + np.float32(skew.real) * rows, y + np.float32(skew.imag) * rows
    inside = (x >= 1) & (x <= width - 2) & (y >= 1) & (y <= height - 2)
    return _Match(_sample(level.detail, x, y), _sample(level.usable, x, y) * points.weight * inside)


@dataclass(frozen=True, slots=True)
class _Fit:
    """A registration under way: current from keyframe at the middle row, movement a row."""

    warp: Similarity
    skew: complex


def _step(
    points: Points, match: _Match, prior: NDArray[np.float64], pull: NDArray[np.float64]
) -> NDArray[np.float64] | None:
    """One Gauss-Newton step: the keyframe's own change that explains the difference, (8,)."""
    error = match.value - points.value
    used = match.usable > 0.15
    if np.count_nonzero(used) < _MIN_POINTS:
        return None
    middle = median(error[used])
    sigma = max(0.5, 1.4826 * median(np.abs(error[used] - middle)))
    ratio = (error - middle) / (3.0 * sigma)
    weight = match.usable * np.square(np.maximum(1 - ratio * ratio, 0))
    weighted = points.jacobian * weight
    normal = (weighted @ points.jacobian.T).astype(np.float64) / (sigma * sigma * 4)
    right = (weighted @ error).astype(np.float64) / (sigma * sigma * 4) + prior * pull
    normal.flat[::9] += prior  # the diagonal
    change: NDArray[np.float64] = np.linalg.solve(normal, right)
    return change


def _fit_level(points: Points, level: Level, start: _Fit, steps: int, has_rows: bool) -> _Fit | None:
    """Refine the fit, in this level's pixels; None where too little is seen."""
    row_prior = (_USUAL_SKEW * points.radius) ** -2 if has_rows else 1e12
    # shift and turn nearly free, the gain near 1, the offset free, the movement a row near what is usual
    prior = np.array([1e-2, 1e-2, 1e-2, 1e-2, 100.0, 1e-3, row_prior, row_prior])
    warp, skew = start.warp, start.skew
    middle_row = (level.detail.shape[0] - 1) / 2
    enough = 0.02 if len(points.x) > 1500 else 0.06  # this level's pixels; many points tell finer steps
    for _ in range(steps):
        pull = np.zeros(8)
        pull[6:] = skew.real * points.radius, skew.imag * points.radius
        change = _step(points, _look_up(points, level, warp, skew), prior, pull)
        if change is None:
            return None
        grow = complex(change[2], change[3]) / points.radius
        move = Similarity(1 + grow, complex(change[0], change[1]) - grow * points.centre)
        sway = complex(change[6], change[7]) / points.radius
        row = warp(points.centre).imag - middle_row  # the pose is that of the picture's middle row
        warp = Similarity(1 + 0j, sway * row) @ warp @ move.inverse()
        skew -= sway
        moved = abs(complex(change[0], change[1])) + (abs(grow) + abs(sway)) * points.radius
        if moved < enough:
            break
    return _Fit(warp, skew)


def _judge(points: Points, level: Level, warp: Similarity, skew: complex) -> tuple[float, float]:
    """Correlation of the details and the share of the points that are seen."""
    match = _look_up(points, level, warp, skew)
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


def register(
    key: Keyframe, view: View, guess: Similarity, coarse: int = 1, has_rows: bool = False
) -> Registration | None:
    """Align from `guess` (current from keyframe, camera pixels), starting `coarse` levels above the finest.

    `has_rows`: also find the movement during read-out (rolling shutter), but not at the coarse level.
    """
    first = len(view.levels) - 1 - coarse
    fit = _Fit(guess, 0j)
    for index in range(first, len(view.levels)):
        level, points = view.levels[index], key.levels[index]
        here = replace(fit, warp=scaled(fit.warp, 1 / level.factor))
        fitted = _fit_level(points, level, here, _STEPS[index], has_rows and index > first)
        if fitted is None or not 0.6 < abs(fitted.warp.turn) < 1.6:
            return None
        fit = replace(fitted, warp=scaled(fitted.warp, level.factor))
    finest = view.levels[-1]
    correlation, support = _judge(key.levels[-1], finest, scaled(fit.warp, 1 / finest.factor), fit.skew)
    return Registration(fit.warp, correlation, support, fit.skew)
