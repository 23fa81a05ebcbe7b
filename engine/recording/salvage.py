"""New books for a session whose data base is gone or damaged: what can be read is taken over, the old file is kept."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import av

from engine.errors import RecordingError
from engine.recording.index import SCHEMA, SCHEMA_VERSION, connect
from engine.recording.session_folder import STREAMS, SessionFolder

DAMAGED = "damaged"  # what the old data base is called by, behind its name
COMPANIONS = ("", "-wal", "-shm")  # SQLite's own files beside a data base
ANNOTATIONS = ("annotations", "annotation_history")  # made by the annotation store with their first use
RECORDED = ("session", "frames", "motion", "gaps", "events")
POSE_BYTES = 72  # nine numbers of 8 bytes


def damage_of(folder: SessionFolder) -> str:
    """What is wrong with the data base, beyond what `repair` mends in it; empty when nothing is.

    Raises RecordingError for one that is busy or in a place that cannot be written: nothing is known of it.
    """
    if not folder.database.is_file():
        return "session.sqlite is missing"
    try:
        with closing(connect(folder.database)) as books:
            found = books.execute("PRAGMA integrity_check").fetchone()[0]
            for table in RECORDED:
                books.execute(f"SELECT 1 FROM {table} LIMIT 1")
            sound = {str(row[0]) for row in books.execute("SELECT * FROM session") if _is_sound("session", row)}
            poses = all(_is_sound("motion", row) for row in books.execute("SELECT * FROM motion"))
    except (sqlite3.Error, RecordingError) as error:
        cause = error.__cause__ or error
        if isinstance(cause, sqlite3.OperationalError) and "no such" not in str(cause):
            raise RecordingError(
                f"The books of session {folder.session_id} cannot be opened: {cause}.",
                "Close what uses them, or copy the folder to where it can be written.",
            ) from error
        return f"session.sqlite: {getattr(error, 'sentence', error)}"
    missing = {"started", "source", "state"} - sound
    if missing:
        return f"session.sqlite does not say the {' and '.join(sorted(missing))} of the recording"
    if not poses:
        return "session.sqlite: the table of motion is damaged"
    return "" if found == "ok" else f"session.sqlite: {found}"


def salvage(folder: SessionFolder) -> None:
    """Set the damaged data base aside and write a new one; its frames are booked from the videos by `repair`.

    Raises RecordingError when no video is there to tell what was recorded, or the folder cannot be written.
    """
    size = _size_of(folder)
    try:
        old = _set_aside(folder.database)
        with closing(connect(folder.database)) as books, books:
            books.executescript(SCHEMA)
            if old is not None:
                _take_over(old, books)
            for key, value in _known(folder, size).items():
                books.execute("INSERT OR IGNORE INTO session VALUES (?, ?)", (key, json.dumps(value)))
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


def _set_aside(database: Path) -> Path | None:
    """Rename the data base; one that was set aside before stays too."""
    if not database.is_file():
        return None
    number = 1
    while (aside := database.with_name(f"{database.name}.{DAMAGED}-{number}")).exists():
        number += 1
    for tail in COMPANIONS:
        companion = database.with_name(database.name + tail)
        if companion.exists():
            companion.rename(aside.with_name(aside.name + tail))
    return aside


def _take_over(old: Path, books: sqlite3.Connection) -> None:
    """Copy each table row by row for as far as it can be read."""
    with closing(sqlite3.connect(old)) as source:
        for table in (*RECORDED, *ANNOTATIONS):
            try:
                if table in ANNOTATIONS:
                    _make_alike(table, source, books)
                for row in source.execute(f"SELECT * FROM {table}"):
                    if _is_sound(table, row):
                        books.execute(f"INSERT OR IGNORE INTO {table} VALUES ({', '.join('?' * len(row))})", row)
            except sqlite3.Error:
                continue


def _make_alike(table: str, source: sqlite3.Connection, books: sqlite3.Connection) -> None:
    row = source.execute("SELECT sql FROM sqlite_master WHERE name = ?", (table,)).fetchone()
    if row is not None:
        books.execute(row[0])


def _is_sound(table: str, row: tuple[Any, ...]) -> bool:
    """Does the row hold what its table is for? Only what the program itself could stumble over is looked at."""
    if table == "motion":
        return all(isinstance(pose, bytes) and len(pose) == POSE_BYTES for pose in row[5:] if pose is not None)
    if table == "session":
        try:
            value = json.loads(row[1])
            return row[0] != "started" or bool(datetime.fromisoformat(value))
        except (TypeError, ValueError):
            return False
    return True


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
