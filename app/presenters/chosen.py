"""The document under review and the one annotation in it that is chosen; a step that is refused is told, not raised."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from engine.annotation.document import AnnotationDocument
from engine.annotation.shapes import Annotation
from engine.errors import EngineError


class Chosen(QObject):
    """Every change of the document goes through here."""

    about_to_change = Signal()  # what is being typed about the chosen one has to be told now
    changed = Signal()  # the document, or what is chosen in it
    refused = Signal(str, str)  # sentence, remedy

    def __init__(self, document: AnnotationDocument, parent: QObject) -> None:
        super().__init__(parent)
        self.document = document
        self.annotation_id = ""

    @property
    def entry(self) -> Annotation | None:
        """The chosen annotation, if there is one."""
        return self.document.get(self.annotation_id) if self.annotation_id else None

    def is_chosen(self, entry: Annotation) -> bool:
        """Is it this one?"""
        return entry.annotation_id == self.annotation_id

    def choose(self, annotation_id: str) -> None:
        """Another one, or none with an empty id."""
        self.about_to_change.emit()
        self.annotation_id = annotation_id
        self.changed.emit()

    def add(self, entry: Annotation) -> None:
        """A new annotation; it is chosen."""
        self.about_to_change.emit()
        self.annotation_id = entry.annotation_id
        self.attempt(self.document.add, entry)

    def change(self, **fields: object) -> None:
        """Change fields of the chosen one, if there is one."""
        if self.annotation_id:
            self.attempt(self.document.change, self.annotation_id, **fields)

    def remove(self) -> None:
        """Take the chosen one out."""
        self.about_to_change.emit()
        if self.annotation_id:
            doomed, self.annotation_id = self.annotation_id, ""
            self.attempt(self.document.remove, doomed)

    def attempt(self, step: Callable[..., object], *values: object, **fields: object) -> None:
        """One step of the document; what it took out is no longer chosen."""
        self.about_to_change.emit()
        try:
            step(*values, **fields)
        except EngineError as error:
            self.refused.emit(error.sentence, error.remedy)
        if not any(map(self.is_chosen, self.document.annotations)):
            self.annotation_id = ""
        self.changed.emit()
