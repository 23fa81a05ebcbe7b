"""Annotations in session.sqlite: each change is committed at once, every revision is kept."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

from engine.annotation.document import AnnotationDocument, Change
from engine.annotation.interchange import from_entry, to_entry
from engine.annotation.shapes import Annotation
from engine.errors import AnnotationError
from engine.read_only import connect_read_only, is_unwritable

SCHEMA = """
CREATE TABLE IF NOT EXISTS annotations (
    id TEXT PRIMARY KEY, revision INTEGER NOT NULL, is_deleted INTEGER NOT NULL, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS annotation_history (
    step INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, is_deleted INTEGER NOT NULL, body TEXT NOT NULL);
"""


class AnnotationStore:
    """One session's table. Any thread may use it, one at a time."""

    def __init__(self, database: Path) -> None:
        self.is_read_only = False  # it lies where nothing can be written: every `save` is refused
        self.unreadable: tuple[str, ...] = ()  # a sentence for each row that the last `load` left out
        try:
            self._connection = self._opened(database)
        except (sqlite3.Error, OSError) as error:
            raise AnnotationError(
                f"The annotations in {database.name} cannot be opened: {error}.", "Run `steadyscope session repair`."
            ) from error

    def _opened(self, database: Path) -> sqlite3.Connection:
        connection = sqlite3.connect(database, timeout=5.0, check_same_thread=False)
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")  # an annotation is rare and dear: bring it to the disk
            connection.executescript(SCHEMA)
        except sqlite3.Error as error:
            connection.close()
            if not is_unwritable(error):
                raise
            self.is_read_only = True
            return connect_read_only(database)
        return connection

    def load(self) -> AnnotationDocument:
        """The document as last saved; its changes from now on are saved here. Raises AnnotationError.

        A row that holds no annotation is left out and said in `unreadable`; it stays in the table.
        """
        rows = self._rows("SELECT rowid, CAST(body AS BLOB) FROM annotations WHERE is_deleted = 0 ORDER BY rowid")
        entries, unreadable = [], []
        for number, body in rows:
            try:
                entries.append(_entry(body))
            except AnnotationError as error:
                unreadable.append(f"Row {number} of the annotations is left out. {error.sentence}")
        self.unreadable = tuple(unreadable)
        return AnnotationDocument(entries, on_change=self.save)

    def save(self, change: Change) -> None:
        """Commit one change. Raises AnnotationError when the disk refuses it."""
        entry = change.after or change.before
        if entry is None:
            return
        if self.is_read_only:
            raise AnnotationError(
                "The annotation is not saved: the session lies where nothing can be written.",
                "Copy its folder into the library and mark it there.",
            )
        is_deleted = change.after is None
        try:
            with self._connection:
                self._put(entry, is_deleted=is_deleted)
        except sqlite3.Error as error:
            raise AnnotationError(
                f"The annotation could not be saved: {error}.", "Free disk space and redo it."
            ) from error

    def history(self, annotation_id: str) -> list[Annotation]:
        """All revisions of one annotation, oldest first. Raises AnnotationError."""
        query = "SELECT step, CAST(body AS BLOB) FROM annotation_history WHERE id = ? ORDER BY step"
        return [_entry(body) for _, body in self._rows(query, annotation_id)]

    def close(self) -> None:
        """Close the data base; nothing is pending."""
        self._connection.close()

    def _rows(self, query: str, *values: str) -> list[tuple[int, bytes]]:
        try:
            if self.is_read_only and not self._is_made():
                return []
            return self._connection.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise AnnotationError(
                f"The session's annotations cannot be read: {error}.",
                "Run `steadyscope session repair` on it; what cannot be read is kept beside.",
            ) from error

    def _is_made(self) -> bool:
        """Was anything ever annotated? Where nothing can be written, the tables may be missing."""
        return self._connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'annotations'").fetchone() is not None

    def _put(self, entry: Annotation, *, is_deleted: bool) -> None:
        body = json.dumps(to_entry(entry))
        self._connection.execute(
            "INSERT OR REPLACE INTO annotations VALUES (?, ?, ?, ?)",
            (entry.annotation_id, entry.revision, is_deleted, body),
        )
        self._connection.execute(
            "INSERT INTO annotation_history (id, is_deleted, body) VALUES (?, ?, ?)",
            (entry.annotation_id, is_deleted, body),
        )


def fault_of(body: object) -> str:
    """What is wrong with a saved row's body, in a sentence; empty when it holds an annotation."""
    try:
        _entry(body)
    except AnnotationError as error:
        return error.sentence
    return ""


def _entry(body: object) -> Annotation:
    """Raises AnnotationError."""
    try:
        return from_entry(json.loads(body))  # type: ignore[arg-type]  # what is no text raises
    except (ValueError, TypeError, RecursionError) as error:
        raise AnnotationError(f"It is no JSON ({error}).", "Import the annotation from an export.") from error
