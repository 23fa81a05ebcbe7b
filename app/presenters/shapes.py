"""From annotations to outlines on the two pictures of one moment, and from a finger to the outline under it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import cv2
import numpy as np
from PySide6.QtCore import QPointF

from app.views.drawing import CLOSED, ShownShape
from engine.annotation.mapping import Pixels, drawn_pixels, inverse, outlined, shown_pixels
from engine.annotation.shapes import Annotation, Drawing, Kind, Space
from engine.annotation.text_exports import title
from engine.archive.drawing import visible
from engine.archive.reader import SessionView


def shown_shapes(session: SessionView, annotations: Iterable[Annotation], t_ns: int, selected: str) -> list[ShownShape]:
    """Every drawing that is visible at `t_ns`, on each picture where it has a place."""
    shapes = []
    for entry in visible(annotations, t_ns):
        drawing = outlined(entry)
        if drawing is None:
            continue
        for space in Space:
            points = _points(session, entry, drawing, t_ns, space)
            if points is not None:
                caption = title(entry) if entry.label or entry.text or entry.tooth else ""
                is_selected = entry.annotation_id == selected
                if entry.kind is Kind.TEXT and not caption:
                    caption = "…"
                shapes.append(ShownShape(entry.annotation_id, entry.kind, space, points, caption, is_selected))
    return shapes


def stroke_shape(kind: Kind, space: Space, stroke: Sequence[tuple[float, float]]) -> ShownShape:
    """The stroke in hand, in pixels of the picture it is drawn on."""
    if kind in (Kind.RECTANGLE, Kind.ELLIPSE) and len(stroke) == 2:
        drawing = Drawing(tuple(stroke), space, (1, 0, 0, 0, 1, 0, 0, 0, 1), (1, 1))
        whole = outlined(Annotation(kind, 0, drawing=drawing))
        if whole is not None:
            return ShownShape("", kind, space, np.asarray([*whole.points, whole.points[0]], np.float64))
    return ShownShape("", kind, space, np.asarray(stroke, np.float64).reshape(-1, 2))


def distance_px(shape: ShownShape, point: QPointF) -> float:
    """How far a point is from an outline, in pixels of the picture; nothing inside a closed one."""
    outline = np.asarray(shape.points, np.float32).reshape(-1, 1, 2)
    at = (point.x(), point.y())
    if shape.kind in CLOSED:
        return max(0.0, -float(cv2.pointPolygonTest(outline, at, measureDist=True)))
    return _to_line(shape.points, np.asarray(at))


def own_shift(session: SessionView, entry: Annotation, t_ns: int, space: Space, shift: QPointF) -> QPointF:
    """A shift on one picture in the space the shape was drawn in; none for one that has followed its tooth away."""
    drawing, now = entry.drawing, session.pose_index(t_ns)
    if drawing is None or now is None:
        return QPointF()
    if drawing.follows_tooth and now != session.pose_index(entry.start_ns):
        return QPointF()
    if drawing.space is space:
        return shift
    there = session.poses[now].stabilized_from_raw
    linear = there if drawing.space is Space.STABILIZED else inverse(there)
    x, y = linear[:2, :2] @ (shift.x(), shift.y())
    return QPointF(float(x), float(y))


def shifted(drawing: Drawing, shift: QPointF) -> Drawing:
    """The drawing moved by pixels of its own picture."""
    width, height = drawing.frame_size
    return replace(drawing, points=tuple((x + shift.x() / width, y + shift.y() / height) for x, y in drawing.points))


def _to_line(points: Pixels, at: Pixels) -> float:
    if len(points) == 1:
        return float(np.linalg.norm(points[0] - at))
    start, along = points[:-1], np.diff(points, axis=0)
    share = np.einsum("ij,ij->i", at - start, along) / np.maximum(np.einsum("ij,ij->i", along, along), 1e-9)
    nearest = start + np.clip(share, 0.0, 1.0)[:, None] * along
    return float(np.linalg.norm(nearest - at, axis=1).min())


def _points(session: SessionView, entry: Annotation, drawing: Drawing, t_ns: int, space: Space) -> Pixels | None:
    drawn_at, now = session.pose_index(entry.start_ns), session.pose_index(t_ns)
    if drawn_at is None or now is None:  # nothing is known of the motion: each shape on its own picture
        return drawn_pixels(drawing) if drawing.space is space else None
    return shown_pixels(drawing, session.poses, drawn_at, now, space)
