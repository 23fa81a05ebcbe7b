"""A question before something is done that cannot be done by a slip."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.dialogs.sheet import Sheet
from app.theme import Theme


class ConfirmDialog(Sheet):
    """Return keeps everything as it is, which is told as `rejected`; only a press on the button does it."""

    confirmed = Signal()

    def __init__(self, theme: Theme, heading: str, explanation: str, do_it: str, parent: QWidget | None) -> None:
        super().__init__(theme, heading, explanation, parent)
        self.setFixedWidth(theme.px(560))
        self.do_button = self.add_button(do_it)
        self.do_button.clicked.connect(self._confirm)
        self.keep_button = self.add_button(self.tr("Keep it"), is_primary=True)
        self.keep_button.clicked.connect(self.reject)

    def _confirm(self) -> None:
        self.confirmed.emit()
        self.accept()
