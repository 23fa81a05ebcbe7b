"""The picture step's meters: a histogram with its clipping marked, and the focus now beside the best that was seen."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.theme import Size, Theme

CHANNELS = (QColor("#ff5f6b"), QColor("#4fd67a"), QColor("#5aa2ff"))  # red, green, blue light, added up where they meet
CLIP_LEVELS = 4  # how many levels wide a clipping mark is drawn
MARKED_SHARE = 0.001  # of the picture: from here on clipping is marked
BAD_SHARE = 0.02
GOOD_FOCUS = 0.95


class Histogram(QWidget):
    """Levels 0 to 255 of red, green and blue; what is clipped stands at the edge in words and colour."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._heights: NDArray[np.float64] = np.zeros((3, 256))
        self.clipped_dark = self.clipped_bright = 0.0
        self.setMinimumHeight(theme.px(120))

    def show_levels(self, counts: NDArray[np.int64], clipped_dark: float, clipped_bright: float) -> None:
        """(3, 256) pixels of each level, and the shares of the picture that are clipped, 0..1."""
        inside = counts[:, 1:-1]
        usual = 4 * float(np.percentile(inside, 95))
        top = max(min(float(inside.max()), usual), 1.0)  # one full bin must not flatten all others
        self._heights = np.sqrt(np.clip(counts / top, 0, 1))
        self.clipped_dark, self.clipped_bright = clipped_dark, clipped_bright
        self.setAccessibleName(f"{clipped_dark:.1%} / {clipped_bright:.1%}")
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Three filled curves on a quarter grid, and the two marks."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = self._theme
        caption = theme.px(22)
        area = QRectF(0, 0, self.width(), self.height() - caption)
        painter.fillRect(area, theme.color("canvas"))
        painter.setPen(QPen(theme.color("hovered"), 1))
        for quarter in (1, 2, 3):
            x = area.left() + area.width() * quarter / 4
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Plus)
        painter.setPen(Qt.PenStyle.NoPen)
        for heights, ink in zip(self._heights, CHANNELS, strict=True):
            tint = QColor(ink)
            tint.setAlphaF(0.6)
            painter.setBrush(tint)
            painter.drawPolygon(_curve(heights, area))
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
        self._mark(painter, area, self.clipped_dark, is_bright=False)
        self._mark(painter, area, self.clipped_bright, is_bright=True)
        painter.end()

    def _mark(self, painter: QPainter, area: QRectF, share: float, *, is_bright: bool) -> None:
        theme = self._theme
        job = "alarm" if share > BAD_SHARE else "caution" if share > MARKED_SHARE else "muted"
        if share > MARKED_SHARE:
            wide = area.width() * CLIP_LEVELS / 256
            left = area.right() - wide if is_bright else area.left()
            painter.fillRect(QRectF(left, area.top(), wide, area.height()), theme.color(job))
        painter.setPen(theme.color(job))
        painter.setFont(theme.font(Size.CAPTION, QFont.Weight.DemiBold))
        words = (self.tr("white clipped {share}") if is_bright else self.tr("black clipped {share}")).format(
            share=f"{100 * share:.1f} %"
        )
        side = Qt.AlignmentFlag.AlignRight if is_bright else Qt.AlignmentFlag.AlignLeft
        room = QRectF(0, area.bottom(), self.width(), self.height() - area.bottom())
        painter.drawText(room, side | Qt.AlignmentFlag.AlignBottom, words)


class FocusMeter(QWidget):
    """A large share of the best focus seen, its bar, and the last seconds as a curve under the best."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.share = 0.0
        self._trail: Sequence[float] = ()
        self._best = 0.0
        self.setMinimumHeight(theme.px(120))

    def show_focus(self, sharpness: float, best: float, trail: Sequence[float]) -> None:
        """Sharpness in its own unit: now, the best seen, and the last readings (newest last)."""
        self.share = sharpness / best if best > 0 else 0.0
        self._best, self._trail = best, trail
        self.setAccessibleName(f"{self.share:.0%}")
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Words, bar, curve."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = self._theme
        job = "good" if self.share >= GOOD_FOCUS else "accent"
        line = theme.px(28)
        painter.setFont(theme.font(Size.TITLE, QFont.Weight.DemiBold))
        painter.setPen(theme.color(job))
        words = f"{100 * self.share:.0f} %"
        painter.drawText(QRectF(0, 0, self.width(), line), Qt.AlignmentFlag.AlignLeft, words)
        painter.setFont(theme.font(Size.BODY))
        painter.setPen(theme.color("muted"))
        room = QRectF(theme.px(72), 0, self.width() - theme.px(72), line - theme.px(4))
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, self.tr("of the best focus seen"))
        track = QRectF(0, line, self.width(), theme.px(10))
        painter.fillRect(track, theme.color("hovered"))
        painter.fillRect(QRectF(0, line, self.width() * min(self.share, 1.0), theme.px(10)), theme.color(job))
        self._draw_trail(painter, QRectF(0, line + theme.px(18), self.width(), self.height() - line - theme.px(18)))
        painter.end()

    def _draw_trail(self, painter: QPainter, area: QRectF) -> None:
        theme = self._theme
        painter.fillRect(area, theme.color("canvas"))
        top = area.top() + theme.px(8)
        painter.setPen(QPen(theme.color("good"), 1, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(area.left(), top), QPointF(area.right(), top))
        if len(self._trail) < 2 or self._best <= 0:
            return
        step = area.width() / max(len(self._trail) - 1, 40)
        first = area.right() - step * (len(self._trail) - 1)
        tall = area.bottom() - top
        points = [
            QPointF(first + index * step, area.bottom() - tall * value / self._best)
            for index, value in enumerate(self._trail)
        ]
        painter.setPen(QPen(theme.color("text"), max(1, theme.px(2))))
        painter.drawPolyline(QPolygonF(points))


class PictureMeters(QWidget):
    """Both, side by side under the picture."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(16), theme.px(12), theme.px(16), theme.px(12))
        row.setSpacing(theme.px(24))
        self.histogram = Histogram(theme)
        self.focus = FocusMeter(theme)
        row.addWidget(self.histogram, 1)
        row.addWidget(self.focus, 1)


def _curve(heights: NDArray[np.float64], area: QRectF) -> QPolygonF:
    """A closed outline along the levels."""
    step = area.width() / 255
    tops = [
        QPointF(area.left() + level * step, area.bottom() - area.height() * height)
        for level, height in enumerate(heights.tolist())
    ]
    return QPolygonF([area.bottomLeft(), *tops, area.bottomRight()])
