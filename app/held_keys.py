"""Keys that act while they are down: hold-to-compare, by key or by foot pedal."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit

from app.actions import Actions


class HeldKey(QObject):
    """Watches the program's keys for one held action; repeats of the keyboard count once."""

    held = Signal(bool)

    def __init__(self, actions: Actions, name: str, parent: QObject) -> None:
        super().__init__(parent)
        self._actions = actions
        self._name = name
        self._is_down = False
        application = QApplication.instance()
        if application is not None:
            application.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Press, release, and a release for lost focus, so that nothing sticks."""
        kind = event.type()
        if kind in (QEvent.Type.ApplicationDeactivate, QEvent.Type.WindowDeactivate):
            self._set(False)
        if kind not in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease) or not isinstance(event, QKeyEvent):
            return False
        if isinstance(watched, QLineEdit | QAbstractButton) or not self._is_ours(event):
            return False
        if not event.isAutoRepeat():
            self._set(kind is QEvent.Type.KeyPress)
        return True

    def close(self) -> None:
        """Watch no more: the program may outlive the window."""
        application = QApplication.instance()
        if application is not None:
            application.removeEventFilter(self)
        self._set(False)

    def press(self, name: str, is_down: bool) -> None:
        """A button of the control bar was pressed or let go."""
        if name == self._name:
            self._set(is_down)

    def _set(self, is_down: bool) -> None:
        if is_down != self._is_down:
            self._is_down = is_down
            self.held.emit(is_down)

    def _is_ours(self, event: QKeyEvent) -> bool:
        pressed = QKeySequence(event.keyCombination()).toString(QKeySequence.SequenceFormat.PortableText)
        has_modal = QApplication.activeModalWidget() is not None
        is_free = not has_modal and self._actions[self._name].isEnabled()  # another page may use the key itself
        return is_free and pressed in self._actions.keys(self._name) and event.key() != Qt.Key.Key_unknown
