"""motion.npz: the motion table of a finished session as NumPy arrays, for whoever does not speak SQL."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from pathlib import Path

import numpy as np

from engine.errors import RecordingError


def write_motion(connection: sqlite3.Connection, path: Path) -> int:
    """Write `seq` (N,), `t_ns` (N,), `tracking`, `mode` (N,) and `stabilized_from_raw` (N, 3, 3); returns N.

    Raises RecordingError when the disk refuses it, and sqlite3.Error.
    """
    rows = connection.execute(
        "SELECT seq, t_ns, tracking, mode, stabilized_from_raw FROM motion ORDER BY seq"
    ).fetchall()
    temporary = path.with_suffix(".tmp.npz")
    try:
        np.savez_compressed(
            temporary,
            seq=np.array([row[0] for row in rows], np.int64),
            t_ns=np.array([row[1] for row in rows], np.int64),
            tracking=np.array([row[2] for row in rows], "U16"),
            mode=np.array([row[3] for row in rows], "U16"),
            stabilized_from_raw=np.array([np.frombuffer(row[4], "<f8") for row in rows]).reshape(-1, 3, 3),
        )
        temporary.replace(path)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise RecordingError(f"{path.name} cannot be written: {error.strerror}.", "Free disk space.") from error
    return len(rows)
