"""A finished session as one value: identity, time line, motion, gaps, videos. Opening changes nothing."""

from __future__ import annotations

import sqlite3
from bisect import bisect_right
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np

from engine.annotation.mapping import FramePose
from engine.annotation.shapes import Annotation
from engine.annotation.store import AnnotationStore
from engine.errors import RecordingError
from engine.recording.index import Gap, connect_to_read
from engine.recording.library import read_session, started_of
from engine.recording.session_folder import STREAMS, Patient, SessionFolder
from engine.values import Mode

LOST_STATES = ("lost", "reanchoring")
LOST, BYPASS = "lost", "bypass"


@dataclass(frozen=True, slots=True)
class Stretch:
    """A span of the time line, in nanoseconds from the first raw frame."""

    start_ns: int
    end_ns: int
    kind: str  # "lost", "bypass" (the raw picture stood in its place), or a gap's kind


@dataclass(frozen=True, slots=True)
class SessionView:
    """Everything of a session but the pixels. Times are nanoseconds from the first raw frame."""

    folder: SessionFolder
    entries: dict[str, object]
    first_ns: int  # monotonic time of the first raw frame: what "0" means
    duration_ns: int
    frame_times_ns: dict[str, tuple[int, ...]]  # per stream
    frame_seqs: dict[str, tuple[int, ...]]
    poses: tuple[FramePose, ...]  # per processed frame, by time
    gaps: tuple[Gap, ...]
    stretches: tuple[Stretch, ...]  # tracking lost, and frames missing
    stills: tuple[Path, ...]

    @property
    def patient(self) -> Patient:
        """Who was recorded."""
        entry = self.entries.get("patient")
        try:
            return Patient(**entry) if isinstance(entry, dict) else Patient()
        except TypeError as error:
            raise self._unsaid("patient") from error

    @property
    def started(self) -> datetime:
        """When it was recorded, with its zone. Raises RecordingError when the books do not say."""
        return started_of(self.folder, self.entries)

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) of the camera's frames."""
        source = self.entries.get("source")
        try:
            return int(source["width"]), int(source["height"])  # type: ignore[index]
        except (TypeError, ValueError, KeyError) as error:
            raise self._unsaid("source") from error

    def _unsaid(self, what: str) -> RecordingError:
        return RecordingError(
            f"Session {self.folder.session_id} has no readable {what} entry.", "Run `steadyscope session repair` on it."
        )

    def pose_index(self, t_ns: int) -> int | None:
        """Index into `poses` of the frame shown at `t_ns`; None before the first."""
        index = bisect_right(self.poses, t_ns, key=_pose_time) - 1
        return index if index >= 0 else None

    def annotations(self) -> tuple[Annotation, ...]:
        """As saved now, as far as they can be read. Raises AnnotationError."""
        with closing(AnnotationStore(self.folder.database)) as store:
            return store.load().annotations

    def unreadable_annotations(self) -> tuple[str, ...]:
        """A sentence for each annotation that `annotations` leaves out. Raises AnnotationError."""
        with closing(AnnotationStore(self.folder.database)) as store:
            store.load()
            return store.unreadable


def open_session(root: Path) -> SessionView:
    """Read the session folder at `root`. Raises RecordingError."""
    folder = SessionFolder.existing(root)
    entries = read_session(folder)
    connection = connect_to_read(folder.database)
    try:
        times, seqs = {}, {}
        for stream in STREAMS:
            rows = connection.execute("SELECT t_ns, seq FROM frames WHERE stream=? ORDER BY t_ns", (stream,)).fetchall()
            _require_numbers(rows)
            if rows:
                times[stream] = [row[0] for row in rows]
                seqs[stream] = tuple(row[1] for row in rows)
        motion = connection.execute(
            "SELECT t_ns, stabilized_from_raw, current_from_previous, tracking, mode FROM motion ORDER BY t_ns"
        ).fetchall()
        gaps = [Gap(*row) for row in connection.execute("SELECT * FROM gaps ORDER BY start_ns")]
        _require_numbers([row[:1] for row in motion])
        _require_numbers([(gap.start_ns, gap.end_ns, gap.count) for gap in gaps])
    except (sqlite3.Error, TypeError) as error:
        raise RecordingError(
            f"Session {folder.session_id} cannot be read: {error}.", "Run `steadyscope session repair` on it."
        ) from error
    finally:
        connection.close()
    if not times:
        raise RecordingError(f"Session {folder.session_id} holds no frames.", "Run `steadyscope session repair` on it.")
    first_ns = min(stream[0] for stream in times.values())
    last_ns = max(stream[-1] for stream in times.values())
    poses = [
        FramePose(row[0] - first_ns, _matrix(row[1]), None if row[2] is None else _matrix(row[2])) for row in motion
    ]
    lost = _lost_stretches([(row[0] - first_ns, _kind_of(row[3], row[4])) for row in motion])
    missing = [Stretch(gap.start_ns - first_ns, gap.end_ns - first_ns, gap.kind) for gap in gaps if gap.stream == "raw"]
    return SessionView(
        folder,
        entries,
        first_ns,
        last_ns - first_ns,
        {name: tuple(t - first_ns for t in stream) for name, stream in times.items()},
        seqs,
        tuple(poses),
        tuple(gaps),
        tuple(sorted([*lost, *missing], key=_start)),
        tuple(sorted(folder.stills.glob("*.png"))),
    )


def _require_numbers(rows: Iterable[tuple[object, ...]]) -> None:
    """SQLite keeps words in a column of numbers. Raises TypeError."""
    if not all(isinstance(value, int) for row in rows for value in row):
        raise TypeError("a time or a number in its tables is none")


def _matrix(blob: bytes) -> np.ndarray:
    try:
        return np.frombuffer(blob, "<f8").reshape(3, 3)
    except ValueError as error:
        raise RecordingError(
            "The session's table of motion is damaged.", "Run `steadyscope session repair` on it."
        ) from error


def _kind_of(tracking: str, mode: str) -> str:
    """Empty while the picture is held on the tooth. An engine that is late tells nothing of the tooth."""
    if mode == Mode.PASSTHROUGH.value:
        return BYPASS
    return LOST if tracking in LOST_STATES else ""


def _lost_stretches(states: list[tuple[int, str]]) -> list[Stretch]:
    """Of the (time, kind) of each frame."""
    stretches: list[Stretch] = []
    start, kind = 0, ""
    for t_ns, now in states:
        if now != kind:
            if kind:
                stretches.append(Stretch(start, t_ns, kind))
            start, kind = t_ns, now
    if kind:
        stretches.append(Stretch(start, states[-1][0], kind))
    return stretches


def _pose_time(pose: FramePose) -> int:
    return pose.t_ns


def _start(stretch: Stretch) -> int:
    return stretch.start_ns
