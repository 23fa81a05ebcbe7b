"""The bars of the review page: whose session it is and how it is compared above, the transport below the pictures."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from app.theme import Theme
from app.views.elided_label import ElidedLabel
from app.views.tool_button import ToolButton

NAMED_PX = 64  # least width of a button with its name below
SPEEDS = (0.25, 0.5, 1.0, 2.0, 4.0)


class CommandBar(QWidget):
    """A row of buttons, each with the name of its command."""

    commanded = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.buttons: dict[str, ToolButton] = {}
        self.row = QHBoxLayout(self)

    def add(self, name: str, icon: str, words: str, *, is_checkable: bool = False) -> ToolButton:
        """A square button at the end of the row."""
        button = ToolButton(self.theme, icon, words, is_checkable=is_checkable)
        button.setProperty("command", name)
        button.clicked.connect(self._tell)
        self.buttons[name] = button
        self.row.addWidget(button)
        return button

    def _tell(self) -> None:
        self.commanded.emit(str(self.sender().property("command")))


class HeadBar(CommandBar):
    """Back, whose session this is, ways to compare, ways out."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.row.setContentsMargins(theme.px(8), theme.px(4), theme.px(8), theme.px(4))
        self.row.setSpacing(theme.px(8))
        self.add("back", "back", self.tr("Back to the library   Esc"))
        words = QVBoxLayout()
        words.setSpacing(0)
        self.title, self.detail = ElidedLabel(), ElidedLabel()
        self.title.setProperty("role", "title")
        self.detail.setProperty("role", "caption")
        for label in (self.title, self.detail):
            words.addWidget(label)
        self.row.addLayout(words, 1)
        group = QButtonGroup(self)
        for name, icon, short, text in (
            ("two_up", "two-up", self.tr("Both"), self.tr("Side by side   4")),
            ("wipe", "wipe", self.tr("Wipe"), self.tr("Wipe   W")),
            ("raw", "raw", self.tr("Raw"), self.tr("Raw   1")),
            ("stabilized", "stabilized", self.tr("Stabilized"), self.tr("Stabilized   3")),
        ):
            group.addButton(self.add(name, icon, text, is_checkable=True).name_below(short, NAMED_PX))
        self.row.addSpacing(theme.px(8))
        for name, icon, short, text in (
            ("import", "import", self.tr("Import"), self.tr("Import annotations from JSON")),
            ("pacs", "send", self.tr("Send"), self.tr("Send to a PACS")),
            ("export", "export", self.tr("Export"), self.tr("Export to a file")),
        ):
            self.add(name, icon, text).name_below(short, NAMED_PX)


class TransportBar(CommandBar):
    """Steps and play, where the playhead is, marks, speed."""

    speed_chosen = Signal(float)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.row.setContentsMargins(theme.px(8), theme.px(4), theme.px(8), 0)
        self.row.setSpacing(theme.px(4))
        for name, icon, text in (
            ("previous_mark", "previous-marker", self.tr("Previous mark   Page up")),
            ("step_back", "step-back", self.tr("Frame back   ,")),
            ("play", "play", self.tr("Play   Space")),
            ("step_forward", "step-forward", self.tr("Frame on   .")),
            ("next_mark", "next-marker", self.tr("Next mark   Page down")),
        ):
            self.add(name, icon, text)
        self.row.addSpacing(theme.px(8))
        self.clock, self.frame, self.trouble = QLabel(), QLabel(), ElidedLabel()
        self.clock.setProperty("role", "title")
        self.frame.setProperty("role", "caption")
        self.trouble.setProperty("role", "trouble")
        self.row.addWidget(self.clock)
        self.row.addSpacing(theme.px(8))
        place = QVBoxLayout()
        place.setSpacing(0)
        place.addStretch(1)
        place.addWidget(self.frame)
        place.addWidget(self.trouble)
        place.addStretch(1)
        self.row.addLayout(place, 1)
        for name, icon, short, text in (
            ("marker", "marker", self.tr("Marker"), self.tr("Set a marker   K")),
            ("range", "range", self.tr("Range"), self.tr("Begin or end a range   J")),
            ("set_in", "in-mark", self.tr("In"), self.tr("Export begins here   I")),
            ("set_out", "out-mark", self.tr("Out"), self.tr("Export ends here   O")),
        ):
            self.add(name, icon, text, is_checkable=name == "range").name_below(short)
        self.speed = QComboBox()
        self.speed.setAccessibleName(self.tr("Speed"))
        self.speed.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.speed.setFixedWidth(theme.px(92))
        for speed in SPEEDS:
            self.speed.addItem(f"{speed:g}×", speed)
        self.speed.setCurrentIndex(SPEEDS.index(1.0))
        self.speed.activated.connect(self._tell_speed)
        self.row.addWidget(self.speed)

    def show_playing(self, is_playing: bool) -> None:
        """The button shows what a press would do."""
        self.buttons["play"].show_icon("pause" if is_playing else "play")
        self.buttons["play"].show_words(self.tr("Pause   Space") if is_playing else self.tr("Play   Space"))

    def _tell_speed(self) -> None:
        self.speed_chosen.emit(float(self.speed.currentData()))
