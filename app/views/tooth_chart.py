"""The teeth by FDI number (ISO 3950) as a chart to tap: permanent teeth outside, deciduous ones inside."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from app.theme import TARGET_PX, Size, Theme

GAP_PX = 4
COLUMNS = 16
ROWS: tuple[tuple[int, ...], ...] = (
    (*range(18, 10, -1), *range(21, 29)),
    (0, 0, 0, *range(55, 50, -1), *range(61, 66), 0, 0, 0),
    (0, 0, 0, *range(85, 80, -1), *range(71, 76), 0, 0, 0),
    (*range(48, 40, -1), *range(31, 39)),
)


class ToothChart(QWidget):
    """As the dentist sees the patient: the patient's right is at the left."""

    chosen = Signal(object)  # FDI number, or None when the chosen one is tapped again

    def __init__(self, theme: Theme, tooth: int | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.tooth = tooth
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Tooth chart"))
        self.setFixedSize(self.sizeHint())

    def sizeHint(self) -> QSize:
        """48 px a tooth."""
        cell, gap = self._theme.px(TARGET_PX), self._theme.px(GAP_PX)
        return QSize(COLUMNS * (cell + gap) + 2 * gap, 4 * (cell + gap) + 4 * gap + self._theme.px(24))

    def rect_of(self, tooth: int) -> QRectF:
        """Where a tooth lies."""
        row = next(number for number, teeth in enumerate(ROWS) if tooth in teeth)
        column = ROWS[row].index(tooth)
        cell, gap = self._theme.px(TARGET_PX), self._theme.px(GAP_PX)
        middle = 3 * gap if column >= COLUMNS // 2 else 0
        jaw = 4 * gap if row >= 2 else 0
        return QRectF(column * (cell + gap) + middle, self._theme.px(24) + row * (cell + gap) + jaw, cell, cell)

    def tooth_at(self, position: QPointF) -> int | None:
        """The tooth under a finger."""
        for teeth in ROWS:
            for tooth in teeth:
                if tooth and self.rect_of(tooth).contains(position):
                    return tooth
        return None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose."""
        tooth = self.tooth_at(event.position())
        if tooth is not None:
            self.choose(None if tooth == self.tooth else tooth)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows walk along a jaw."""
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if step is None or self.tooth is None:
            super().keyPressEvent(event)
            return
        row = [tooth for tooth in next(teeth for teeth in ROWS if self.tooth in teeth) if tooth]
        self.choose(row[min(max(row.index(self.tooth) + step, 0), len(row) - 1)])

    def choose(self, tooth: int | None) -> None:
        """Show and tell another tooth."""
        self.tooth = tooth
        self.update()
        self.chosen.emit(tooth)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Cells with numbers; the words of the sides above."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = self._theme
        painter.setFont(theme.font(Size.CAPTION))
        painter.setPen(theme.color("muted"))
        top = QRectF(0, 0, self.width(), theme.px(20))
        painter.drawText(top, Qt.AlignmentFlag.AlignLeft, self.tr("Patient's right"))
        painter.drawText(top, Qt.AlignmentFlag.AlignRight, self.tr("Patient's left"))
        for row, teeth in enumerate(ROWS):
            for tooth in filter(None, teeth):
                is_chosen = tooth == self.tooth
                job = "accent" if is_chosen else "raised"
                painter.setPen(QPen(theme.color("line"), 1))
                painter.setBrush(theme.color(job))
                radius = theme.px(8 if row in (0, 3) else 20)
                painter.drawRoundedRect(self.rect_of(tooth).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
                painter.setPen(theme.color("on_accent" if is_chosen else "text"))
                weight = QFont.Weight.Bold if is_chosen else QFont.Weight.DemiBold
                painter.setFont(theme.font(Size.BODY, weight))
                painter.drawText(self.rect_of(tooth), Qt.AlignmentFlag.AlignCenter, str(tooth))
        painter.end()
