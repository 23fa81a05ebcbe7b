"""A session's data base on a disc or share that cannot be written: opened for reading alone."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

LOG = "-wal"  # beside the data base: what was committed and not yet moved into it


def is_unwritable(error: BaseException | None) -> bool:
    """Was a data base refused because of where it lies, not because of what it holds?"""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return code in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY)


def connect_read_only(path: Path) -> sqlite3.Connection:
    """Everything that was committed, also what still stands in the log beside it. Raises sqlite3.Error or OSError."""
    log = path.with_name(path.name + LOG)
    if log.is_file() and log.stat().st_size:
        return _copied(path, log)
    address = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
    connection = sqlite3.connect(address, uri=True, check_same_thread=False)
    try:
        connection.execute("PRAGMA schema_version")  # SQLite looks at the file only when it is asked something
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _copied(path: Path, log: Path) -> sqlite3.Connection:
    """In memory: SQLite reads a log only where it may write beside it."""
    with TemporaryDirectory() as scratch:
        for file in (path, log):
            shutil.copyfile(file, Path(scratch) / file.name)
        with closing(sqlite3.connect(Path(scratch) / path.name)) as copy:
            connection = sqlite3.connect(":memory:", check_same_thread=False)
            copy.backup(connection)
    connection.execute("PRAGMA query_only = ON")
    return connection
