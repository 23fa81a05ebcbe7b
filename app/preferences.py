"""The settings in force: changed page by page, told to whoever shows them, saved off the window's thread."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import platformdirs
from PySide6.QtCore import QObject, QRunnable, QThreadPool, QTimer, Signal

from engine.errors import SettingsError
from engine.settings import Settings, load, save

SAVE_AFTER_MS = 500


def standard_path() -> Path:
    """Where this user's settings lie."""
    return Path(platformdirs.user_config_dir("steadyscope", appauthor=False)) / "settings.json"


class Preferences(QObject):
    """Holds one `Settings`; a bad value is refused with SettingsError and changes nothing."""

    changed = Signal(str)  # the name of the page
    save_failed = Signal(str, str)  # sentence, remedy

    def __init__(self, path: Path, parent: QObject | None = None) -> None:
        """Raises SettingsError for a damaged file or a bad value that bears on safety."""
        super().__init__(parent)
        self._path = path
        self.settings, self.notices = load(path)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SAVE_AFTER_MS)
        self._timer.timeout.connect(self._save)

    def change(self, page: str, **values: Any) -> None:
        """Change settings of one page. Raises SettingsError for a bad value."""
        before = getattr(self.settings, page)
        after = replace(before, **values)
        if after != before:
            self._take(replace(self.settings, **{page: after}), page)

    def reset(self, page: str) -> None:
        """One page back to its defaults."""
        self._take(replace(self.settings, **{page: getattr(Settings(), page)}), page)

    def close(self) -> None:
        """Save what is not saved yet."""
        if self._timer.isActive():
            self._timer.stop()
            self._save()
        self._pool.waitForDone(2000)

    def _take(self, settings: Settings, page: str) -> None:
        self.settings = settings
        self._timer.start()
        self.changed.emit(page)

    def _save(self) -> None:
        self._pool.start(_Saving(self.settings, self._path, self))


class _Saving(QRunnable):
    """One write, on a worker."""

    def __init__(self, settings: Settings, path: Path, owner: Preferences) -> None:
        super().__init__()
        self._settings, self._path, self._owner = settings, path, owner

    def run(self) -> None:
        """Write; a full disk is told, not raised."""
        try:
            save(self._settings, self._path)
        except SettingsError as error:
            self._owner.save_failed.emit(error.sentence, error.remedy)
