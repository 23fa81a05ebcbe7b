"""Opens the dialogs that are about the program: help, settings, pedal, welcome."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QDialog

from app.actions import Actions
from app.dialogs.help import HelpDialog
from app.dialogs.pedal import PedalDialog
from app.dialogs.settings import SettingsDialog
from app.dialogs.welcome import WelcomeDialog
from app.preferences import Preferences
from app.theme import Theme
from app.window import MainWindow


class SheetsPresenter(QObject):
    """One dialog at a time, each built when it is opened."""

    source_requested = Signal()

    def __init__(self, window: MainWindow, actions: Actions, preferences: Preferences, theme: Theme) -> None:
        super().__init__(window)
        self._window = window
        self._actions = actions
        self._preferences = preferences
        self._theme = theme
        actions["help"].triggered.connect(self.show_help)
        actions["settings"].triggered.connect(self.show_settings)
        actions["pedal"].triggered.connect(self.show_pedal)

    def show_help(self) -> QDialog:
        """Keys and manual."""
        return self._open(HelpDialog(self._theme, self._actions, self._window))

    def show_settings(self) -> QDialog:
        """Everything persistent."""
        return self._open(SettingsDialog(self._theme, self._preferences, self._window))

    def show_pedal(self) -> QDialog:
        """Teach a pedal; what it learned is kept."""
        dialog = PedalDialog(self._theme, self._actions, self._window)
        dialog.learned.connect(self._keep_keys)
        return self._open(dialog)

    def welcome(self) -> None:
        """Explain the program once."""
        if self._preferences.settings.look.has_been_welcomed:
            return
        self._preferences.change("look", has_been_welcomed=True)
        dialog = WelcomeDialog(self._theme, self._window)
        dialog.source_requested.connect(self.source_requested)
        self._open(dialog)

    def _keep_keys(self) -> None:
        self._preferences.change("keys", shortcuts=dict(self._actions.learned))

    @staticmethod
    def _open(dialog: QDialog) -> QDialog:
        dialog.open()
        return dialog
