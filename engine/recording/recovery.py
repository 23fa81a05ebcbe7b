"""Sessions that a crash left open: find them, see what is whole, mend the books, say what was lost."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from engine.errors import RecordingError
from engine.recording.audit import faults_in, mend_audit
from engine.recording.index import connect, connect_to_read
from engine.recording.library import UNFINISHED, folders_in, is_being_recorded
from engine.recording.motion_file import write_motion
from engine.recording.salvage import FaultOf, damage_of, no_object, salvage
from engine.recording.session_folder import STREAMS, SessionFolder
from engine.recording.video_check import TICKS_PER_S, StreamCheck, check_video
from engine.recording.video_salvage import mend_video


@dataclass(frozen=True, slots=True)
class SessionCheck:
    """The result of verifying one session."""

    session_id: str
    state: str  # "recording" (left by a crash, or running), "complete", "incomplete", "repaired"
    streams: tuple[StreamCheck, ...]
    lost_s: float  # time between the last booked and the last readable frame, the worse of the streams
    problems: tuple[str, ...]

    @property
    def is_whole(self) -> bool:
        """Nothing is missing and nothing contradicts."""
        return not self.problems


def unfinished_sessions(library: Path) -> list[SessionFolder]:
    """Sessions under `library` that were never closed and whose recorder is gone."""
    found = []
    for path in folders_in(library):
        folder = SessionFolder(path)
        if folder.database.is_file() and read_state(folder) == UNFINISHED and not is_being_recorded(folder):
            found.append(folder)
    return found


def read_state(folder: SessionFolder) -> str:
    """The state in the books; "unreadable" when the data base is damaged."""
    try:
        with closing(connect_to_read(folder.database)) as connection:
            row = connection.execute("SELECT value FROM session WHERE key = 'state'").fetchone()
        return str(json.loads(row[0])) if row else "unreadable"
    except (sqlite3.Error, RecordingError, TypeError, ValueError):
        return "unreadable"


def verify(folder: SessionFolder, fault_of: FaultOf = no_object) -> SessionCheck:
    """Read every packet of every video and compare with the books; read the audit trail. Changes nothing.

    `fault_of` judges what was saved as annotations; `engine.archive.checkup` knows how to.
    """
    damage = damage_of(folder, fault_of)
    words = damage.words
    connection = connect_to_read(folder.database)
    problems: list[str] = []
    streams: list[StreamCheck] = []
    lost_s = 0.0
    try:
        for name in STREAMS:
            last_pts, booked = connection.execute(
                "SELECT COALESCE(MAX(pts), 0), COUNT(*) FROM frames WHERE stream = ?", (name,)
            ).fetchone()
            path = folder.video(name)
            if not booked and not path.exists():
                continue
            check = check_video(name, path, booked)
            streams.append(check)
            lost_s = max(lost_s, last_pts / TICKS_PER_S - check.duration_s)
            if check.problem:
                problems.append(f"{path.name}: {check.problem}")
            elif check.frames_in_video != booked:
                problems.append(f"{path.name}: {check.frames_in_video} frames in the video, {booked} in the index")
            elif check.is_mendable:
                problems.append(f"{path.name}: ends in the middle of a frame")
    except sqlite3.Error as error:
        words = words or f"session.sqlite: {error}"
    finally:
        connection.close()
    problems.extend(filter(None, (words, *damage.rows, *faults_in(folder.audit))))
    state = read_state(folder)
    if state == UNFINISHED:
        problems.insert(0, "the session was never closed")
    return SessionCheck(folder.session_id, state, tuple(streams), max(lost_s, 0.0), tuple(problems))


def repair(folder: SessionFolder, fault_of: FaultOf = no_object) -> SessionCheck:
    """Close a session that a crash left open: books cut to what the videos hold, motion.npz written, loss noted.

    What a video that was cut short still holds is brought back first, and the cut file kept beside it. A data base that
    is gone or damaged is written anew from what can be read, and kept too. Returns how the session stands now, and what
    this repair found lost. Raises RecordingError.
    """
    if folder.database.is_file() and is_being_recorded(folder):
        raise RecordingError(f"Session {folder.session_id} is being recorded.", "Stop the recording first.")
    trail = mend_audit(folder.audit)  # not in the books: no export lacks anything for want of it
    mended = tuple(filter(None, (mend_video(folder.video(name)) for name in STREAMS)))
    damage = damage_of(folder, fault_of)
    if damage:
        salvage(folder, fault_of)
    before = verify(folder, fault_of)
    problems = tuple(filter(None, (damage.words, *mended, *before.problems)))
    length_s = max((stream.duration_s for stream in before.streams), default=0.0)
    connection = connect(folder.database)
    try:
        with connection:
            for stream in before.streams:
                if not stream.problem:
                    _fit_books(connection, stream)
            if problems:
                _note_loss(connection, before, problems)
            connection.execute("INSERT OR IGNORE INTO session VALUES ('duration_s', ?)", (json.dumps(length_s),))
        write_motion(connection, folder.motion)
    except sqlite3.Error as error:
        raise RecordingError(
            f"The books of session {folder.session_id} cannot be mended: {error}.",
            "The videos in its folder can still be played; keep a copy of the folder.",
        ) from error
    finally:
        connection.close()
    for leftover in folder.stills.glob("*.tmp"):
        with suppress(OSError):
            leftover.unlink()
    if problems or trail:
        said = [*problems, *damage.rows, *trail]
        folder.note("session repaired", datetime.now().astimezone(), lost_s=before.lost_s, problems=said)
    return replace(verify(folder, fault_of), lost_s=before.lost_s)


def _note_loss(connection: sqlite3.Connection, before: SessionCheck, problems: tuple[str, ...]) -> None:
    """What was wrong and what is lost, beside what is known already: no repair makes an earlier loss forgotten."""
    known = dict(connection.execute("SELECT key, value FROM session WHERE key IN ('lost_by_crash_s', 'problem')"))
    said = json.loads(known.get("problem", '""'))
    new = [problem for problem in problems if problem not in said]
    for key, value in {
        "state": "repaired" if before.state == UNFINISHED else before.state,
        "lost_by_crash_s": round(json.loads(known.get("lost_by_crash_s", "0")) + before.lost_s, 3),
        "problem": "; ".join(filter(None, (said, *new))),
    }.items():
        connection.execute("INSERT OR REPLACE INTO session VALUES (?, ?)", (key, json.dumps(value)))


def _fit_books(connection: sqlite3.Connection, stream: StreamCheck) -> None:
    """Strike the frames that the video does not hold, and book those that the index does not hold, or no longer."""
    last = stream.pts[-1] if stream.pts else -1
    connection.execute("DELETE FROM frames WHERE stream = ? AND pts > ?", (stream.name, last))
    rows = connection.execute(
        "SELECT pts, seq, t_ns FROM frames WHERE stream = ? ORDER BY pts", (stream.name,)
    ).fetchall()
    booked = {pts + slack: seq for slack in (1, -1, 0) for pts, seq, _ in rows}
    first_pts, seq, first_ns = rows[0] if rows else (0, 0, 0)
    seq -= 1 + sum(pts < first_pts - 1 for pts in stream.pts)
    for pts in stream.pts:
        if pts in booked:
            seq = booked[pts]
            continue
        seq += 1
        at_ns = first_ns + round((pts - first_pts) * 1e9 / TICKS_PER_S)
        connection.execute("INSERT OR IGNORE INTO frames VALUES (?, ?, ?, ?)", (stream.name, seq, at_ns, pts))
