"""Whose pictures these are, at the right of the top bar for as long as somebody is named."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from app.theme import Size, Theme

WIDEST_PX = 360


class PatientLabel(QLabel):
    """In the window's frame only, never over a picture."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._who = ""
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        theme.changed.connect(self._restyle)
        self.hide()

    def show_patient(self, who: str) -> None:
        """Number and name; nothing is shown for nobody."""
        self._who = who
        self._restyle()
        self.setVisible(bool(who))

    def _restyle(self) -> None:
        self.setFont(self._theme.font(Size.BODY, QFont.Weight.Bold))
        text = self.tr("Patient {who}").format(who=self._who)
        self.setAccessibleName(text)
        self.setText(self.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, self._theme.px(WIDEST_PX)))
