"""Where a drawn shape lies on the raw and on the stabilized picture, at its own frame and at later ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.annotation.shapes import Annotation, Drawing, Kind, Nine, Space
from engine.values import Matrix3

Pixels = NDArray[np.float64]  # (N, 2) x, y
ELLIPSE_POINTS = 48
FARTHEST_PX = 1e6


def matrix(nine: Nine) -> Matrix3:
    """(3, 3) from nine row-major numbers."""
    return np.asarray(nine, np.float64).reshape(3, 3)


def inverse(transform: Matrix3) -> Matrix3:
    """The (3, 3) transform the other way."""
    return np.asarray(np.linalg.inv(transform), np.float64)


def apply(transform: Matrix3, points: Pixels) -> Pixels:
    """(N, 2) pixels through a (3, 3) transform."""
    homogeneous = np.column_stack((points, np.ones(len(points)))) @ transform.T
    with np.errstate(divide="ignore", invalid="ignore"):  # what lies on the horizon comes out as infinite
        return np.asarray(homogeneous[:, :2] / homogeneous[:, 2:], np.float64)


def drawn_pixels(drawing: Drawing) -> Pixels:
    """The shape's points on the picture in which it was drawn, (N, 2) pixels."""
    points = np.asarray(drawing.points, np.float64).reshape(-1, 2)
    return np.asarray(points * np.asarray(drawing.frame_size, np.float64), np.float64)


def raw_pixels(drawing: Drawing) -> Pixels:
    """The shape's points on the raw frame on which it was drawn, (N, 2) pixels."""
    points = drawn_pixels(drawing)
    if drawing.space is Space.RAW:
        return points
    return apply(inverse(matrix(drawing.stabilized_from_raw)), points)


def outlined(entry: Annotation) -> Drawing | None:
    """The drawing with its outline as points: a rectangle or ellipse turns with the picture, its two corners do not."""
    drawing = entry.drawing
    if drawing is None or entry.kind not in (Kind.RECTANGLE, Kind.ELLIPSE):
        return drawing
    (left, top), (right, bottom) = drawing.points[:2]
    if entry.kind is Kind.RECTANGLE:
        return replace(drawing, points=((left, top), (right, top), (right, bottom), (left, bottom)))
    turn = np.linspace(0, 2 * np.pi, ELLIPSE_POINTS, endpoint=False)
    x = (left + right) / 2 + (right - left) / 2 * np.cos(turn)
    y = (top + bottom) / 2 + (bottom - top) / 2 * np.sin(turn)
    return replace(drawing, points=tuple(zip(x.tolist(), y.tolist(), strict=True)))


@dataclass(frozen=True, slots=True)
class FramePose:
    """What the recording knows about one frame's geometry."""

    t_ns: int  # from the first raw frame
    stabilized_from_raw: Matrix3
    current_from_previous: Matrix3 | None  # None: tracking was lost here


def shown_pixels(drawing: Drawing, poses: Sequence[FramePose], drawn_at: int, now: int, space: Space) -> Pixels | None:
    """The points on frame `now` of `poses`, drawn on frame `drawn_at`, (N, 2) pixels of `space`.

    A shape that follows the tooth goes through the stored motion; None where that motion was lost in between, or led
    farther than any picture reaches. Any other shape stays where it was in the space it was drawn in.
    """
    points = _moved(drawing, poses, drawn_at, now, space)
    return points if points is not None and bool((np.abs(points) < FARTHEST_PX).all()) else None


def _moved(drawing: Drawing, poses: Sequence[FramePose], drawn_at: int, now: int, space: Space) -> Pixels | None:
    if not drawing.follows_tooth:
        points = drawn_pixels(drawing)
        if drawing.space is space:
            return points
        there = poses[now].stabilized_from_raw
        return apply(there, points) if space is Space.STABILIZED else apply(inverse(there), points)
    moved = raw_motion(poses, drawn_at, now)
    if moved is None:
        return None
    points = apply(moved, raw_pixels(drawing))
    return points if space is Space.RAW else apply(poses[now].stabilized_from_raw, points)


def raw_motion(poses: Sequence[FramePose], start: int, end: int) -> Matrix3 | None:
    """Tooth motion on the raw picture from frame `start` to frame `end`, (3, 3) pixels; None where it was lost."""
    total: Matrix3 = np.eye(3)
    for pose in poses[min(start, end) + 1 : max(start, end) + 1]:
        if pose.current_from_previous is None:
            return None
        total = np.asarray(pose.current_from_previous @ total, np.float64)
    return total if end >= start else inverse(total)
