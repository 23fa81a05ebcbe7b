"""Choose a tooth on the chart."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.dialogs.sheet import Sheet
from app.theme import Theme
from app.views.tooth_chart import ToothChart


class ToothDialog(Sheet):
    """One tap chooses and closes."""

    chosen = Signal(object)  # FDI number or None

    def __init__(self, theme: Theme, tooth: int | None, parent: QWidget | None) -> None:
        super().__init__(
            theme, self.tr("Which tooth?"), self.tr("FDI numbers (ISO 3950); milk teeth in the middle."), parent
        )
        self.chart = ToothChart(theme, tooth)
        self.body.addWidget(self.chart)
        self.chart.chosen.connect(self._take)
        self.none = self.add_button(self.tr("No tooth"))
        self.none.clicked.connect(self._take_none)
        self.add_close_button()

    def _take(self, tooth: int | None) -> None:
        self.chosen.emit(tooth)
        self.accept()

    def _take_none(self) -> None:
        self._take(None)
