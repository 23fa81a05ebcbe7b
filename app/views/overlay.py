"""What may be drawn over a picture: tooth mask, flow arrows and the frame round the locked tooth."""

from __future__ import annotations

from dataclasses import dataclass, field

from PySide6.QtCore import QLineF, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QImage, QPainter, QPen, QTransform

from app.theme import Theme


@dataclass(frozen=True, slots=True)
class Overlay:
    """Drawn in raw pixels; `view_from_raw` carries it onto the picture of the view."""

    mask: QImage | None = None  # covers the whole raw picture, on a grid of its own; premultiplied ARGB or indexed
    arrows: tuple[QLineF, ...] = ()
    anchor_box: QRectF | None = None
    view_from_raw: QTransform = field(default_factory=QTransform)

    @property
    def is_empty(self) -> bool:
        """True when there is nothing to draw."""
        return self.mask is None and not self.arrows and self.anchor_box is None


def paint_overlay(painter: QPainter, overlay: Overlay, picture: QSizeF, theme: Theme) -> None:
    """Draw in picture pixels; the painter already carries picture -> screen."""
    painter.save()
    painter.setTransform(overlay.view_from_raw, True)
    scale = max(1e-3, abs(painter.transform().determinant()) ** 0.5)
    if overlay.mask is not None:
        painter.drawImage(QRectF(0, 0, picture.width(), picture.height()), overlay.mask)
    if overlay.arrows:
        painter.setPen(
            QPen(theme.color("canvas", 0.55), theme.px(4) / scale, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)
        )
        painter.drawLines(overlay.arrows)
        painter.setPen(QPen(theme.color("accent"), theme.px(2) / scale, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawLines(overlay.arrows)
        painter.setPen(QPen(theme.color("text"), theme.px(3) / scale, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawPoints([arrow.p2() for arrow in overlay.arrows])
    if overlay.anchor_box is not None:
        paint_corners(painter, overlay.anchor_box, scale, theme)
    painter.restore()


def paint_corners(painter: QPainter, box: QRectF, scale: float, theme: Theme) -> None:
    """Four corner brackets: marks the tooth without covering it."""
    arm = min(box.width(), box.height()) * 0.22
    lines = []
    for corner, x_sign, y_sign in (
        (box.topLeft(), 1, 1),
        (box.topRight(), -1, 1),
        (box.bottomRight(), -1, -1),
        (box.bottomLeft(), 1, -1),
    ):
        lines.append(QLineF(corner, corner + QPointF(x_sign * arm, 0)))
        lines.append(QLineF(corner, corner + QPointF(0, y_sign * arm)))
    for color, width in ((theme.color("canvas", 0.6), theme.px(5)), (theme.color("good"), theme.px(3))):
        painter.setPen(QPen(color, width / scale, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawLines(lines)
