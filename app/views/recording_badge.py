"""The recording's light: a red dot, the time, and what is lost or running out; nothing while nothing is recorded."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.theme import Size, Theme

WIDEST = "00:00:00"
WARN_BELOW_MIN = 15.0


@dataclass(frozen=True, slots=True)
class BadgeState:
    """What the badge is told."""

    is_recording: bool = False
    is_paused: bool = False
    elapsed_s: float = 0.0
    frames_lost: int = 0
    minutes_left: float | None = None  # on the disk; None while unknown


def clock_text(seconds: float) -> str:
    """hh:mm:ss"""
    minutes, second = divmod(int(seconds), 60)
    hour, minute = divmod(minutes, 60)
    return f"{hour:02d}:{minute:02d}:{second:02d}"


class RecordingBadge(QWidget):
    """Stands at the right of the top bar."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._status = BadgeState()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        theme.changed.connect(self.updateGeometry)
        self.hide()

    @property
    def words(self) -> str:
        """What stands beside the time."""
        if self._status.is_paused:
            return self.tr("PAUSED")
        return self.tr("REC")

    @property
    def caution(self) -> str:
        """What runs out or was lost; empty when all is well."""
        if self._status.frames_lost:
            return self.tr("{count} frames lost").format(count=self._status.frames_lost)
        left = self._status.minutes_left
        if left is not None and left < WARN_BELOW_MIN:
            return self.tr("{minutes} min left").format(minutes=int(left))
        return ""

    def show_status(self, status: BadgeState) -> None:
        """Show another status; hidden when nothing is recorded."""
        self._status = status
        self.setVisible(status.is_recording)
        self.setAccessibleName(f"{self.words} {clock_text(status.elapsed_s)} {self.caution}")
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Steady while digits change."""
        strong, small = QFontMetrics(self._font()), QFontMetrics(self._theme.font(Size.CAPTION))
        width = strong.horizontalAdvance(f"{self.tr('PAUSED')} {WIDEST}") + self._theme.px(48)
        return QSize(width + (small.horizontalAdvance(self.caution) if self.caution else 0), self._theme.px(32))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Dot (two bars when paused), word and time, then the caution."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme, middle = self._theme, self.height() / 2
        job = "caution" if self._status.is_paused else "alarm"
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color(job))
        edge = theme.px(14)
        if self._status.is_paused:
            for left in (0, 0.6):
                painter.drawRect(QRectF(theme.px(8) + left * edge, middle - edge / 2, 0.4 * edge, edge))
        else:
            painter.drawEllipse(QRectF(theme.px(8), middle - edge / 2, edge, edge))
        painter.setPen(theme.color("text"))
        painter.setFont(self._font())
        left = theme.px(8) + edge + theme.px(8)
        text = f"{self.words} {clock_text(self._status.elapsed_s)}"
        painter.drawText(QRectF(left, 0, self.width(), self.height()), Qt.AlignmentFlag.AlignVCenter, text)
        if self.caution:
            left += QFontMetrics(self._font()).horizontalAdvance(text) + theme.px(8)
            painter.setPen(theme.color("caution"))
            painter.setFont(theme.font(Size.CAPTION))
            painter.drawText(QRectF(left, 0, self.width(), self.height()), Qt.AlignmentFlag.AlignVCenter, self.caution)
        painter.end()

    def _font(self) -> QFont:
        return self._theme.font(Size.BODY, QFont.Weight.Bold)
