"""Marks set while recording: markers and ranges at the newest frame, saved into the session at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QThreadPool

from app.desk import Desk
from app.presenters.signature import signed
from app.views.notices import Notice
from app.work import Work
from engine.annotation.document import AnnotationDocument
from engine.annotation.shapes import Annotation, Kind
from engine.annotation.store import AnnotationStore
from engine.recording.library import length_ns
from engine.recording.session_folder import SessionFolder


class LiveMarks(QObject):
    """The annotations of the session that is being recorded; without one, marks go nowhere."""

    def __init__(self, desk: Desk, parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk
        self._document: AnnotationDocument | None = None
        self._store: AnnotationStore | None = None
        self._folder: SessionFolder | None = None
        self._open_range: Annotation | None = None  # begun, saved, and not ended yet
        self._line = QThreadPool(self)  # marks wait for no export, and one is saved after the other
        self._line.setMaxThreadCount(1)

    def begin(self, folder: SessionFolder) -> None:
        """A recording has begun. Raises AnnotationError when nothing can be marked in it."""
        self._folder, self._store = folder, AnnotationStore(folder.database)
        self._document = self._store.load()

    def end(self) -> None:
        """It is over; a range that was not ended ends with it."""
        if self._open_range is not None and self._folder is not None:
            self._end_range(length_ns(self._folder))
        self._line.waitForDone()
        self._document = None
        self._desk.shell.withdraw_notice("range")
        if self._store is not None:
            self._store.close()
            self._store = None

    def mark(self, at_ns: int) -> None:
        """A marker at `at_ns` from the first raw frame."""
        marker = Annotation(Kind.MARKER, at_ns, self.tr("Marker"), **self._signed())
        self._work(_Adding(self._document, marker), self._tell_marked)

    def mark_range(self, at_ns: int) -> None:
        """The first call begins a range, the second ends it."""
        if self._open_range is not None:
            self._end_range(at_ns)
            return
        begun = Annotation(Kind.RANGE, at_ns, self.tr("Range"), end_ns=at_ns, **self._signed())
        self._open_range = begun
        self._work(_Adding(self._document, begun), None)
        self._desk.shell.tell(Notice(self.tr("A range has begun."), topic="range"))

    def _end_range(self, at_ns: int) -> None:
        begun, self._open_range = self._open_range, None
        self._desk.shell.withdraw_notice("range")
        if begun is not None:
            self._work(_Ending(self._document, begun, at_ns), self._tell_marked)

    def _signed(self) -> dict[str, Any]:
        return signed(self._desk.preferences.settings.recording.operator)

    def _work(self, step: Callable[[Work], Annotation], on_done: Callable[[Annotation], None] | None) -> None:
        work = Work(step, self)
        if on_done is not None:
            work.done.connect(on_done)
        work.refused.connect(self._tell)
        work.start(self._line)

    def _tell_marked(self, annotation: Annotation) -> None:
        words = self.tr("{label} at {time:.1f} s").format(label=annotation.label, time=annotation.start_ns / 1e9)
        self._desk.shell.tell(Notice(words, topic="session"))

    def _tell(self, sentence: str, remedy: str) -> None:
        self._desk.shell.tell(Notice(sentence, remedy, "caution", "recording"))


class _Adding:
    """On the line: a new annotation, saved at once."""

    def __init__(self, document: AnnotationDocument | None, entry: Annotation) -> None:
        self._document, self._entry = document, entry

    def __call__(self, _: Work) -> Annotation:
        if self._document is not None:
            self._document.add(self._entry)
        return self._entry


class _Ending:
    """On the line: the range that was begun gets its end."""

    def __init__(self, document: AnnotationDocument | None, begun: Annotation, at_ns: int) -> None:
        self._document, self._begun, self._at_ns = document, begun, at_ns

    def __call__(self, _: Work) -> Annotation:
        if self._document is None:
            return self._begun
        return self._document.change(self._begun.annotation_id, end_ns=max(self._at_ns, self._begun.start_ns))
