"""How samples in milliseconds are spread: bars with the median and the 95th percentile, and what a delay is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.theme import Size, Theme

BARS = 48
LEAST_SPAN_MS = 4.0  # a steady clock's intervals must not look as if they scattered
FEWEST = 3  # samples below which a percentile says nothing
PART_JOBS = ("muted", "text", "good", "accent")  # no alarm colour: no part is bad in itself


@dataclass(frozen=True, slots=True)
class Spread:
    """What is shown."""

    caption: str = ""
    samples_ms: tuple[float, ...] = ()
    parts_ms: tuple[tuple[str, float], ...] = ()  # name, share of the whole delay


class Distribution(QWidget):
    """A histogram on an axis of its own, with two marked percentiles."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._caption = ""
        self._samples: np.ndarray = np.zeros(0)
        self.setMinimumHeight(theme.px(104))

    def show_samples(self, samples_ms: Sequence[float], caption: str) -> None:
        """Show other samples."""
        self._samples, self._caption = np.asarray(samples_ms, np.float64), caption
        self.setAccessibleName(f"{caption}: {self.percentiles_words()}")
        self.update()

    def percentiles(self) -> tuple[float, float]:
        """Median and 95th percentile in milliseconds; zeros for too few samples."""
        if len(self._samples) < FEWEST:
            return 0.0, 0.0
        p50, p95 = np.percentile(self._samples, (50, 95))
        return float(p50), float(p95)

    def percentiles_words(self) -> str:
        """As it is drawn."""
        p50, p95 = self.percentiles()
        return f"p50 {p50:.1f} ms   p95 {p95:.1f} ms" if p50 else ""

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Caption and figures, bars, marks, axis."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = self._theme
        line = theme.px(22)
        painter.setFont(theme.font(Size.CAPTION))
        painter.setPen(theme.color("muted"))
        head = QRectF(0, 0, self.width(), line)
        count = self.tr("{count} samples").format(count=len(self._samples)) if len(self._samples) else ""
        painter.drawText(head, Qt.AlignmentFlag.AlignLeft, f"{self._caption}   {count}".rstrip())
        painter.setPen(theme.color("text"))
        painter.setFont(theme.font(Size.CAPTION, QFont.Weight.DemiBold))
        painter.drawText(head, Qt.AlignmentFlag.AlignRight, self.percentiles_words())
        area = QRectF(0, line, self.width(), self.height() - 2 * line)
        painter.fillRect(area, theme.color("canvas"))
        if len(self._samples):
            self._draw_bars(painter, area)
        else:
            painter.setPen(theme.color("muted"))
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, self.tr("Not measured yet"))
        painter.end()

    def _draw_bars(self, painter: QPainter, area: QRectF) -> None:
        theme = self._theme
        low, high = _range(self._samples)
        counts, _ = np.histogram(self._samples, bins=BARS, range=(low, high))
        wide, tall = area.width() / BARS, area.height() - theme.px(8)
        for index, count in enumerate(counts.tolist()):
            height = tall * count / max(int(counts.max()), 1)
            bar = QRectF(area.left() + index * wide + 0.5, area.bottom() - height, wide - 1, height)
            painter.fillRect(bar, theme.color("accent"))
        for value, job in zip(self.percentiles(), ("text", "caution"), strict=True):
            if value:
                x = area.left() + area.width() * (value - low) / (high - low)
                painter.setPen(QPen(theme.color(job), theme.px(2), Qt.PenStyle.DashLine))
                painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
        painter.setPen(theme.color("muted"))
        painter.setFont(theme.font(Size.CAPTION))
        foot = QRectF(area.left(), area.bottom(), area.width(), self.height() - area.bottom())
        painter.drawText(foot, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom, f"{low:.1f} ms")
        painter.drawText(foot, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom, f"{high:.1f} ms")
        middle = f"{(low + high) / 2:.1f}"
        painter.drawText(foot, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom, middle)


class PartsBar(QWidget):
    """One bar, as long as the delay, cut into what it is made of."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._parts: tuple[tuple[str, float], ...] = ()
        self.setFixedHeight(theme.px(52))

    def show_parts(self, parts_ms: tuple[tuple[str, float], ...]) -> None:
        """Name and milliseconds of each part; none hides the bar."""
        self._parts = tuple((name, max(share, 0.0)) for name, share in parts_ms)
        self.setVisible(bool(parts_ms))
        self.setAccessibleName(", ".join(f"{name} {share:.0f} ms" for name, share in parts_ms))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Colours above, names and figures below, each in a column as wide as it needs."""
        painter = QPainter(self)
        theme = self._theme
        total = max(sum(share for _, share in self._parts), 1e-6)
        left, high = 0.0, theme.px(16)
        column = self.width() / max(len(self._parts), 1)
        for index, (name, share) in enumerate(self._parts):
            job = PART_JOBS[index % len(PART_JOBS)]
            wide = self.width() * share / total
            painter.fillRect(QRectF(left, 0, max(wide - 1, 0), high), theme.color(job))
            left += wide
            words = QRectF(index * column + theme.px(16), high + theme.px(6), column - theme.px(16), theme.px(24))
            swatch = QRectF(index * column, words.top() + theme.px(6), theme.px(10), theme.px(10))
            painter.fillRect(swatch, theme.color(job))
            painter.setPen(theme.color("text"))
            painter.setFont(theme.font(Size.CAPTION))
            painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, f"{name} {share:.1f} ms")
        painter.end()


class SpreadStrip(QWidget):
    """Both, one above the other, under the picture."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        lines = QVBoxLayout(self)
        lines.setContentsMargins(theme.px(16), theme.px(12), theme.px(16), theme.px(8))
        lines.setSpacing(theme.px(8))
        self.distribution, self.parts = Distribution(theme), PartsBar(theme)
        lines.addWidget(self.distribution, 1)
        lines.addWidget(self.parts)
        self.parts.hide()

    def show_spread(self, spread: Spread) -> None:
        """Show other figures."""
        self.distribution.show_samples(spread.samples_ms, spread.caption)
        self.parts.show_parts(spread.parts_ms)


def _range(samples: np.ndarray) -> tuple[float, float]:
    """From a little below the least to a little above the most, never narrower than a few milliseconds."""
    low, high = float(samples.min()), float(samples.max())
    middle, half = (low + high) / 2, max(1.1 * (high - low), LEAST_SPAN_MS) / 2
    return max(middle - half, 0.0), middle + half
