"""How the views are laid out and turned: layouts, mirror, rotate, zoom, full screen, the other display."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.actions import Actions
from app.theme import Theme
from app.views.orientation import Orientation
from app.views.pane import ViewPane
from app.views.stage import Layout, Stage, View
from app.window import MainWindow

LAYOUT_ACTIONS = {
    "view_raw": Layout.RAW,
    "view_enhanced": Layout.ENHANCED,
    "view_stabilized": Layout.STABILIZED,
    "view_side_by_side": Layout.SIDE_BY_SIDE,
    "view_one_large": Layout.ONE_LARGE,
}


class AwayWindow(QWidget):
    """A window of its own for one view, on another display."""

    close_requested = Signal()

    def __init__(self, pane: ViewPane, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("stage")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setWindowTitle(f"Steadyscope · {pane.title}")
        self.setStyleSheet(theme.style_sheet())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(pane)
        pane.set_band_over_picture(True)
        pane.show()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape brings the view home."""
        if event.key() == Qt.Key.Key_Escape:
            self.close_requested.emit()
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Closing is asking for the view to come home."""
        self.close_requested.emit()
        event.accept()


class ArrangementPresenter(QObject):
    """Owns layout and orientation."""

    orientation_changed = Signal(object)  # Orientation
    layout_changed = Signal(object)  # Layout

    def __init__(self, window: MainWindow, stage: Stage, actions: Actions, theme: Theme) -> None:
        super().__init__(window)
        self._window = window
        self._stage = stage
        self._actions = actions
        self._theme = theme
        self._orientation = Orientation()
        self._away: tuple[View, AwayWindow] | None = None
        for name in LAYOUT_ACTIONS:
            actions[name].triggered.connect(self._layout_chosen)
        actions["mirror"].toggled.connect(self.mirror)
        actions["rotate"].triggered.connect(self.rotate)
        actions["zoom_in"].triggered.connect(self.zoom_in)
        actions["zoom_out"].triggered.connect(self.zoom_out)
        actions["zoom_reset"].triggered.connect(self.zoom_reset)
        actions["full_screen"].toggled.connect(window.set_full_screen)
        actions["other_display"].toggled.connect(self.show_on_other_display)
        window.escape_pressed.connect(self.step_back)
        window.closed.connect(self.bring_home)

    @property
    def orientation(self) -> Orientation:
        """How the pictures stand."""
        return self._orientation

    def show_layout(self, layout: Layout) -> None:
        """Lay the views out and mark the action."""
        name = next(name for name, known in LAYOUT_ACTIONS.items() if known is layout)
        self._actions[name].setChecked(True)
        self._stage.show_layout(layout)
        self.layout_changed.emit(layout)

    def orient(self, orientation: Orientation) -> None:
        """Turn, mirror and magnify, and mark the action."""
        self._orientation = orientation
        self._actions["mirror"].setChecked(orientation.is_mirrored)
        self._stage.set_orientation(orientation)
        self.orientation_changed.emit(orientation)

    def mirror(self, is_mirrored: bool) -> None:
        """Mirror all views."""
        if is_mirrored != self._orientation.is_mirrored:
            self.orient(self._orientation.mirrored())

    def rotate(self) -> None:
        """A quarter turn clockwise."""
        self.orient(self._orientation.turned())

    def zoom_in(self) -> None:
        """One step nearer."""
        self.orient(self._orientation.zoomed(1))

    def zoom_out(self) -> None:
        """One step away."""
        self.orient(self._orientation.zoomed(-1))

    def zoom_reset(self) -> None:
        """The whole picture."""
        self.orient(self._orientation.zoomed(-99))

    def step_back(self) -> None:
        """Escape: out of full screen, then back to side by side."""
        if self._actions["full_screen"].isChecked():
            self._actions["full_screen"].setChecked(False)
        else:
            self.show_layout(Layout.SIDE_BY_SIDE)

    def show_on_other_display(self, is_away: bool) -> None:
        """Give the view shown alone (else the stabilized one) a window on the next display."""
        self._recall()
        if not is_away:
            return
        layout = self._stage.view_layout
        alone = layout.value in {view.value for view in View}
        view = View(layout.value) if alone else View.STABILIZED
        if alone:
            self.show_layout(Layout.SIDE_BY_SIDE)
        away = AwayWindow(self._stage.release(view), self._theme)
        away.close_requested.connect(self.bring_home)
        self._away = (view, away)
        self._place(away)

    def bring_home(self) -> None:
        """The view returns to the stage."""
        self._actions["other_display"].setChecked(False)

    def _recall(self) -> None:
        if self._away is None:
            return
        view, away = self._away
        self._away = None
        self._stage.take_back(view)
        away.close_requested.disconnect(self.bring_home)
        away.close()
        away.deleteLater()

    def _place(self, away: AwayWindow) -> None:
        screens = QGuiApplication.screens()
        others = [screen for screen in screens if screen is not self._window.screen()]
        if others:
            away.setGeometry(others[0].geometry())
            away.showFullScreen()
        else:
            away.resize(960, 720)
            away.show()

    def _layout_chosen(self) -> None:
        name = self.sender().objectName()
        self.show_layout(LAYOUT_ACTIONS[name])
