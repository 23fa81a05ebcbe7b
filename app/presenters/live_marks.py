"""Marks set while recording: markers and ranges at the newest frame, saved into the session at once."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, QThreadPool

from app.desk import Desk
from app.presenters.signature import signed
from app.views.notices import Notice
from app.work import Work
from engine.annotation.document import AnnotationDocument
from engine.annotation.shapes import Annotation, Kind
from engine.annotation.store import AnnotationStore
from engine.recording.session_folder import SessionFolder


class LiveMarks(QObject):
    """The annotations of the session that is being recorded; without one, marks go nowhere."""

    def __init__(self, desk: Desk, parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk
        self._document: AnnotationDocument | None = None
        self._store: AnnotationStore | None = None
        self._range_from_ns: int | None = None
        self._line = QThreadPool(self)  # marks wait for no export, and one is saved after the other
        self._line.setMaxThreadCount(1)

    def begin(self, folder: SessionFolder) -> None:
        """A recording has begun. Raises AnnotationError when nothing can be marked in it."""
        self._store = AnnotationStore(folder.database)
        self._document = self._store.load()

    def end(self) -> None:
        """It is over; a range that was not ended is not kept."""
        self._line.waitForDone()
        self._document, self._range_from_ns = None, None
        self._desk.shell.withdraw_notice("range")
        if self._store is not None:
            self._store.close()
            self._store = None

    def mark(self, at_ns: int) -> None:
        """A marker at `at_ns` from the first raw frame."""
        self._add(Annotation(Kind.MARKER, at_ns, self.tr("Marker"), **self._signed()))

    def mark_range(self, at_ns: int) -> None:
        """The first call begins a range, the second ends it."""
        if self._range_from_ns is None:
            self._range_from_ns = at_ns
            self._desk.shell.tell(Notice(self.tr("A range has begun."), topic="range"))
            return
        begin, self._range_from_ns = self._range_from_ns, None
        self._desk.shell.withdraw_notice("range")
        self._add(Annotation(Kind.RANGE, begin, self.tr("Range"), end_ns=at_ns, **self._signed()))

    def _signed(self) -> dict[str, Any]:
        return signed(self._desk.preferences.settings.recording.operator)

    def _add(self, annotation: Annotation) -> None:
        document = self._document
        if document is None:
            return

        def save(_: Work) -> Annotation:
            document.add(annotation)
            return annotation

        work = Work(save, self)
        work.done.connect(self._tell_marked)
        work.refused.connect(self._tell)
        work.start(self._line)

    def _tell_marked(self, annotation: Annotation) -> None:
        words = self.tr("{label} at {time:.1f} s").format(label=annotation.label, time=annotation.start_ns / 1e9)
        self._desk.shell.tell(Notice(words, topic="session"))

    def _tell(self, sentence: str, remedy: str) -> None:
        self._desk.shell.tell(Notice(sentence, remedy, "caution", "recording"))
