"""The time line of a session: thumbnails, ranges, markers, lost stretches, gaps, in and out marks, the playhead."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QHelpEvent, QImage, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from app.theme import Size, Theme

THUMBS_PX, RULER_PX, LANE_PX, STRIP_PX, LEGEND_PX = 64, 20, 20, 8, 20
TICKS_S = (0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600)
TICK_APART_PX = 88
NEAR_PX = 16  # how far beside a flag a finger may press
JOBS = {"lost": ("caution", 1.0), "bypass": ("caution", 0.5), "pause": ("muted", 1.0)}
MISSING = ("alarm", 1.0)  # any other kind of stretch is frames that are missing


@dataclass(frozen=True, slots=True)
class Mark:
    """A marker, a drawn shape (no end) or a range."""

    annotation_id: str
    start_ns: int
    end_ns: int | None
    title: str
    is_drawn: bool = False
    is_selected: bool = False


@dataclass(frozen=True, slots=True)
class Lane:
    """A stretch of the session that is not as it should be."""

    start_ns: int
    end_ns: int
    kind: str  # "lost", "bypass", "pause", or where frames were lost


@dataclass(frozen=True, slots=True)
class TimelineState:
    """All that is shown but the thumbnails. Times are nanoseconds from the first frame."""

    duration_ns: int = 1
    playhead_ns: int = 0
    in_ns: int | None = None
    out_ns: int | None = None
    marks: tuple[Mark, ...] = ()
    lanes: tuple[Lane, ...] = ()


class Timeline(QWidget):
    """Press or drag anywhere to go there; a press on a flag chooses its annotation."""

    sought = Signal(object)  # ns, as int: Qt's own int has 32 bits
    chosen = Signal(str)  # annotation id

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.state = TimelineState()
        self._thumbnails: dict[int, QImage] = {}
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Time line"))
        theme.changed.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        """Ruler, flags, pictures, stretches, and what the stretches mean if there are any."""
        legend = LEGEND_PX if self.state.lanes else 0
        return QSize(480, self._theme.px(RULER_PX + LANE_PX + THUMBS_PX + STRIP_PX + legend + 12))

    def minimumSizeHint(self) -> QSize:
        """As high as it must be."""
        return QSize(240, self.sizeHint().height())

    def show_state(self, state: TimelineState) -> None:
        """Show other marks, stretches or limits."""
        self.state = state
        self.updateGeometry()
        self.update()

    def show_playhead(self, t_ns: int) -> None:
        """Move the playhead."""
        self.state = replace(self.state, playhead_ns=t_ns)
        self.update()

    def add_thumbnail(self, t_ns: int, picture: QImage) -> None:
        """One more small picture."""
        self._thumbnails[t_ns] = picture
        self.update()

    def clear_thumbnails(self) -> None:
        """Another session."""
        self._thumbnails = {}
        self.update()

    def x_of(self, t_ns: int) -> float:
        """Where a moment lies."""
        band = self._band()
        return band.left() + band.width() * t_ns / max(self.state.duration_ns, 1)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose a flag, or go there."""
        mark = self._flag_at(event.position())
        if mark is not None:
            self.chosen.emit(mark.annotation_id)
        else:
            self._seek(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag through time."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._seek(event.position().x())

    def words_at(self, t_ns: int) -> str:
        """What is wrong with the recording there; empty if nothing is."""
        here = [lane for lane in self.state.lanes if lane.start_ns <= t_ns <= lane.end_ns]
        here.sort(key=_is_gap, reverse=True)  # there may be room for the worse alone
        return ", ".join(dict.fromkeys(self._words_of(lane.kind) for lane in here))

    def legend(self) -> dict[str, str]:
        """What each colour of a stretch means, of those that are there: a kind with that colour -> words."""
        kinds = {lane.kind if lane.kind in JOBS else "" for lane in self.state.lanes}
        return {kind: self._words_of(kind) for kind in ("", *JOBS) if kind in kinds}

    def _words_of(self, kind: str) -> str:
        words = {
            "lost": self.tr("Tooth lost from sight"),
            "bypass": self.tr("Raw picture shown"),
            "pause": self.tr("Paused"),
        }
        return words.get(kind, self.tr("Frames missing"))

    def event(self, event: QEvent) -> bool:
        """Words for what lies under the pointer."""
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            mark = self._flag_at(QPointF(event.pos()))
            words = self.words_at(self._time_at(event.pos().x())) if mark is None else mark.title
            QToolTip.showText(event.globalPos(), words, self)
            return True
        return super().event(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """From back to front."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ruler(painter)
        self._paint_thumbnails(painter)
        self._paint_stretches(painter)
        self._paint_legend(painter)
        self._paint_limits(painter)
        self._paint_marks(painter)
        self._paint_playhead(painter)
        painter.end()

    def _band(self) -> QRectF:
        """The pictures' strip."""
        theme, edge = self._theme, self._theme.px(16)
        return QRectF(edge, theme.px(RULER_PX + LANE_PX), self.width() - 2 * edge, theme.px(THUMBS_PX))

    def _time_at(self, x: float) -> int:
        band = self._band()
        share = min(max((x - band.left()) / max(band.width(), 1), 0.0), 1.0)
        return round(share * self.state.duration_ns)

    def _seek(self, x: float) -> None:
        self.sought.emit(self._time_at(x))

    def _flag_at(self, position: QPointF) -> Mark | None:
        top, bottom = self._theme.px(RULER_PX) - 4, self._band().top()
        if not top <= position.y() <= bottom:
            return None
        near = [(self._distance(mark, position.x()), mark) for mark in self.state.marks]
        distance, mark = min(near, key=_first, default=(1e9, None))
        return mark if distance <= self._theme.px(NEAR_PX) else None

    def _distance(self, mark: Mark, x: float) -> float:
        """Pixels to a flag; a range is as far as a near flag all along its bar, so that flags above it are reached."""
        left = self.x_of(mark.start_ns)
        if mark.end_ns is None or mark.is_drawn or not left <= x <= self.x_of(mark.end_ns):
            return abs(left - x)
        return min(abs(left - x), float(self._theme.px(NEAR_PX)))

    def _paint_ruler(self, painter: QPainter) -> None:
        band = self._band()
        duration_s = self.state.duration_ns / 1e9
        apart = TICK_APART_PX * self._theme.scale
        step = next((s for s in TICKS_S if s / max(duration_s, 0.1) * band.width() >= apart), TICKS_S[-1])
        font, words = self._theme.font(Size.CAPTION), clock(duration_s)
        room = 2 * QFontMetricsF(font).horizontalAdvance(words) + self._theme.px(8)  # for the end, and a tick before it
        painter.setFont(font)
        painter.setPen(self._theme.color("muted"))
        for number in range(int(duration_s / step) + 1):
            x = self.x_of(round(number * step * 1e9))
            if number and x + room > band.right():
                break
            painter.drawText(QRectF(x, 0, apart, self._theme.px(16)), Qt.AlignmentFlag.AlignLeft, clock(number * step))
        end = QRectF(band.right() - apart, 0, apart, self._theme.px(16))
        painter.drawText(end, Qt.AlignmentFlag.AlignRight, words)

    def _paint_thumbnails(self, painter: QPainter) -> None:
        band = self._band()
        painter.fillRect(band, self._theme.color("raised"))
        count = len(self._thumbnails)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        for t_ns, picture in self._thumbnails.items():
            width = max(band.width() / max(count, 1), 1.0)
            target = QRectF(self.x_of(t_ns) - width / 2, band.top(), width, band.height())
            cut_w = min(picture.width(), picture.height() * target.width() / target.height())
            cut_h = min(float(picture.height()), picture.width() * target.height() / target.width())
            source = QRectF((picture.width() - cut_w) / 2, (picture.height() - cut_h) / 2, cut_w, cut_h)
            painter.drawImage(target, picture, source)

    def _paint_stretches(self, painter: QPainter) -> None:
        band, height = self._band(), self._theme.px(STRIP_PX)
        painter.fillRect(QRectF(band.left(), band.bottom() + 4, band.width(), height), self._theme.color("raised"))
        for lane in sorted(self.state.lanes, key=_is_gap):
            left = self.x_of(lane.start_ns)
            width = max(self.x_of(lane.end_ns) - left, 2.0)
            painter.fillRect(QRectF(left, band.bottom() + 4, width, height), self._color_of(lane.kind))

    def _paint_legend(self, painter: QPainter) -> None:
        theme, band, font = self._theme, self._band(), self._theme.font(Size.CAPTION)
        edge, line = theme.px(STRIP_PX), QRectF(0, band.bottom() + 4 + theme.px(STRIP_PX + 4), 0, theme.px(16))
        painter.setFont(font)
        x = band.left()
        for kind, words in self.legend().items():
            painter.fillRect(QRectF(x, line.center().y() - edge / 2, edge, edge), self._color_of(kind))
            painter.setPen(theme.color("muted"))
            width = QFontMetricsF(font).horizontalAdvance(words) + 1
            painter.drawText(
                line.adjusted(x + 1.5 * edge, 0, x + 1.5 * edge + width, 0), Qt.AlignmentFlag.AlignVCenter, words
            )
            x += 1.5 * edge + width + theme.px(16)

    def _color_of(self, kind: str) -> QColor:
        return self._theme.color(*JOBS.get(kind, MISSING))

    def _paint_limits(self, painter: QPainter) -> None:
        band, state = self._band(), self.state
        if state.in_ns is None and state.out_ns is None:
            return
        left = self.x_of(state.in_ns or 0)
        right = self.x_of(state.duration_ns if state.out_ns is None else state.out_ns)
        shade = self._theme.color("canvas", 0.65)
        painter.fillRect(QRectF(band.left(), band.top(), left - band.left(), band.height()), shade)
        painter.fillRect(QRectF(right, band.top(), band.right() - right, band.height()), shade)
        painter.setPen(QPen(self._theme.color("accent"), self._theme.px(2)))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(QRectF(left, band.top(), right - left, band.height()))

    def _paint_marks(self, painter: QPainter) -> None:
        band, theme = self._band(), self._theme
        top, height = theme.px(RULER_PX), theme.px(LANE_PX)
        for mark in self.state.marks:
            x = self.x_of(mark.start_ns)
            color = theme.color("caution" if mark.is_selected else "accent")
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color)
            if mark.end_ns is not None and not mark.is_drawn:
                width = max(self.x_of(mark.end_ns) - x, 3.0)
                painter.drawRoundedRect(QRectF(x, top + height - theme.px(8), width, theme.px(6)), 3, 3)
                continue
            painter.fillRect(QRectF(x - 0.5, top + 2, 1.5, band.bottom() - top - 2), theme.color("accent", 0.55))
            edge = theme.px(7)
            if mark.is_drawn:
                painter.drawEllipse(QPointF(x, top + edge), edge * 0.75, edge * 0.75)
            else:
                flag = [QPointF(x, top), QPointF(x + edge * 2, top + edge * 0.8), QPointF(x, top + edge * 1.6)]
                painter.drawPolygon(QPolygonF(flag))

    def _paint_playhead(self, painter: QPainter) -> None:
        x, band = self.x_of(self.state.playhead_ns), self._band()
        top, half = self._theme.px(RULER_PX - 4), self._theme.px(6)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color("text"))
        painter.drawRect(QRectF(x - 1, top, 2, band.bottom() + self._theme.px(STRIP_PX) + 4 - top))
        painter.drawPolygon(QPolygonF([QPointF(x - half, top), QPointF(x + half, top), QPointF(x, top + half * 1.4)]))


def clock(seconds: float) -> str:
    """m:ss, with tenths where they matter, h:mm:ss from an hour."""
    minutes, second = divmod(round(seconds, 1), 60)
    hours, minute = divmod(int(minutes), 60)
    rest = f"{second:04.1f}" if second % 1 >= 0.05 else f"{int(second):02d}"
    return f"{hours}:{minute:02d}:{rest}" if hours else f"{minute}:{rest}"


def _first(pair: tuple[float, Mark]) -> float:
    return pair[0]


def _is_gap(lane: Lane) -> bool:
    return lane.kind not in ("lost", "bypass")
