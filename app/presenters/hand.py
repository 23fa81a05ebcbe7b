"""The hand on the pictures: from presses, moves and releases to finished strokes, choices and drags."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, QPointF, Signal

from app.presenters.shapes import stroke_shape
from app.views.drawing import ShownShape
from app.views.picture_stage import PictureStage
from app.views.review_panel import SELECT
from engine.annotation.shapes import Kind, Space

LEAST_PX = 4.0  # of the picture; a shorter stroke or drag was a slip
CLOSE_PX = 12.0
SPARSE_PX = 1.5  # between points of a freehand line


def length(vector: QPointF) -> float:
    """In the vector's own unit."""
    return float(np.hypot(vector.x(), vector.y()))


class Hand(QObject):
    """One tool at a time, one stroke at a time; all points are pixels of the picture."""

    touched = Signal()
    changed = Signal()  # the stroke in hand
    drawn = Signal(object, object, object)  # Kind, Space, tuple of (x, y)
    chosen = Signal(object, QPointF)  # Space, point
    dragged = Signal(object, QPointF)  # Space, way from where it was taken hold of
    dropped = Signal()

    def __init__(self, stage: PictureStage, parent: QObject) -> None:
        super().__init__(parent)
        self.tool = SELECT
        self._points: list[tuple[float, float]] = []
        self._space = Space.RAW
        self._grip: QPointF | None = None
        for surface in stage.surfaces.values():
            surface.pressed.connect(self.press)
            surface.moved.connect(self.move)
            surface.released.connect(self.release)
            surface.finished.connect(self.finish)

    @property
    def is_drawing(self) -> bool:
        """Is there a stroke in hand?"""
        return bool(self._points)

    def stroke(self) -> list[ShownShape]:
        """The stroke in hand, if there is one."""
        return [stroke_shape(Kind(self.tool), self._space, self._points)] if self._points else []

    def take(self, tool: str) -> None:
        """Another tool; what is in hand is put down."""
        self.tool, self._points = tool, []
        self.changed.emit()

    def press(self, space: Space, point: QPointF) -> None:
        """Take hold, begin a stroke, or set a polygon's next corner."""
        self.touched.emit()
        if self.tool == SELECT:
            self._grip = point
            self.chosen.emit(space, point)
            return
        is_polygon = self.tool == Kind.POLYGON.value
        if is_polygon and len(self._points) >= 3 and length(point - QPointF(*self._points[0])) < CLOSE_PX:
            self.finish()
            return
        if not is_polygon or not self._points:
            self._points, self._space = [], space
        if space is self._space:
            self._points.append((point.x(), point.y()))
        if self.tool == Kind.TEXT.value:
            self._put_down()
        self.changed.emit()

    def move(self, space: Space, point: QPointF) -> None:
        """Drag, or draw on."""
        if self.tool == SELECT and self._grip is not None:
            self.dragged.emit(space, point - self._grip)
        elif self._points and space is self._space and self.tool != Kind.POLYGON.value:
            if self.tool != Kind.FREEHAND.value:
                self._points[1:] = [(point.x(), point.y())]
            elif length(point - QPointF(*self._points[-1])) > SPARSE_PX:
                self._points.append((point.x(), point.y()))
            self.changed.emit()

    def release(self, _space: Space, _point: QPointF) -> None:
        """The stroke is whole, unless it was a slip."""
        if self._grip is not None:
            self._grip = None
            self.dropped.emit()
        elif self._points and self.tool != Kind.POLYGON.value:
            extent = np.ptp(np.asarray(self._points), axis=0)
            if float(extent.max()) >= LEAST_PX:
                self._put_down()
            self._points = []
            self.changed.emit()

    def finish(self) -> None:
        """Close the polygon in hand."""
        if self.tool == Kind.POLYGON.value and len(self._points) >= 3:
            self._put_down()

    def drop_stroke(self) -> None:
        """Forget the stroke in hand."""
        self._points = []
        self.changed.emit()

    def _put_down(self) -> None:
        points, self._points = tuple(self._points), []
        self.drawn.emit(Kind(self.tool), self._space, points)
