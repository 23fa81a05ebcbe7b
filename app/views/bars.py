"""The strips of the window: pages and menu at the top, the banner over the stage."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QMenu, QToolButton, QWidget

from app.theme import TARGET_PX, Size, Theme


class TopBar(QWidget):
    """Name, pages, room for what a page wants to show, menu."""

    page_requested = Signal(str)

    def __init__(self, theme: Theme, menu: QMenu, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("topBar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._theme = theme
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(theme.px(16), 0, theme.px(8), 0)
        self._row.setSpacing(0)
        self._logo = QLabel()
        self._row.addWidget(self._logo)
        self._row.addSpacing(theme.px(8))
        name = QLabel("Steadyscope")
        name.setProperty("role", "title")
        self._row.addWidget(name)
        self._row.addSpacing(theme.px(24))
        self._pages = QButtonGroup(self)
        self._page_buttons: dict[str, QToolButton] = {}
        self._page_icons: dict[str, str] = {}
        self._row.addStretch(1)
        self._corner = QHBoxLayout()
        self._corner.setSpacing(theme.px(8))
        self._row.addLayout(self._corner)
        self._row.addSpacing(theme.px(8))
        self._menu_button = QToolButton()
        self._menu_button.setObjectName("bar")
        self._menu_button.setMenu(menu)
        self._menu_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._menu_button.setAccessibleName(self.tr("Menu"))
        self._menu_button.setToolTip(self.tr("Menu"))
        self._row.addWidget(self._menu_button)
        theme.changed.connect(self._restyle)
        self._restyle()

    def add_page(self, name: str, title: str, icon: str) -> None:
        """Add a page's button behind those that are there."""
        button = QToolButton()
        button.setObjectName("page")
        button.setText(f"  {title}")  # the style leaves no gap after the icon
        button.setCheckable(True)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setAccessibleName(self.tr("Page {title}").format(title=title))
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(self._page_clicked)
        self._pages.addButton(button)
        self._page_buttons[name] = button
        self._page_icons[name] = icon
        self._row.insertWidget(3 + len(self._page_buttons), button)
        self._restyle()

    def show_page(self, name: str) -> None:
        """Mark the page that is shown."""
        self._page_buttons[name].setChecked(True)

    def add_to_corner(self, widget: QWidget) -> None:
        """Put a widget (recording controls, say) beside the menu button."""
        self._corner.addWidget(widget)

    def _page_clicked(self) -> None:
        name = next(name for name, button in self._page_buttons.items() if button.isChecked())
        self.page_requested.emit(name)

    def _restyle(self) -> None:
        theme = self._theme
        self.setFixedHeight(theme.px(TARGET_PX) + 4)
        edge = theme.px(24)
        pixmap = theme.pixmap("logo", edge * 2, theme.palette.accent)
        pixmap.setDevicePixelRatio(2)
        self._logo.setPixmap(pixmap)
        self._menu_button.setIcon(theme.icon("menu"))
        self._menu_button.setIconSize(QSize(edge, edge))
        for name, button in self._page_buttons.items():
            button.setIcon(theme.icon(self._page_icons[name]))
            button.setIconSize(QSize(theme.px(20), theme.px(20)))


class Banner(QWidget):
    """A full-width strip for what must not be overlooked (BYPASS, FROZEN, no live image)."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._text = ""
        self._job = "caution"
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()
        theme.changed.connect(self._restyle)
        self._restyle()

    def text(self) -> str:
        """What stands on the strip."""
        return self._text

    def show_banner(self, text: str, job: str) -> None:
        """Show `text` on the colour of `job`; an empty text hides the strip."""
        self._text, self._job = text, job
        self.setAccessibleName(text)
        self.setVisible(bool(text))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Bold words in the middle of the colour."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.color(self._job))
        painter.setFont(self._theme.font(Size.TITLE, QFont.Weight.Bold))
        painter.setPen(self._theme.color("on_accent"))
        text = painter.fontMetrics().elidedText(self._text, Qt.TextElideMode.ElideRight, self.width() - 32)
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, text)
        painter.end()

    def _restyle(self) -> None:
        self.setFixedHeight(self._theme.px(40))
