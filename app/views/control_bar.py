"""The control bar: the live actions as large buttons with word and key, over the stage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QFont, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QToolButton, QWidget

from app.theme import TARGET_PX, Theme

HIDE_AFTER_MS = 4000
WIDE_PX = 72


@dataclass(frozen=True, slots=True)
class BarItem:
    """One button to be."""

    action: QAction
    word: str
    is_held: bool = False  # acts while it is pressed


class BarButton(QToolButton):
    """Icon, word, and the action's first key small in the corner."""

    def __init__(self, theme: Theme, item: BarItem) -> None:
        super().__init__()
        self.setObjectName("control")
        self._theme = theme
        self.item = item
        self.setDefaultAction(item.action)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        item.action.changed.connect(self.retitle)
        self.retitle()

    def retitle(self) -> None:
        """QToolButton takes the action's long text; the bar wants the word."""
        self.setText(self.item.word)
        self.setAccessibleName(self.item.action.text())

    def paintEvent(self, event: QPaintEvent) -> None:
        """The button, then the key."""
        super().paintEvent(event)
        keys = self.item.action.toolTip().removeprefix(self.item.action.text()).strip()
        if not keys:
            return
        painter = QPainter(self)
        font = QFont("Inter")
        key = keys.split(" / ", maxsplit=1)[0].replace("Space", "Spc")
        font.setPixelSize(self._theme.px(10 if len(key) == 1 else 9))
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(self._theme.color("accent" if self.isChecked() else "muted"))
        corner = self.rect().adjusted(0, self._theme.px(4), -self._theme.px(4), 0)
        painter.drawText(corner, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignRight, key)
        painter.end()


class ControlBar(QFrame):
    """Over black it stays; over a picture it appears when a hand is near and goes away again."""

    held = Signal(str, bool)  # the name of a held action, and whether it is down

    def __init__(self, theme: Theme, groups: Sequence[Sequence[BarItem]], parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("controlBar")
        self._stage = parent
        self._theme = theme
        self.is_in_the_way = True  # it lies over a picture
        self._buttons: list[BarButton] = []
        self._row = QHBoxLayout(self)
        self._dividers = len(groups) - 1  # a pixel each
        for index, group in enumerate(groups):
            if index:
                self._row.addWidget(self._divider())
            for item in group:
                self._row.addWidget(self._button(item))
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(HIDE_AFTER_MS)
        self._timer.timeout.connect(self._hide_if_idle)
        theme.changed.connect(self._restyle)
        self._restyle()

    def summon(self) -> None:
        """Show the bar and keep it for a while."""
        self.show()
        self.raise_()
        self._timer.start()

    def settle(self) -> None:
        """Lie centred at the bottom of the parent."""
        parent, margin = self._stage, self._theme.px(16)
        self._fit(parent.width() - 2 * margin)
        self.adjustSize()
        self.move((parent.width() - self.width()) // 2, parent.height() - self.height() - margin)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A press between buttons is not a press on the picture behind."""
        event.accept()

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """Stay centred."""
        self.settle()

    def _hide_if_idle(self) -> None:
        if self.underMouse():
            self._timer.start()
        elif self.is_in_the_way:
            self.hide()

    def _button(self, item: BarItem) -> BarButton:
        button = BarButton(self._theme, item)
        if item.is_held:
            button.pressed.connect(self._tell_held)
            button.released.connect(self._tell_held)
        self._buttons.append(button)
        return button

    def _tell_held(self) -> None:
        for button in self._buttons:
            if button.item.is_held:
                self.held.emit(button.item.action.objectName(), button.isDown())

    def _divider(self) -> QFrame:
        divider = QFrame()
        divider.setObjectName("divider")
        divider.setFixedWidth(1)
        divider.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        return divider

    def _fit(self, width: int) -> None:
        """Buttons as wide as the window allows, between a finger's width and what their words need."""
        gaps = self._row.spacing() * (self._row.count() - 1) + self._dividers
        margins = self._row.contentsMargins()
        share = (width - gaps - margins.left() - margins.right() - 2) // max(1, len(self._buttons))
        edge = max(self._theme.px(TARGET_PX), min(self._theme.px(WIDE_PX), share))
        for button in self._buttons:
            button.setFixedSize(edge, self._theme.px(56))

    def _restyle(self) -> None:
        theme = self._theme
        self._row.setContentsMargins(theme.px(8), theme.px(4), theme.px(8), theme.px(4))
        self._row.setSpacing(theme.px(4))
        for button in self._buttons:
            button.setIconSize(QSize(theme.px(24), theme.px(24)))
        self.settle()
