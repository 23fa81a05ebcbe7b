"""The strips of the window: pages and menu at the top, the banner over the stage."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
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
        button.setText(title)
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


class Banner(QLabel):
    """A full-width strip for what must not be overlooked (BYPASS, FROZEN, no live image)."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._job = "caution"
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.hide()
        theme.changed.connect(self._restyle)

    def show_banner(self, text: str, job: str) -> None:
        """Show `text` on the colour of `job`; an empty text hides the strip."""
        self._job = job
        self.setText(text)
        self.setAccessibleName(text)
        self._restyle()
        self.setVisible(bool(text))

    def _restyle(self) -> None:
        theme = self._theme
        font = theme.font(Size.TITLE)
        font.setBold(True)
        self.setFont(font)
        self.setFixedHeight(theme.px(40))
        color = getattr(theme.palette, self._job)
        self.setStyleSheet(f"background: {color}; color: {theme.palette.on_accent}; font-size: {theme.px(18)}px;")
