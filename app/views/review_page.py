"""The player of one session: its pictures side by side or wiped, the transport, the time line, the panel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum

import numpy as np
from PySide6.QtCore import QEvent, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QButtonGroup,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.theme import TARGET_PX, Theme
from app.views.drawing import DrawnSurface, ShownShape
from app.views.review_panel import ReviewPanel, tool_button
from app.views.surface import Veil
from app.views.timeline import Timeline
from engine.annotation.shapes import Space
from engine.values import Image

SPEEDS = (0.25, 0.5, 1.0, 2.0, 4.0)
KEYS = {
    "Space": "play",
    ",": "step_back",
    ".": "step_forward",
    "Left": "step_back",
    "Right": "step_forward",
    "PgUp": "previous_mark",
    "PgDown": "next_mark",
    "Home": "first",
    "End": "last",
    "[": "set_in",
    "]": "set_out",
    "I": "set_in",
    "O": "set_out",
    "K": "marker",
    "J": "range",
    "W": "wipe",
    "1": "raw",
    "3": "stabilized",
    "4": "two_up",
    "+": "faster",
    "-": "slower",
    "Shift+Left": "wipe_left",
    "Shift+Right": "wipe_right",
    "Ctrl+Z": "undo",
    "Ctrl+Y": "redo",
    "Ctrl+Shift+Z": "redo",
    "Del": "delete",
    "Return": "finish",
    "Esc": "back",
    "V": "tool_select",
    "F": "tool_freehand",
    "A": "tool_arrow",
    "R": "tool_rectangle",
    "E": "tool_ellipse",
    "P": "tool_polygon",
    "T": "tool_text",
}


class Comparison(Enum):
    """How raw and stabilized are shown."""

    TWO_UP = "two_up"
    WIPE = "wipe"
    RAW = "raw"
    STABILIZED = "stabilized"


class PictureStage(QWidget):
    """One or two pictures on black."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("stage")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._theme = theme
        self.surfaces = {space: DrawnSurface(theme, space, self) for space in Space}
        self._pictures: dict[Space, Image] = {}
        self.comparison = Comparison.TWO_UP
        self.wipe = 0.5
        self.surfaces[Space.RAW].wiped.connect(self.show_wipe)

    def show_pictures(self, pictures: Mapping[Space, Image]) -> None:
        """The frame of each space; one that is missing leaves its place empty."""
        self._pictures = dict(pictures)
        self._refresh()

    def show_shapes(self, shapes: Sequence[ShownShape]) -> None:
        """What is drawn on them."""
        for surface in self.surfaces.values():
            surface.show_shapes(shapes)

    def show_comparison(self, comparison: Comparison) -> None:
        """Show them another way."""
        self.comparison = comparison
        raw = self.surfaces[Space.RAW]
        raw.show_wipe(self.wipe if comparison is Comparison.WIPE else None)
        raw.setVisible(comparison is not Comparison.STABILIZED)
        self.surfaces[Space.STABILIZED].setVisible(comparison in (Comparison.TWO_UP, Comparison.STABILIZED))
        self._arrange()
        self._refresh()

    def show_wipe(self, wipe: float) -> None:
        """Move the parting line."""
        self.wipe = min(max(wipe, 0.0), 1.0)
        if self.comparison is Comparison.WIPE:
            self.surfaces[Space.RAW].show_wipe(self.wipe)
            self._refresh()

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """Lay out again."""
        self._arrange()

    def _arrange(self) -> None:
        gap = self._theme.px(8)
        area = self.rect().adjusted(gap, gap, -gap, -gap)
        if self.comparison is not Comparison.TWO_UP:
            for surface in self.surfaces.values():
                surface.setGeometry(area)
            return
        half = (area.width() - gap) // 2
        self.surfaces[Space.RAW].setGeometry(QRect(area.left(), area.top(), half, area.height()))
        self.surfaces[Space.STABILIZED].setGeometry(QRect(area.left() + half + gap, area.top(), half, area.height()))

    def _refresh(self) -> None:
        for space, surface in self.surfaces.items():
            pixels = self._pictures.get(space)
            surface.show_veil(Veil.CLEAR if pixels is not None else Veil.EMPTY)
            if pixels is None:
                surface.clear()
            elif space is Space.RAW and self.comparison is Comparison.WIPE:
                surface.show_picture(self._parted(pixels))
            else:
                surface.show_picture(pixels)

    def _parted(self, raw: Image) -> Image:
        """Raw at the left of the line, stabilized at its right."""
        other = self._pictures.get(Space.STABILIZED)
        if other is None or other.shape != raw.shape:
            return raw
        column = round(self.wipe * raw.shape[1])
        return np.concatenate((raw[:, :column], other[:, column:]), axis=1)


class ReviewView(QWidget):
    """Everything but the decisions."""

    commanded = Signal(str)  # a value of KEYS
    speed_chosen = Signal(float)
    shown = Signal()  # pictures changed their places: shapes lie elsewhere

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setObjectName("page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.extra_keys: dict[str, str] = {}  # what a pedal sends -> command
        self.stage = PictureStage(theme)
        self.timeline = Timeline(theme)
        self.panel = ReviewPanel(theme)
        left = QVBoxLayout()
        left.setSpacing(0)
        left.addLayout(self._make_head())
        left.addWidget(self.stage, 1)
        left.addLayout(self._make_transport())
        left.addWidget(self.timeline)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, theme.px(4))
        row.setSpacing(0)
        row.addLayout(left, 1)
        row.addWidget(self.panel)

    def show_session(self, title: str, detail: str) -> None:
        """Whose session this is."""
        self.title.setText(title)
        self.detail.setText(detail)

    def show_moment(self, clock: str, duration: str, frame: str) -> None:
        """Where the playhead is."""
        self.clock.setText(f"{clock} / {duration}")
        self.frame.setText(frame)

    def show_playing(self, is_playing: bool) -> None:
        """The button shows what a press would do."""
        self.buttons["play"].setIcon(self._theme.icon("pause" if is_playing else "play"))
        self.buttons["play"].setToolTip(self.tr("Pause   Space") if is_playing else self.tr("Play   Space"))

    def show_comparison(self, comparison: Comparison) -> None:
        """How the pictures are compared."""
        self.buttons[comparison.value].setChecked(True)
        self.stage.show_comparison(comparison)
        self.shown.emit()

    def show_speed(self, speed: float) -> None:
        """How fast it plays."""
        self.speed.setCurrentIndex(self.speed.findData(speed))

    def event(self, event: QEvent) -> bool:
        """Keys of this page win over those of the live page while it is shown."""
        if event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._command(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space plays, and so on."""
        command = self._command(event)
        if command:
            self.commanded.emit(command)
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, _event: object) -> None:
        """A press beside everything brings the keys back from a line of text."""
        self.setFocus()

    def _command(self, event: QKeyEvent) -> str:
        if isinstance(QApplication.focusWidget(), QLineEdit):
            return ""
        key = QKeySequence(event.keyCombination()).toString(QKeySequence.SequenceFormat.PortableText)
        return self.extra_keys.get(key) or KEYS.get(key, "")

    def _make_head(self) -> QHBoxLayout:
        theme = self._theme
        row = QHBoxLayout()
        row.setContentsMargins(theme.px(8), theme.px(4), theme.px(8), theme.px(4))
        row.setSpacing(theme.px(8))
        self.buttons: dict[str, QToolButton] = {}
        self._add(row, "back", "back", self.tr("Back to the library   Esc"))
        words = QVBoxLayout()
        words.setSpacing(0)
        self.title, self.detail = QLabel(), QLabel()
        self.title.setProperty("role", "title")
        self.detail.setProperty("role", "caption")
        for label in (self.title, self.detail):
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)  # cut rather than widen
            words.addWidget(label)
        row.addLayout(words, 1)
        group = QButtonGroup(self)
        for name, icon, text in (
            ("two_up", "two-up", self.tr("Side by side   4")),
            ("wipe", "wipe", self.tr("Wipe   W")),
            ("raw", "raw", self.tr("Raw   1")),
            ("stabilized", "stabilized", self.tr("Stabilized   3")),
        ):
            self._add(row, name, icon, text, is_checkable=True)
            group.addButton(self.buttons[name])
        row.addSpacing(theme.px(16))
        for name, icon, short, text in (
            ("import", "import", self.tr("Import"), self.tr("Import annotations from JSON")),
            ("pacs", "send", self.tr("Send"), self.tr("Send to a PACS")),
            ("export", "export", self.tr("Export"), self.tr("Export to a file")),
        ):
            self._add(row, name, icon, text)
            button = self.buttons[name]
            button.setText(short)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
            button.setObjectName("control")
            button.setFixedSize(theme.px(64), theme.px(TARGET_PX))
        return row

    def _make_transport(self) -> QHBoxLayout:
        theme = self._theme
        row = QHBoxLayout()
        row.setContentsMargins(theme.px(8), theme.px(4), theme.px(8), 0)
        row.setSpacing(theme.px(4))
        for name, icon, text in (
            ("previous_mark", "previous-marker", self.tr("Previous mark   Page up")),
            ("step_back", "step-back", self.tr("Frame back   ,")),
            ("play", "play", self.tr("Play   Space")),
            ("step_forward", "step-forward", self.tr("Frame on   .")),
            ("next_mark", "next-marker", self.tr("Next mark   Page down")),
        ):
            self._add(row, name, icon, text)
        row.addSpacing(theme.px(16))
        self.clock, self.frame = QLabel(), QLabel()
        self.clock.setProperty("role", "title")
        self.frame.setProperty("role", "caption")
        row.addWidget(self.clock)
        row.addSpacing(theme.px(8))
        row.addWidget(self.frame)
        row.addStretch(1)
        for name, icon, text in (
            ("marker", "marker", self.tr("Set a marker   K")),
            ("set_in", "in-mark", self.tr("Export begins here   I")),
            ("set_out", "out-mark", self.tr("Export ends here   O")),
        ):
            self._add(row, name, icon, text)
        row.addSpacing(theme.px(8))
        self.speed = QComboBox()
        self.speed.setAccessibleName(self.tr("Speed"))
        self.speed.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.speed.setFixedWidth(theme.px(104))
        for speed in SPEEDS:
            self.speed.addItem(f"{speed:g}×", speed)
        self.speed.setCurrentIndex(SPEEDS.index(1.0))
        self.speed.activated.connect(self._speed_chosen)
        row.addWidget(self.speed)
        return row

    def _add(self, row: QHBoxLayout, name: str, icon: str, words: str, *, is_checkable: bool = False) -> None:
        button = tool_button(self._theme, icon, words, is_checkable=is_checkable)
        button.setProperty("command", name)
        button.clicked.connect(self._button_clicked)
        self.buttons[name] = button
        row.addWidget(button)

    def _button_clicked(self) -> None:
        self.commanded.emit(str(self.sender().property("command")))

    def _speed_chosen(self) -> None:
        self.speed_chosen.emit(float(self.speed.currentData()))
