"""The health bar: source, rates, latency, drops, backend and tracking, each as shape, text and colour."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from app.theme import Size, Theme


@dataclass(frozen=True, slots=True)
class Reading:
    """What one cell shows."""

    text: str
    job: str = "good"  # colour job of the shape: "good", "caution", "alarm", "muted"


SHAPES = {"good": "", "caution": "coasting", "alarm": "alarm", "muted": ""}  # a worse state also changes the shape


class HealthCell(QWidget):
    """An icon, a small label and a value of steady width."""

    def __init__(self, theme: Theme, icon: str, name: str, widest: str, parent: QWidget | None = None) -> None:
        """`widest` is the longest value that must fit; a cell without it stretches and elides."""
        super().__init__(parent)
        self._theme = theme
        self._icon = icon
        self._name = name
        self._widest = widest
        self._reading = Reading("", "muted")
        policy = QSizePolicy.Policy.Fixed if widest else QSizePolicy.Policy.Expanding
        self.setSizePolicy(policy, QSizePolicy.Policy.Expanding)
        theme.changed.connect(self.updateGeometry)

    @property
    def reading(self) -> Reading:
        """What is shown."""
        return self._reading

    def show_reading(self, reading: Reading) -> None:
        """Show another value."""
        if reading != self._reading:
            self._reading = reading
            self.setAccessibleName(f"{self._name}: {reading.text}")
            self.setToolTip(f"{self._name}: {reading.text}")
            self.update()

    def sizeHint(self) -> QSize:
        """Room for the widest value, so that numbers do not dance."""
        theme = self._theme
        widest = QFontMetrics(self._value_font()).horizontalAdvance(self._widest or "MMMMMMMM")
        label = QFontMetrics(theme.font(Size.CAPTION)).horizontalAdvance(self._name)
        return QSize(max(widest, label) + theme.px(20 + 8 + 4), theme.px(40))

    def minimumSizeHint(self) -> QSize:
        """Fixed cells never shrink; the others give way."""
        return self.sizeHint() if self._widest else QSize(self._theme.px(88), self._theme.px(40))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Icon in the state's colour, label above value."""
        theme, reading = self._theme, self._reading
        painter = QPainter(self)
        edge = theme.px(20)
        shape = SHAPES[reading.job] or self._icon
        pixmap = theme.pixmap(shape, round(edge * self.devicePixelRatioF()), getattr(theme.palette, reading.job))
        painter.drawPixmap(QRectF(0, (self.height() - edge) / 2, edge, edge), pixmap, QRectF(pixmap.rect()))
        left = edge + theme.px(8)
        width = max(0, self.width() - left)
        middle = self.height() // 2
        painter.setFont(theme.font(Size.CAPTION))
        painter.setPen(theme.color("muted"))
        painter.drawText(left, 0, width, middle + 1, Qt.AlignmentFlag.AlignBottom, self._name)
        painter.setFont(self._value_font())
        painter.setPen(theme.color("text" if reading.job in ("good", "muted") else reading.job))
        text = painter.fontMetrics().elidedText(reading.text, Qt.TextElideMode.ElideRight, width)
        painter.drawText(left, middle, width, self.height() - middle, Qt.AlignmentFlag.AlignTop, text)
        painter.end()

    def _value_font(self) -> QFont:
        return self._theme.font(Size.BODY, QFont.Weight.DemiBold)


class HealthBar(QWidget):
    """One row of cells."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("healthBar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._theme = theme
        self.source = HealthCell(theme, "camera", self.tr("Source"), "")
        self.rate_in = HealthCell(theme, "fps-in", self.tr("In"), "000.0 fps")
        self.rate_out = HealthCell(theme, "fps-out", self.tr("Out"), "000.0 fps")
        self.latency = HealthCell(theme, "clock", self.tr("Latency p50 · p95"), "000 · 000 ms")
        self.drops = HealthCell(theme, "drops", self.tr("Dropped"), "00000")
        self.tracking = HealthCell(theme, "stabilized", self.tr("Tracking"), "RE-ANCHOR 00")
        self.backend = HealthCell(theme, "backend", self.tr("Engine"), "")
        self._row = QHBoxLayout(self)
        for cell in (
            self.source, self.rate_in, self.rate_out, self.latency, self.drops, self.tracking, self.backend,
        ):  # fmt: skip
            self._row.addWidget(cell)
        theme.changed.connect(self._restyle)
        self._restyle()

    def _restyle(self) -> None:
        self.setFixedHeight(self._theme.px(48))
        self._row.setContentsMargins(self._theme.px(16), self._theme.px(2), self._theme.px(16), self._theme.px(2))
        self._row.setSpacing(self._theme.px(16))
