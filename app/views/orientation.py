"""How a picture is turned, mirrored and magnified on its way to the screen."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QTransform

ZOOM_STEPS = (1.0, 1.5, 2.0, 3.0, 4.0)


@dataclass(frozen=True, slots=True)
class Orientation:
    """Applied in the order zoom, turn, mirror; the same for all three views, so they stay comparable."""

    is_mirrored: bool = False
    quarter_turns: int = 0  # clockwise, 0..3
    zoom: float = 1.0

    def mirrored(self) -> Orientation:
        """The other handedness."""
        return replace(self, is_mirrored=not self.is_mirrored)

    def turned(self) -> Orientation:
        """A quarter turn clockwise further."""
        return replace(self, quarter_turns=(self.quarter_turns + 1) % 4)

    def zoomed(self, steps: int) -> Orientation:
        """So many zoom steps in (or out, when negative), within the steps there are."""
        at = min(range(len(ZOOM_STEPS)), key=lambda i: abs(ZOOM_STEPS[i] - self.zoom))
        return replace(self, zoom=ZOOM_STEPS[max(0, min(len(ZOOM_STEPS) - 1, at + steps))])

    def turned_size(self, size: QSizeF) -> QSizeF:
        """Size of a picture after the turn."""
        return size.transposed() if self.quarter_turns % 2 else size

    def fitted(self, picture: QSizeF, area: QRectF) -> QRectF:
        """The largest rectangle of the turned picture's shape, centred in `area`."""
        turned = self.turned_size(picture)
        if turned.isEmpty() or area.isEmpty():
            return QRectF(area.center(), QSizeF(0, 0))
        scale = min(area.width() / turned.width(), area.height() / turned.height())
        size = turned * scale
        return QRectF(area.center() - QPointF(size.width() / 2, size.height() / 2), size)

    def screen_from_picture(self, picture: QSizeF, target: QRectF) -> QTransform:
        """Picture pixels -> widget pixels, so that the unmagnified picture fills `target`."""
        turned = self.turned_size(picture)
        transform = QTransform()
        transform.translate(target.center().x(), target.center().y())
        scale = target.width() / max(1.0, turned.width()) * self.zoom
        transform.scale(-scale if self.is_mirrored else scale, scale)
        transform.rotate(90 * self.quarter_turns)
        transform.translate(-picture.width() / 2, -picture.height() / 2)
        return transform
