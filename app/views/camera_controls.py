"""A camera's controls with their true ranges: sliders, switches and choices that show what the camera read back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSlider,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from app.theme import Theme

MOST = 1_000_000  # of a value whose range the system does not tell


@dataclass(frozen=True, slots=True)
class ControlRow:
    """One control as it is shown."""

    name: str
    title: str
    kind: str  # "slider", "switch", "choice", or "entry" where no range is known
    value: int  # as read back
    low: int = 0
    high: int = 1
    step: int = 1
    default: int = 0
    is_active: bool = True  # an automatic has it otherwise
    is_refused: bool = False  # the camera took another value than was asked for
    choices: tuple[tuple[int, str], ...] = ()


class CalmSlider(QSlider):
    """Turns with the finger or the keys; a wheel that scrolls past must not change a camera."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Left to what scrolls."""
        event.ignore()


class CalmChoice(QComboBox):
    """The same for a list."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Left to what scrolls."""
        event.ignore()


class ControlLine(QWidget):
    """One control. Reports what was wished, shows what is."""

    wished = Signal(str, int)

    def __init__(self, theme: Theme, row: ControlRow) -> None:
        super().__init__()
        self.row = row
        self._title, self._figure = QLabel(row.title), QLabel()
        self._figure.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, theme.px(4), 0, theme.px(4))
        grid.setHorizontalSpacing(theme.px(12))
        grid.setVerticalSpacing(0)
        grid.setColumnStretch(1, 1)
        self.editor = self._editor(row)
        self.editor.setAccessibleName(row.title)
        self.editor.setMinimumHeight(theme.px(40))
        grid.addWidget(self._title, 0, 0)
        if row.kind in ("slider", "choice"):
            grid.addWidget(self._figure, 0, 1)
            grid.addWidget(self.editor, 1, 0, 1, 2)
        else:
            grid.addWidget(self.editor, 0, 1, Qt.AlignmentFlag.AlignRight)
        self.show_row(row)

    def show_row(self, row: ControlRow) -> None:
        """What was read back; a slider under the finger is left alone."""
        self.row = row
        job = "caution" if row.is_refused else "" if row.is_active else "muted"
        self._figure.setText(f"{row.value}   ({row.low} … {row.high})" if row.kind == "slider" else "")
        for label in (self._title, self._figure):
            if label.property("role") != job:
                label.setProperty("role", job)
                label.style().unpolish(label)
                label.style().polish(label)
        self.editor.setEnabled(row.is_active)
        with QSignalBlocker(self.editor):
            if isinstance(self.editor, QSlider):
                if not self.editor.isSliderDown():
                    self.editor.setValue(round((row.value - row.low) / row.step))
            elif isinstance(self.editor, QCheckBox):
                self.editor.setChecked(bool(row.value))
            elif isinstance(self.editor, QComboBox):
                self.editor.setCurrentIndex(self.editor.findData(row.value))
            elif isinstance(self.editor, QSpinBox) and not self.editor.hasFocus():
                self.editor.setValue(row.value)

    def _editor(self, row: ControlRow) -> QWidget:
        if row.kind == "slider":
            slider = CalmSlider(Qt.Orientation.Horizontal)
            slider.setRange(0, (row.high - row.low) // row.step)
            slider.valueChanged.connect(self._slide)
            return slider
        if row.kind == "switch":
            switch = QCheckBox()
            switch.toggled.connect(self._switch)
            return switch
        if row.kind == "choice":
            choice = CalmChoice()
            for value, name in row.choices:
                choice.addItem(name, value)
            choice.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            choice.activated.connect(self._choose)
            return choice
        entry = QSpinBox()
        entry.setRange(-MOST, MOST)
        entry.editingFinished.connect(self._enter)
        return entry

    def _slide(self, position: int) -> None:
        self.wished.emit(self.row.name, self.row.low + position * self.row.step)

    def _switch(self, is_on: bool) -> None:
        self.wished.emit(self.row.name, int(is_on))

    def _choose(self, index: int) -> None:
        assert isinstance(self.editor, QComboBox)
        self.wished.emit(self.row.name, int(self.editor.itemData(index)))

    def _enter(self) -> None:
        assert isinstance(self.editor, QSpinBox)
        if self.editor.value() != self.row.value:
            self.wished.emit(self.row.name, self.editor.value())


class CameraControls(QWidget):
    """Format on top, then every control, then the way back to the factory's values."""

    wished = Signal(str, int)  # control, value
    format_chosen = Signal(int)  # index
    reset_requested = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.lines: dict[str, ControlLine] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, theme.px(12), 0)
        column.setSpacing(theme.px(4))
        self.note = QLabel()
        self.note.setWordWrap(True)
        self.note.setProperty("role", "muted")
        column.addWidget(self.note)
        self._format_row = QWidget()
        line = QHBoxLayout(self._format_row)
        line.setContentsMargins(0, 0, 0, 0)
        self.formats = CalmChoice()
        self.formats.setAccessibleName(self.tr("Format"))
        self.formats.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.formats.activated.connect(self.format_chosen)
        line.addWidget(QLabel(self.tr("Format")))
        line.addWidget(self.formats, 1)
        column.addWidget(self._format_row)
        self._body = QVBoxLayout()
        self._body.setSpacing(0)
        column.addLayout(self._body)
        self.reset = QPushButton(self.tr("Factory values"))
        self.reset.clicked.connect(self.reset_requested)
        column.addWidget(self.reset)
        column.addStretch(1)
        self.show_formats((), -1)
        self.show_rows((), "")

    def show_formats(self, names: Sequence[str], chosen: int) -> None:
        """Formats to choose from; none hides the list."""
        self._format_row.setVisible(bool(names))
        if [self.formats.itemText(index) for index in range(self.formats.count())] != list(names):
            self.formats.clear()
            self.formats.addItems(list(names))
        self.formats.setCurrentIndex(chosen)

    def show_rows(self, rows: Sequence[ControlRow], note: str) -> None:
        """Every control as read back, and a sentence where there is something to say."""
        self.note.setVisible(bool(note))
        self.note.setText(note)
        self.reset.setVisible(any(row.kind != "entry" for row in rows))
        wanted = [(row.name, row.kind, row.low, row.high) for row in rows]
        if wanted != [(line.row.name, line.row.kind, line.row.low, line.row.high) for line in self.lines.values()]:
            self._rebuild(rows)
        for row in rows:
            self.lines[row.name].show_row(row)

    def _rebuild(self, rows: Sequence[ControlRow]) -> None:
        for line in self.lines.values():
            self._body.removeWidget(line)
            line.hide()
            line.deleteLater()
        self.lines = {row.name: ControlLine(self._theme, row) for row in rows}
        for line in self.lines.values():
            line.wished.connect(self.wished)
            self._body.addWidget(line)
