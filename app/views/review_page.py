"""The player of one session: its pictures, the transport, the time line, the panel, and the keys of the page."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.theme import Theme
from app.views.picture_stage import Comparison, PictureStage
from app.views.review_bars import HeadBar, TransportBar
from app.views.review_panel import ReviewPanel
from app.views.timeline import Timeline

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


class ReviewView(QWidget):
    """Everything but the decisions."""

    commanded = Signal(str)  # a value of KEYS
    speed_chosen = Signal(float)
    shown = Signal()  # pictures changed their places: shapes lie elsewhere

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.extra_keys: dict[str, str] = {}  # what a pedal sends -> command
        self.head, self.transport = HeadBar(theme), TransportBar(theme)
        for bar in (self.head, self.transport):
            bar.commanded.connect(self.commanded)
        self.transport.speed_chosen.connect(self.speed_chosen)
        self.buttons = {**self.head.buttons, **self.transport.buttons}
        self.stage = PictureStage(theme)
        self.timeline = Timeline(theme)
        self.panel = ReviewPanel(theme)
        for line in (self.panel.text, self.panel.search):
            line.returnPressed.connect(self.take_keys)
        left = QVBoxLayout()
        left.setSpacing(0)
        left.addWidget(self.head)
        left.addWidget(self.stage, 1)
        left.addWidget(self.transport)
        left.addWidget(self.timeline)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, theme.px(4))
        row.setSpacing(0)
        row.addLayout(left, 1)
        row.addWidget(self.panel)

    @property
    def controls_height(self) -> int:
        """The transport and the time line below the pictures: no notice may cover them."""
        return self.transport.sizeHint().height() + self.timeline.sizeHint().height()

    def show_session(self, title: str, detail: str) -> None:
        """Whose session this is."""
        self.head.title.setText(title)
        self.head.detail.setText(detail)

    def show_moment(self, clock: str, duration: str, frame: str, trouble: str) -> None:
        """Where the playhead is, and what is wrong with the recording there."""
        self.transport.clock.setText(f"{clock} / {duration}")
        self.transport.frame.setText(frame)
        self.transport.trouble.setText(trouble)

    def show_playing(self, is_playing: bool) -> None:
        """Whether it plays."""
        self.transport.show_playing(is_playing)

    def show_range(self, is_open: bool) -> None:
        """Whether a range was begun and waits for its end."""
        self.transport.buttons["range"].setChecked(is_open)

    def show_comparison(self, comparison: Comparison) -> None:
        """How the pictures are compared."""
        self.buttons[comparison.value].setChecked(True)
        self.stage.show_comparison(comparison)
        self.shown.emit()

    def show_speed(self, speed: float) -> None:
        """How fast it plays."""
        self.transport.speed.setCurrentIndex(self.transport.speed.findData(speed))

    def event(self, event: QEvent) -> bool:
        """Keys of this page win over those of the live page while it is shown."""
        if event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._command(event):
            event.accept()
            return True
        return super().event(event)

    def take_keys(self) -> None:
        """What is typed belongs to the page again, not to a line of text."""
        self.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space plays, and so on; Escape leaves a line of text first."""
        if event.key() == Qt.Key.Key_Escape and isinstance(QApplication.focusWidget(), QLineEdit):
            self.take_keys()
            return
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
