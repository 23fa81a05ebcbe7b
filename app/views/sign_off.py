"""The sign-off box below the bench's steps: what is still open, who signs, and the report of the last signature."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from app.theme import Theme

HEIGHT = 184  # with the column's lower edge
REPORT = 56  # more, once there is a report


class SignOffBox(QWidget):
    """Passive: shows whether the bench can be signed, reports who signs."""

    sign_requested = Signal(str)  # the operator
    report_requested = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.words = QLabel()
        self.words.setProperty("role", "muted")
        self.words.setWordWrap(True)
        self.operator = QLineEdit()
        self.operator.setPlaceholderText(self.tr("Operator's name"))
        self.operator.setAccessibleName(self.tr("Operator's name"))
        self.sign = QPushButton(self.tr("Sign off and save"))
        self.sign.setProperty("primary", True)
        self.sign.clicked.connect(self._ask)
        self.report = QPushButton(self.tr("Show the report"))
        self.report.clicked.connect(self.report_requested)
        self.report.hide()
        lines = QVBoxLayout(self)
        lines.setContentsMargins(theme.px(16), 0, theme.px(16), 0)
        lines.setSpacing(theme.px(8))
        lines.addWidget(self.words)
        for widget in (self.operator, self.sign, self.report):
            widget.setMinimumHeight(theme.px(48))
            lines.addWidget(widget)

    @property
    def reserved_px(self) -> int:
        """How much of the page's lower left edge is for signing: no notice may lie there."""
        return self._theme.px(HEIGHT + (0 if self.report.isHidden() else REPORT))

    def show_standing(self, is_ready: bool, words: str, has_report: bool) -> None:
        """Whether the bench can be signed, what it lacks, and whether there is a report of the last signature."""
        self.report.setVisible(has_report)
        self.sign.setEnabled(is_ready)
        self.words.setText(words)

    def _ask(self) -> None:
        self.sign_requested.emit(self.operator.text())
