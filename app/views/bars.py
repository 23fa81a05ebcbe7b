"""The bars of the window: pages and menu at the top, controls that come and go over the stage."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QLabel, QMenu, QSizePolicy, QToolButton, QWidget

from app.theme import TARGET_PX, Size, Theme

HIDE_AFTER_MS = 4000


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
        button.setProperty("pageName", name)
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
        button = self._pages.checkedButton()
        self.page_requested.emit(str(button.property("pageName")))

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


class ControlBar(QFrame):
    """The live actions as large buttons, each with its key; appears when a hand is near and goes away again."""

    def __init__(self, theme: Theme, groups: Sequence[Sequence[QAction]], parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("controlBar")
        self._theme = theme
        self._buttons: list[QToolButton] = []
        self._row = QHBoxLayout(self)
        for index, group in enumerate(groups):
            if index:
                self._row.addWidget(self._divider())
            for action in group:
                self._row.addWidget(self._button(action))
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
        parent = self.parentWidget()
        self.adjustSize()
        self.move(
            (parent.width() - self.width()) // 2, parent.height() - self.height() - self._theme.px(16)
        )

    def leaveEvent(self, _event: object) -> None:
        """The hand left: the countdown begins again."""
        self._timer.start()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A press between buttons is not a press on the picture behind."""
        event.accept()

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """Stay centred."""
        self.settle()

    def _hide_if_idle(self) -> None:
        if self.underMouse():
            self._timer.start()
        else:
            self.hide()

    def _button(self, action: QAction) -> QToolButton:
        button = QToolButton()
        button.setObjectName("bar")
        button.setDefaultAction(action)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        button.setAccessibleName(action.text())
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        action.changed.connect(self._retitle)
        self._buttons.append(button)
        return button

    def _divider(self) -> QFrame:
        divider = QFrame()
        divider.setObjectName("divider")
        divider.setFixedWidth(1)
        divider.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        return divider

    def _retitle(self) -> None:
        for button in self._buttons:
            action = button.defaultAction()
            keys = action.toolTip().removeprefix(action.text()).strip()
            button.setText(keys.split(" / ", maxsplit=1)[0])
            button.setAccessibleName(action.text())

    def _restyle(self) -> None:
        theme = self._theme
        self._row.setContentsMargins(theme.px(8), theme.px(4), theme.px(8), theme.px(4))
        self._row.setSpacing(theme.px(4))
        for button in self._buttons:
            button.setIconSize(QSize(theme.px(24), theme.px(24)))
            button.setFixedSize(theme.px(56), theme.px(56))
        self._retitle()
        self.settle()


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
