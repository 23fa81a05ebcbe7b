"""The bench's own widgets: a step's button, named bars, and a picture with marks."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from app.theme import Size, Theme
from app.views.surface import VideoSurface

STATE_JOBS = {"to do": "muted", "running": "accent", "pass": "good", "fail": "alarm", "skipped": "caution"}
STATE_ICONS = {"to do": "waiting", "running": "play", "pass": "check", "fail": "alarm", "skipped": "pause"}


@dataclass(frozen=True, slots=True)
class StepRow:
    """One step in the list."""

    name: str
    title: str
    state: str  # a key of STATE_JOBS
    word: str  # the state in the user's language
    reason: str


class StepButton(QAbstractButton):
    """Number, title and state of a step; large enough for a glove."""

    chosen = Signal(str)

    def __init__(self, theme: Theme, number: int, row: StepRow) -> None:
        super().__init__()
        self._theme, self._number, self.row = theme, number, row
        self._has_key_focus = False
        self.setCheckable(True)
        self.setFixedHeight(theme.px(68))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.clicked.connect(self._tell)

    def show_row(self, row: StepRow) -> None:
        """Show another state."""
        if row == self.row:
            return
        self.row = row
        self.setAccessibleName(f"{row.title}: {row.word} {row.reason}".strip())
        self.setToolTip(row.reason)
        self.update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Framed only for who walks by keys: a frame that stays behind reads as a second choice."""
        self._has_key_focus = event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        super().focusInEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A bar of the accent when chosen, title, state with its shape and colour."""
        painter = QPainter(self)
        theme = self._theme
        painter.fillRect(self.rect(), theme.color("raised" if self.isChecked() else "surface"))
        if self.hasFocus() and self._has_key_focus:
            painter.setPen(QPen(theme.color("accent"), 1))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        if self.isChecked():
            painter.fillRect(0, 0, theme.px(4), self.height(), theme.color("accent"))
        left = theme.px(20)
        painter.setPen(theme.color("text"))
        painter.setFont(theme.font(Size.BODY, QFont.Weight.DemiBold))
        upper = self.rect().adjusted(left, theme.px(10), -theme.px(8), 0)
        painter.drawText(upper, Qt.AlignmentFlag.AlignTop, f"{self._number}  {self.row.title}")
        job = STATE_JOBS[self.row.state]
        edge, ratio = theme.px(16), self.devicePixelRatioF()
        pixmap = theme.pixmap(STATE_ICONS[self.row.state], round(edge * ratio), theme.color(job).name())
        base = self.height() - theme.px(12) - edge
        painter.drawPixmap(QRectF(left, base, edge, edge), pixmap, QRectF(pixmap.rect()))
        painter.setPen(theme.color(job))
        painter.setFont(theme.font(Size.CAPTION, QFont.Weight.DemiBold))
        words = self.row.word + (f": {self.row.reason}" if self.row.reason else "")
        room = self.width() - left - edge - theme.px(16)
        shown = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, room)
        painter.drawText(QRectF(left + edge + theme.px(8), base, room, edge), Qt.AlignmentFlag.AlignVCenter, shown)
        painter.end()

    def _tell(self) -> None:
        self.chosen.emit(self.row.name)


class Bars(QWidget):
    """Named bars from 0 to full; a full one turns green."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._bars: tuple[tuple[str, float], ...] = ()

    def show_bars(self, bars: tuple[tuple[str, float], ...]) -> None:
        """Show other values."""
        self._bars = bars
        self.setFixedHeight(self._theme.px(28) * len(bars))
        self.setAccessibleName(", ".join(f"{name} {share:.0%}" for name, share in bars))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """One line a bar."""
        painter = QPainter(self)
        theme, line, words = self._theme, self._theme.px(28), self._theme.px(88)
        painter.setFont(theme.font(Size.BODY))
        for index, (name, share) in enumerate(self._bars):
            top = index * line
            painter.setPen(theme.color("text"))
            painter.drawText(QRectF(0, top, words, line), Qt.AlignmentFlag.AlignVCenter, name)
            track = QRectF(words, top + line * 0.35, self.width() - words, line * 0.3)
            painter.fillRect(track, theme.color("hovered"))
            full = min(max(share, 0.0), 1.0)
            track.setWidth(track.width() * full)
            painter.fillRect(track, theme.color("good" if full >= 1 else "accent"))
        painter.end()


class MarkedSurface(VideoSurface):
    """The live picture with the corners that were found in it."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._marks: tuple[tuple[float, float], ...] = ()
        self._job = "good"

    def show_marks(self, marks: tuple[tuple[float, float], ...], job: str = "good") -> None:
        """Points as shares of the picture's width and height, in the colour of a job."""
        self._marks, self._job = marks, job
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The picture, then the points."""
        super().paintEvent(event)
        if not self._marks:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._theme.color(self._job), 2))
        target, radius = self.picture_rect(), self._theme.px(4 if self._job == "good" else 10)
        for x, y in self._marks:
            place = QPointF(target.left() + x * target.width(), target.top() + y * target.height())
            painter.drawEllipse(place, radius, radius)
        painter.end()
