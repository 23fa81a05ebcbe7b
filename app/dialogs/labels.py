"""The list of labels, one a line."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from app.dialogs.sheet import Sheet
from app.theme import Theme


class LabelsDialog(Sheet):
    """What is removed here stays on the annotations that have it."""

    chosen = Signal(list)

    def __init__(self, theme: Theme, labels: Sequence[str], parent: QWidget | None) -> None:
        super().__init__(theme, self.tr("Labels"), self.tr("One a line, in the order of the list."), parent)
        self.set_size(480, 560)
        self.lines = QPlainTextEdit("\n".join(labels))
        self.lines.setAccessibleName(self.tr("Labels"))
        self.body.addWidget(self.lines, 1)
        self.add_close_button().setText(self.tr("Cancel"))
        self.keep = self.add_button(self.tr("Keep"), is_primary=True)
        self.keep.clicked.connect(self._take)
        self.lines.textChanged.connect(self._judge)

    def labels(self) -> list[str]:
        """Without empty lines and repetitions."""
        lines = [line.strip() for line in self.lines.toPlainText().splitlines()]
        return list(dict.fromkeys(line for line in lines if line))[:64]

    def _judge(self) -> None:
        self.keep.setEnabled(bool(self.labels()))

    def _take(self) -> None:
        self.chosen.emit(self.labels())
        self.accept()
