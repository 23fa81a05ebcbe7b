"""The list of recorded sessions: read, search, delete with a grace period, free space."""

from __future__ import annotations

import json
import shutil
import sqlite3
import time
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import psutil

from engine.errors import RecordingError
from engine.recording.index import connect_to_read
from engine.recording.session_folder import SessionFolder, is_session

TRASH = ".deleted"
GRACE_S = 7 * 24 * 3600.0
SAME_START_S = 1.0
UNFINISHED = "recording"  # the state of a session that runs, or that a crash left open


@dataclass(frozen=True, slots=True)
class SessionSummary:
    """One line of the library."""

    session_id: str
    root: Path
    started: datetime
    duration_s: float
    state: str
    patient_id: str
    patient_name: str
    source: str
    markers: int
    bytes_on_disk: int

    def matches(self, text: str) -> bool:
        """True if every word of `text` occurs in id, patient, source or date."""
        hay = f"{self.session_id} {self.patient_id} {self.patient_name} {self.source} {self.started:%Y-%m-%d}".lower()
        return all(word in hay for word in text.lower().split())


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A session that is there and cannot be listed."""

    root: Path
    sentence: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.root.name}: {self.sentence} {self.remedy}"


def read_session(folder: SessionFolder) -> dict[str, object]:
    """The key/value table of a session. Raises RecordingError when it cannot be read."""
    connection = connect_to_read(folder.database)
    try:
        return {key: json.loads(value) for key, value in connection.execute("SELECT key, value FROM session")}
    except (sqlite3.Error, ValueError) as error:
        raise _unreadable(folder, error) from error
    finally:
        connection.close()


def is_being_recorded(folder: SessionFolder) -> bool:
    """True while the process that opened the session lives; a later process with its number does not count."""
    try:
        entries = read_session(folder)
        process = entries.get("process")
        if entries.get("state") != UNFINISHED or not isinstance(process, list):
            return False
        return bool(abs(psutil.Process(int(process[0])).create_time() - float(process[1])) < SAME_START_S)
    except (RecordingError, IndexError, TypeError, ValueError, psutil.Error):
        return False


def started_of(folder: SessionFolder, entries: Mapping[str, object]) -> datetime:
    """When the session began. Raises RecordingError when the books do not say."""
    try:
        return datetime.fromisoformat(str(entries.get("started")))
    except ValueError as error:
        raise RecordingError(
            f"The books of session {folder.session_id} do not say when it began.",
            "Run `steadyscope session repair` on it.",
        ) from error


def _unreadable(folder: SessionFolder, error: Exception) -> RecordingError:
    return RecordingError(
        f"The books of session {folder.session_id} cannot be read: {error}.", "Run `steadyscope session repair` on it."
    )


def length_ns(folder: SessionFolder) -> int:
    """From the first booked frame to the last; 0 where the books do not say."""
    try:
        with closing(connect_to_read(folder.database)) as connection:
            first, last = connection.execute("SELECT MIN(t_ns), MAX(t_ns) FROM frames").fetchone()
        return int(last - first)
    except (sqlite3.Error, RecordingError, TypeError):  # TypeError: not one frame
        return 0


def summarise(folder: SessionFolder) -> SessionSummary:
    """One session's line for the list. Raises RecordingError."""
    entries = read_session(folder)
    patient, source = entries.get("patient"), entries.get("source")
    patient = patient if isinstance(patient, dict) else {}
    source = source if isinstance(source, dict) else {}
    duration = entries.get("duration_s", 0.0)
    return SessionSummary(
        session_id=folder.session_id,
        root=folder.root,
        started=started_of(folder, entries),
        duration_s=float(duration) if isinstance(duration, int | float) else 0.0,
        state=str(entries.get("state", "unreadable")),
        patient_id=str(patient.get("patient_id", "")),
        patient_name=" ".join(filter(None, (patient.get("given_name", ""), patient.get("family_name", "")))),
        source=str(source.get("name", "")),
        markers=_count_markers(folder),
        bytes_on_disk=sum(map(_size_of, folder.root.rglob("*"))),
    )


def _size_of(path: Path) -> int:
    """Bytes; 0 for a folder, and for a file that went meanwhile: a session that is recorded has such."""
    try:
        return path.stat().st_size if path.is_file() else 0
    except OSError:
        return 0


def _count_markers(folder: SessionFolder) -> int:
    connection = connect_to_read(folder.database)
    try:
        return int(connection.execute("SELECT COUNT(*) FROM annotations WHERE is_deleted = 0").fetchone()[0])
    except sqlite3.OperationalError:  # nothing was annotated: the table does not exist
        return 0
    except sqlite3.Error as error:
        raise _unreadable(folder, error) from error
    finally:
        connection.close()


def list_sessions(library: Path) -> tuple[list[SessionSummary], list[Unreadable]]:
    """All sessions, newest first, and those that cannot be read, with a sentence. Raises RecordingError."""
    summaries: list[SessionSummary] = []
    problems: list[Unreadable] = []
    for path in folders_in(library):
        if path.name.startswith(".") or not is_session(path):
            continue
        try:
            summaries.append(summarise(SessionFolder.existing(path)))
        except RecordingError as error:
            problems.append(Unreadable(path, error.sentence, error.remedy))
    return sorted(summaries, key=_started, reverse=True), problems


def folders_in(library: Path) -> list[Path]:
    """What lies in the library, by name; nothing when it is not there. Raises RecordingError."""
    try:
        return sorted(library.iterdir()) if library.is_dir() else []
    except OSError as error:
        raise RecordingError(
            f"The library {library} cannot be read: {error.strerror}.", "Check your right to read it."
        ) from error


def _started(summary: SessionSummary) -> datetime:
    return summary.started


def delete(folder: SessionFolder, library: Path) -> Path:
    """Move a session aside; it can be brought back for a week. Returns where it lies. Raises RecordingError."""
    if is_being_recorded(folder):
        raise RecordingError(f"Session {folder.session_id} is being recorded.", "Stop the recording first.")
    trash = library / TRASH
    target = trash / f"{int(time.time())}-{folder.session_id}"
    try:
        trash.mkdir(exist_ok=True)
        folder.root.rename(target)
    except OSError as error:
        raise RecordingError(
            f"Session {folder.session_id} cannot be deleted: {error.strerror}.", "Close programs that use its files."
        ) from error
    return target


def list_deleted(library: Path) -> list[tuple[Path, SessionSummary]]:
    """What was deleted and can still be brought back, newest first: where it lies, and its line."""
    found: list[tuple[Path, SessionSummary]] = []
    for path in folders_in(library / TRASH):
        session_id = path.name.partition("-")[2]
        try:
            found.append((path, replace(summarise(SessionFolder.existing(path)), session_id=session_id)))
        except RecordingError:  # unreadable even before it was deleted: purged in time
            continue
    return sorted(found, key=_deleted_started, reverse=True)


def _deleted_started(entry: tuple[Path, SessionSummary]) -> datetime:
    return entry[1].started


def undelete(trashed: Path, library: Path) -> SessionFolder:
    """Bring a deleted session back. Raises RecordingError."""
    target = library / trashed.name.split("-", 1)[1]
    try:
        trashed.rename(target)
    except OSError as error:
        raise RecordingError(
            f"Session {target.name} cannot be brought back: {error.strerror}.", "Check that the library can be written."
        ) from error
    return SessionFolder.existing(target)


def purge(library: Path, grace_s: float = GRACE_S) -> list[str]:
    """Really remove what was deleted longer than `grace_s` seconds ago; returns the ids. What resists stays for now."""
    removed = []
    for path in folders_in(library / TRASH):
        stamp, _, session_id = path.name.partition("-")
        if stamp.isdigit() and time.time() - int(stamp) >= grace_s:
            with suppress(OSError):
                shutil.rmtree(path)
                removed.append(session_id)
    return removed
