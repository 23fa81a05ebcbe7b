"""A square button with an icon, big enough for a gloved finger; it keeps to the theme when that changes."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics
from PySide6.QtWidgets import QToolButton, QWidget

from app.theme import TARGET_PX, Size, Theme


class ToolButton(QToolButton):
    """Shows what a press would do; the words are its tool tip."""

    def __init__(
        self, theme: Theme, icon: str, words: str, parent: QWidget | None = None, *, is_checkable: bool = False
    ) -> None:
        super().__init__(parent)
        self._theme, self._icon = theme, icon
        self.setObjectName("bar")
        self.setIconSize(QSize(theme.px(24), theme.px(24)))
        self.setCheckable(is_checkable)
        self.show_words(words)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setFixedSize(theme.px(TARGET_PX), theme.px(TARGET_PX))
        theme.changed.connect(self._redraw)
        self._redraw()

    def show_icon(self, icon: str) -> None:
        """Another icon of resources/icons."""
        self._icon = icon
        self._redraw()

    def show_words(self, words: str) -> None:
        """Another meaning."""
        self.setToolTip(words)
        self.setAccessibleName(words)

    def name_below(self, words: str, least_px: int = TARGET_PX) -> ToolButton:
        """With a short name under its picture, where that does not explain itself; as wide as it needs. Returns it."""
        self.setText(words)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        self.setObjectName("control")
        theme = self._theme
        room = QFontMetrics(theme.font(Size.CAPTION, QFont.Weight.DemiBold)).horizontalAdvance(words) + theme.px(12)
        self.setFixedSize(max(theme.px(least_px), room), theme.px(TARGET_PX))
        return self

    def _redraw(self) -> None:
        self.setIcon(self._theme.icon(self._icon))
