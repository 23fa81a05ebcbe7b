"""New books for a session whose data base is gone or damaged: what can be read is taken over, the old file is kept."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import av

from engine.errors import RecordingError
from engine.recording.aside import free_aside, last_set_aside
from engine.recording.index import SCHEMA, SCHEMA_VERSION, connect_to_read
from engine.recording.session_folder import STREAMS, Patient, SessionFolder

COMPANIONS = ("", "-wal", "-shm")  # SQLite's own files beside a data base
ANNOTATIONS = ("annotations", "annotation_history")  # made by the annotation store with their first use
RECORDED = ("session", "frames", "motion", "gaps", "events")
NEEDED = {"started", "source", "state", "patient"}
NUMBERS = {"frames": slice(1, 4), "motion": slice(2), "gaps": slice(2, 6)}  # columns that hold whole numbers
SOUND: dict[str, Callable[[Any], bool]] = {  # of entries that the program stumbles over; they may raise
    "started": lambda value: bool(datetime.fromisoformat(value)),
    "patient": lambda value: bool(Patient(**value)),
    "source": lambda value: isinstance(value["width"], int) and isinstance(value["height"], int),
}
POSE_BYTES = 72  # nine numbers of 8 bytes


@dataclass(frozen=True, slots=True)
class Damage:
    """What is wrong with a data base; false when nothing is."""

    words: str = ""  # in short, without anything that is written in it
    rows: tuple[str, ...] = ()  # a sentence for each saved annotation that holds none

    def __bool__(self) -> bool:
        return bool(self.words)


FaultOf = Callable[[object], str]  # the body of a saved annotation -> what is wrong with it, empty when nothing is


def no_object(body: object) -> str:
    """What the recording itself can tell of an annotation's body: that it is a JSON object, or not."""
    try:
        return "" if isinstance(json.loads(body), dict) else "It is no JSON object."  # type: ignore[arg-type]
    except (TypeError, ValueError, RecursionError) as error:
        return f"It is no JSON ({error})."


def damage_of(folder: SessionFolder, fault_of: FaultOf) -> Damage:
    """What is wrong with the data base, beyond what `repair` mends in it.

    Raises RecordingError for one that is busy or in a place that cannot be written: nothing is known of it.
    """
    if not folder.database.is_file():
        return Damage("session.sqlite is missing")
    try:
        with closing(connect_to_read(folder.database)) as books:
            books.text_factory = _text
            found = books.execute("PRAGMA integrity_check").fetchone()[0]
            for table in RECORDED:
                books.execute(f"SELECT 1 FROM {table} LIMIT 1")
            entries = {str(row[0]): _is_sound("session", row) for row in books.execute("SELECT * FROM session")}
            unsound = [table for table in ("frames", "motion", "gaps") if not _holds_only_sound_rows(books, table)]
            rows = {table: _faults(books, table, fault_of) for table in _made(books)}
    except (sqlite3.Error, RecordingError) as error:
        cause = error.__cause__ or error
        if isinstance(cause, sqlite3.OperationalError) and "no such" not in str(cause):
            raise RecordingError(
                f"The books of session {folder.session_id} cannot be opened: {cause}.",
                "Close what uses them, or copy the folder to where it can be written.",
            ) from error
        return Damage(f"session.sqlite: {getattr(error, 'sentence', error)}")
    said = tuple(f"session.sqlite, row {row} of {table}: {fault}" for table in rows for row, fault in rows[table])
    missing = NEEDED - set(entries) | {key for key, is_sound in entries.items() if not is_sound}
    if missing:
        return Damage(f"session.sqlite does not say the {' and '.join(sorted(missing))} of the recording", said)
    if unsound:
        return Damage(f"session.sqlite: the table of {' and of '.join(unsound)} is damaged", said)
    if said:
        counts = (f"{len(faults)} of the table of {table}" for table, faults in rows.items() if faults)
        return Damage(f"session.sqlite: rows that hold no annotation, {' and '.join(counts)}", said)
    return Damage("" if found == "ok" else f"session.sqlite: {found}")


def salvage(folder: SessionFolder, fault_of: FaultOf) -> None:
    """Write a new data base from the damaged one, which is kept aside; `repair` books its frames from the videos.

    The new one is whole before the old one moves: whatever stops this, another try finds all that was there.
    Raises RecordingError when no video is there to tell what was recorded, or the folder cannot be written.
    """
    size = _size_of(folder)
    new = folder.database.with_suffix(".new")
    try:
        new.unlink(missing_ok=True)
        old = folder.database if folder.database.is_file() else last_set_aside(folder.database)
        with closing(sqlite3.connect(new)) as books, books:  # not in WAL mode: one file holds it all
            books.executescript(SCHEMA)
            if old is not None:
                _take_over(old, books, fault_of)
            for key, value in _known(folder, size).items():
                books.execute("INSERT OR IGNORE INTO session VALUES (?, ?)", (key, json.dumps(value)))
        _set_aside(folder.database)
        new.replace(folder.database)
    except (OSError, sqlite3.Error) as error:
        raise RecordingError(
            f"New books for session {folder.session_id} cannot be written: {error}.", "Free disk space and try again."
        ) from error


def _size_of(folder: SessionFolder) -> tuple[int, int]:
    """(width, height) of the first video that can be read."""
    for stream in STREAMS:
        try:
            with av.open(str(folder.video(stream))) as container:
                video = container.streams.video[0]
                return video.width, video.height
        except (av.FFmpegError, OSError, IndexError):
            continue
    raise RecordingError(
        f"{folder.root} holds neither readable books nor a readable video.", "Keep a copy; nothing can be mended here."
    )


def _set_aside(database: Path) -> None:
    """Rename the data base, if there is one; one that was set aside before stays too."""
    aside = free_aside(database)
    for tail in reversed(COMPANIONS):  # the file itself last: until then it is the data base
        companion = database.with_name(database.name + tail)
        if companion.exists():
            companion.rename(aside.with_name(aside.name + tail))


def _take_over(old: Path, books: sqlite3.Connection, fault_of: FaultOf) -> None:
    """Copy each table row by row for as far as it can be read. Raises sqlite3.Error when the new one is refused."""
    with closing(sqlite3.connect(old)) as source:
        source.text_factory = _text
        for table in (*RECORDED, *ANNOTATIONS):
            rows = _readable(source, f"SELECT * FROM {table}")
            if table in ANNOTATIONS:
                for (statement,) in _readable(source, f"SELECT sql FROM sqlite_master WHERE name = '{table}'"):
                    books.execute(statement)
            for row in rows:
                if _is_sound(table, row) and not (table in ANNOTATIONS and fault_of(row[-1])):
                    books.execute(f"INSERT OR IGNORE INTO {table} VALUES ({', '.join('?' * len(row))})", row)


def _readable(source: sqlite3.Connection, query: str) -> Iterator[tuple[Any, ...]]:
    """Rows up to the first that cannot be read."""
    with suppress(sqlite3.Error):
        yield from source.execute(query)


def _made(books: sqlite3.Connection) -> list[str]:
    """The tables of annotations that are there."""
    return [
        one for one in ANNOTATIONS if books.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (one,)).fetchone()
    ]


def _faults(books: sqlite3.Connection, table: str, fault_of: FaultOf) -> list[tuple[int, str]]:
    """Number of each row that holds no annotation, and what is wrong with it."""
    faults = []
    for number, *row in books.execute(f"SELECT rowid, * FROM {table} ORDER BY rowid"):
        fault = fault_of(row[-1]) if _is_sound(table, tuple(row)) else "It holds bytes that are no text."
        if fault:
            faults.append((number, fault))
    return faults


def _holds_only_sound_rows(books: sqlite3.Connection, table: str) -> bool:
    return all(_is_sound(table, row) for row in books.execute(f"SELECT * FROM {table}"))


def _is_sound(table: str, row: tuple[Any, ...]) -> bool:
    """Does the row hold what its table is for? Only what the program itself could stumble over is looked at."""
    numbers = row[NUMBERS.get(table, slice(0))]
    if not (all(map(_is_text, row)) and all(isinstance(value, int) for value in numbers)):
        return False
    if table == "motion":
        return all(isinstance(pose, bytes) and len(pose) == POSE_BYTES for pose in row[5:] if pose is not None)
    if table == "session":
        try:
            value = json.loads(row[1])
            return SOUND[row[0]](value) if row[0] in SOUND else True
        except (TypeError, ValueError, KeyError, RecordingError):
            return False
    return True


def _text(data: bytes) -> str:
    """As stored; bytes that are no UTF-8 spoil their own row, not the reading of the table."""
    return data.decode("utf-8", "surrogateescape")


def _is_text(value: object) -> bool:
    """Or no words at all."""
    try:
        return not isinstance(value, str) or value.encode("utf-8") is not None
    except UnicodeEncodeError:
        return False


def _known(folder: SessionFolder, size: tuple[int, int]) -> dict[str, object]:
    """What the folder itself tells, for entries that could not be read."""
    videos = [folder.video(stream) for stream in STREAMS if folder.video(stream).is_file()]
    written = min(path.stat().st_mtime for path in videos)
    try:
        started = datetime.strptime(folder.session_id[:15], "%Y%m%d-%H%M%S").astimezone()
    except ValueError:
        started = datetime.fromtimestamp(written).astimezone()
    width, height = size
    return {
        "schema": SCHEMA_VERSION,
        "started": started.isoformat(),
        "source": {"identity": "", "name": "unknown", "width": width, "height": height, "fps": 0.0},
        "streams": [path.stem for path in videos],
        "patient": {"patient_id": "", "family_name": "", "given_name": "", "birth_date": ""},
        "state": "recording",
    }
