"""A recorded picture with what was drawn on it; reports where the hand draws, in the picture's own pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QFont, QFontMetricsF, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF, QTransform
from PySide6.QtWidgets import QWidget

from app.theme import Size, Theme
from app.views.surface import VideoSurface
from engine.annotation.mapping import Pixels
from engine.annotation.shapes import Kind, Space

HANDLE_PX = 8
ARROW_HEAD_PX = 16
CAPTION_LINES = 3  # the picture comes first; the whole note stands in the panel
CLOSED = (Kind.RECTANGLE, Kind.ELLIPSE, Kind.POLYGON)


@dataclass(frozen=True, slots=True)
class ShownShape:
    """One drawn annotation, mapped to the picture it is shown on."""

    annotation_id: str  # empty for the stroke in hand
    kind: Kind
    space: Space  # of the picture it is shown on
    points: Pixels  # (N, 2) in pixels of that picture: its outline
    caption: str = ""
    is_selected: bool = False


class DrawnSurface(VideoSurface):
    """A picture of one space; or two of them, parted by a line that can be dragged."""

    pressed = Signal(Space, QPointF)
    moved = Signal(Space, QPointF)
    released = Signal(Space, QPointF)
    finished = Signal()  # double click, or the other button: a polygon is whole
    wiped = Signal(float)  # 0..1 of the picture's width

    def __init__(self, theme: Theme, space: Space, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.space = space
        self.wipe: float | None = None  # the parting line; raw at its left, stabilized at its right
        self._shapes: tuple[ShownShape, ...] = ()
        self._titles = {Space.RAW: self.tr("RAW"), Space.STABILIZED: self.tr("STABILIZED")}
        self._drags_line = False
        self._pressed_in: Space | None = None

    @property
    def shapes(self) -> tuple[ShownShape, ...]:
        """What is drawn now."""
        return self._shapes

    def show_shapes(self, shapes: Sequence[ShownShape]) -> None:
        """Draw these from now on, those of another space left out."""
        self._shapes = tuple(one for one in shapes if self.wipe is not None or one.space is self.space)
        self.update()

    def show_wipe(self, wipe: float | None) -> None:
        """Part the picture there, or not at all."""
        self.wipe = wipe
        self.update()

    def widget_from_picture(self) -> QTransform:
        """Picture pixels -> widget pixels."""
        return self._orientation.screen_from_picture(self._size, self.picture_rect())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to draw, or take hold of the parting line."""
        if event.button() is not Qt.MouseButton.LeftButton:
            self.finished.emit()
            return
        line = self._line_x()
        if line is not None and abs(event.position().x() - line) < self._theme.px(20):
            self._drags_line = True
        elif self.picture_rect().contains(event.position()):
            self._pressed_in = self._space_at(event.position())
            self.pressed.emit(self._pressed_in, self._picture_point(event.position()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Draw on, or move the parting line."""
        if self._drags_line:
            rect = self.picture_rect()
            self.wiped.emit(min(max((event.position().x() - rect.left()) / max(rect.width(), 1), 0.0), 1.0))
        elif self._pressed_in is not None:
            self.moved.emit(self._pressed_in, self._picture_point(event.position()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """The stroke is over."""
        space, self._pressed_in, self._drags_line = self._pressed_in, None, False
        if space is not None:
            self.released.emit(space, self._picture_point(event.position()))

    def mouseDoubleClickEvent(self, _event: QMouseEvent) -> None:
        """A polygon is whole."""
        self.finished.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The picture, the shapes on each side of the line, the line, the titles."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect, line = self.picture_rect(), self._line_x()
        for space, clip in self._halves(rect, line):
            painter.setClipRect(clip)
            for shape in self._shapes:
                if shape.space is space:
                    self._paint_shape(painter, shape)
        painter.setClipping(False)
        for shape in self._shapes:
            if shape.caption and self._is_captioned(shape, line):
                self._paint_caption(painter, shape)
        if line is not None:
            self._paint_line(painter, rect, line)
            self._paint_title(painter, rect, Space.RAW)
            self._paint_title(painter, rect, Space.STABILIZED)
        elif not self._image.isNull():
            self._paint_title(painter, rect, self.space)
        painter.end()

    def _halves(self, rect: QRectF, line: float | None) -> list[tuple[Space, QRectF]]:
        if line is None:
            return [(self.space, rect)]
        left, right = QRectF(rect), QRectF(rect)
        left.setRight(line)
        right.setLeft(line)
        return [(Space.RAW, left), (Space.STABILIZED, right)]

    def _is_captioned(self, shape: ShownShape, line: float | None) -> bool:
        """A shape that lies on both sides of the line has its words once."""
        if line is None:
            return shape.space is self.space
        middle = QPointF(*shape.points.mean(axis=0).tolist())
        is_left = self.widget_from_picture().map(middle).x() < line
        return is_left == (shape.space is Space.RAW)

    def _on_widget(self, shape: ShownShape) -> list[QPointF]:
        transform = self.widget_from_picture()
        return [transform.map(QPointF(float(x), float(y))) for x, y in shape.points]

    def _paint_shape(self, painter: QPainter, shape: ShownShape) -> None:
        points = self._on_widget(shape)
        width = self._theme.px(3 if shape.is_selected else 2)
        color = self._theme.color("accent" if not shape.is_selected else "caution")
        for job, extra in ((self._theme.color("canvas", 0.65), 2), (color, 0)):
            cap, join = Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin
            painter.setPen(QPen(job, width + extra, Qt.PenStyle.SolidLine, cap, join))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            if shape.kind in CLOSED and shape.annotation_id:
                painter.drawPolygon(QPolygonF(points))
            elif shape.kind is not Kind.TEXT:
                painter.drawPolyline(QPolygonF(points))
            if shape.kind is Kind.ARROW and len(points) > 1:
                painter.drawPolyline(arrow_head(points[0], points[-1], self._theme.px(ARROW_HEAD_PX)))
        if shape.is_selected and shape.kind is not Kind.TEXT:
            self._paint_handles(painter, QPolygonF(points).boundingRect())

    def _paint_handles(self, painter: QPainter, box: QRectF) -> None:
        """Squares at the corners: chosen by shape too, not by colour alone."""
        edge = self._theme.px(HANDLE_PX)
        painter.setPen(QPen(self._theme.color("canvas"), self._theme.px(1)))
        painter.setBrush(self._theme.color("text"))
        for corner in (box.topLeft(), box.topRight(), box.bottomLeft(), box.bottomRight()):
            painter.drawRect(QRectF(corner.x() - edge / 2, corner.y() - edge / 2, edge, edge))

    def _paint_caption(self, painter: QPainter, shape: ShownShape) -> None:
        points = self._on_widget(shape)
        font = self._theme.font(Size.BODY, QFont.Weight.DemiBold)
        metrics, pad = QFontMetricsF(font), self._theme.px(6)
        if shape.kind is Kind.TEXT:
            corner = points[0]
        else:
            corner = QPointF(min(p.x() for p in points), max(p.y() for p in points) + pad)
        limits = self.picture_rect()
        width = max(limits.width() - 2 * pad, 1.0)
        words = metrics.elidedText(shape.caption, Qt.TextElideMode.ElideRight, CAPTION_LINES * 0.85 * width)
        flags = Qt.AlignmentFlag.AlignCenter.value
        if metrics.horizontalAdvance(words) > width:
            flags |= Qt.TextFlag.TextWordWrap.value
        room = metrics.boundingRect(QRectF(0, 0, width, limits.height()), flags, words)
        box = QRectF(corner.x(), corner.y(), min(room.width(), width) + 2 * pad, room.height() + 4)
        box.moveLeft(min(max(box.left(), limits.left()), max(limits.left(), limits.right() - box.width())))
        box.moveTop(min(box.top(), limits.bottom() - box.height()))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color("canvas", 0.72))
        painter.drawRoundedRect(box, self._theme.px(4), self._theme.px(4))
        painter.setPen(self._theme.color("caution" if shape.is_selected else "text"))
        painter.setFont(font)
        painter.drawText(box.adjusted(pad, 0, -pad, 0), flags, words)

    def _paint_line(self, painter: QPainter, rect: QRectF, x: float) -> None:
        painter.setPen(QPen(self._theme.color("text"), self._theme.px(2)))
        painter.drawLine(QPointF(x, rect.top()), QPointF(x, rect.bottom()))
        grip = self._theme.px(20)
        middle = QPointF(x, rect.center().y())
        painter.setBrush(self._theme.color("raised"))
        painter.drawEllipse(middle, grip, grip)
        reach = grip * 0.5
        for side in (-1, 1):
            tip = middle + QPointF(side * reach, 0)
            wing = QPointF(-side * reach * 0.5, reach * 0.5)
            painter.drawPolyline(QPolygonF([tip + wing, tip, tip + QPointF(wing.x(), -wing.y())]))

    def _paint_title(self, painter: QPainter, rect: QRectF, space: Space) -> None:
        font = self._theme.font(Size.CAPTION, QFont.Weight.Bold)
        text, pad, edge = self._titles[space], self._theme.px(8), self._theme.px(8)
        width = QFontMetricsF(font).horizontalAdvance(text) + 2 * pad
        is_right = space is Space.STABILIZED and self.wipe is not None
        left = rect.right() - width - edge if is_right else rect.left() + edge
        box = QRectF(left, rect.top() + edge, width, self._theme.px(24))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color("canvas", 0.6))
        painter.drawRoundedRect(box, self._theme.px(4), self._theme.px(4))
        painter.setPen(self._theme.color("text"))
        painter.setFont(font)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

    def _line_x(self) -> float | None:
        rect = self.picture_rect()
        return None if self.wipe is None else rect.left() + self.wipe * rect.width()

    def _space_at(self, position: QPointF) -> Space:
        line = self._line_x()
        if line is None:
            return self.space
        return Space.RAW if position.x() < line else Space.STABILIZED

    def _picture_point(self, position: QPointF) -> QPointF:
        back, _ = self.widget_from_picture().inverted()
        point = back.map(position)
        return QPointF(min(max(point.x(), 0.0), self._size.width()), min(max(point.y(), 0.0), self._size.height()))


def arrow_head(tail: QPointF, tip: QPointF, length: float) -> QPolygonF:
    """The two strokes at the tip."""
    along = tip - tail
    size = max(1.0, (along.x() ** 2 + along.y() ** 2) ** 0.5)
    length = min(length, size * 0.5)
    back, side = along * (-length / size), QPointF(-along.y(), along.x()) * (0.6 * length / size)
    return QPolygonF([tip + back + side, tip, tip + back - side])
