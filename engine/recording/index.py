"""The recording's part of session.sqlite: identity, frames, motion, gaps and events, committed four times a second."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Lock, Thread

import numpy as np

from engine.errors import RecordingError
from engine.read_only import connect_read_only, is_unwritable
from engine.values import Matrix3, StabilizedFrame

SCHEMA_VERSION = 1
COMMIT_EVERY_S = 0.25
BUSY_S = 5.0  # how long one connection waits for another to finish writing
SCHEMA = """
CREATE TABLE IF NOT EXISTS session (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS frames (
    stream TEXT NOT NULL, seq INTEGER NOT NULL, t_ns INTEGER NOT NULL, pts INTEGER NOT NULL,
    PRIMARY KEY (stream, seq)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS motion (
    seq INTEGER PRIMARY KEY, t_ns INTEGER NOT NULL, tracking TEXT NOT NULL, mode TEXT NOT NULL, reason TEXT NOT NULL,
    stabilized_from_raw BLOB NOT NULL, current_from_previous BLOB);
CREATE TABLE IF NOT EXISTS gaps (
    stream TEXT NOT NULL, kind TEXT NOT NULL, first_seq INTEGER NOT NULL, count INTEGER NOT NULL,
    start_ns INTEGER NOT NULL, end_ns INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS events (t_ns INTEGER NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL);
"""
INSERTS = {
    "session": "INSERT OR REPLACE INTO session VALUES (?, ?)",
    "frames": "INSERT OR IGNORE INTO frames VALUES (?, ?, ?, ?)",
    "motion": "INSERT OR IGNORE INTO motion VALUES (?, ?, ?, ?, ?, ?, ?)",
    "gaps": "INSERT INTO gaps VALUES (?, ?, ?, ?, ?, ?)",
    "events": "INSERT INTO events VALUES (?, ?, ?)",
}
Row = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Gap:
    """Frames that are missing from one recorded stream."""

    stream: str  # "raw", "stabilized", "enhanced"
    kind: str  # "capture" (the camera skipped), "pipeline" (too slow), "recorder" (disk or encoder too slow), "pause"
    first_seq: int
    count: int
    start_ns: int
    end_ns: int


def connect(path: Path) -> sqlite3.Connection:
    """A connection in WAL mode, so that readers never wait for the recorder. Raises RecordingError."""
    connection: sqlite3.Connection | None = None
    try:
        connection = sqlite3.connect(path, timeout=BUSY_S, check_same_thread=False)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
    except sqlite3.Error as error:
        if connection is not None:
            connection.close()
        remedy = "Run `steadyscope session repair` on it."
        if isinstance(error, sqlite3.OperationalError):  # nothing is wrong with the file itself
            remedy = "Close what uses it, or copy its folder to where it can be written."
        raise RecordingError(f"The session data base {path.name} cannot be opened: {error}.", remedy) from error
    return connection


def connect_to_read(path: Path) -> sqlite3.Connection:
    """As `connect`; where nothing can be written (a burnt disc, a protected share), for reading alone.

    Raises RecordingError.
    """
    try:
        return connect(path)
    except RecordingError as refused:
        if not is_unwritable(refused.__cause__):
            raise
        try:
            return connect_read_only(path)
        except (sqlite3.Error, OSError):
            raise refused from refused.__cause__


def _blob(matrix: Matrix3) -> bytes:
    return np.asarray(matrix, "<f8").tobytes()


class SessionIndex:
    """Takes rows from any thread without waiting for the disk; a thread of its own commits them."""

    def __init__(self, path: Path) -> None:
        """Raises RecordingError when the data base cannot be made."""
        self._connection = connect(path)
        try:
            self._connection.executescript(SCHEMA)
        except sqlite3.Error as error:
            self._connection.close()
            raise RecordingError(
                f"The session data base cannot be written: {error}.", "Free disk space, or choose another folder."
            ) from error
        self._lock = Lock()
        self._pending: dict[str, list[Row]] = {name: [] for name in INSERTS}
        self._is_closing = Event()
        self.error: Exception | None = None
        self.put_session({"schema": SCHEMA_VERSION})
        self._flush()
        self._thread = Thread(target=self._run, name="session-index", daemon=True)
        self._thread.start()

    def put_session(self, values: Mapping[str, object]) -> None:
        """Set entries of the key/value table; values are stored as JSON."""
        self._add("session", [(key, json.dumps(value)) for key, value in values.items()])

    def add_frame(self, stream: str, seq: int, t_ns: int, pts: int) -> None:
        """One written frame: `pts` in 1/90000 s from the stream's first frame."""
        self._add("frames", [(stream, seq, t_ns, pts)])

    def add_motion(self, result: StabilizedFrame) -> None:
        """State, reason and transform of one frame, whether or not its picture was kept."""
        step = None if result.motion is None else _blob(result.motion.current_from_previous)
        row = (
            result.raw.seq,
            result.raw.captured_ns,
            result.tracking.value,
            result.mode.value,
            result.reason,
            _blob(result.stabilized_from_raw),
            step,
        )
        self._add("motion", [row])

    def add_gap(self, gap: Gap) -> None:
        """Missing frames, with their time."""
        self._add("gaps", [(gap.stream, gap.kind, gap.first_seq, gap.count, gap.start_ns, gap.end_ns)])

    def add_event(self, t_ns: int, kind: str, text: str = "") -> None:
        """Something that happened: still, pause, resume, disk warning."""
        self._add("events", [(t_ns, kind, text)])

    def close(self) -> None:
        """Commit what is pending and close. Raises RecordingError if the disk refused rows."""
        self._is_closing.set()
        self._thread.join()
        self._flush()
        self._connection.close()
        if self.error is not None:
            raise RecordingError(
                f"The session data base could not be written on: {self.error}.", "Free disk space; the video is kept."
            ) from self.error

    def _add(self, table: str, rows: Iterable[Row]) -> None:
        with self._lock:
            self._pending[table].extend(rows)

    def _run(self) -> None:
        while not self._is_closing.wait(COMMIT_EVERY_S):
            self._flush()

    def _flush(self) -> None:
        with self._lock:
            batch, self._pending = self._pending, {name: [] for name in INSERTS}
        try:
            with self._connection:
                for table, rows in batch.items():
                    self._connection.executemany(INSERTS[table], rows)
            if isinstance(self.error, sqlite3.OperationalError):
                self.error = None  # what was refused then is written now
        except sqlite3.Error as error:
            self.error = error
            if isinstance(error, sqlite3.OperationalError):  # busy or full: it may have passed at the next commit
                with self._lock:
                    self._pending = {table: rows + self._pending[table] for table, rows in batch.items()}
