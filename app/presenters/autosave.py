"""Brings each change of a document to the disk at once, in order, off the window's thread."""

from __future__ import annotations

from PySide6.QtCore import QObject, QThreadPool, Signal

from app.work import Work
from engine.annotation.document import Change
from engine.annotation.store import AnnotationStore


class Autosave(QObject):
    """A store with a thread of its own; a kill loses at most the stroke in hand."""

    failed = Signal(str, str)  # sentence, remedy

    def __init__(self, store: AnnotationStore, parent: QObject) -> None:
        super().__init__(parent)
        self._store = store
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)  # in the order of the changes

    def save(self, change: Change) -> None:
        """Queue one change."""
        store = self._store

        def write(_: Work) -> None:
            store.save(change)

        work = Work(write, self)
        work.refused.connect(self.failed)
        work.start(self._pool)

    def wait(self) -> None:
        """Until all that was queued is on the disk."""
        self._pool.waitForDone()

    def close(self) -> None:
        """Wait, then close the store."""
        self.wait()
        self._store.close()
