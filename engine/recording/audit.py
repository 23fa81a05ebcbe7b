"""Is every line of a session's audit trail an entry? Those that are none are named, and set aside by a repair."""

from __future__ import annotations

import json
import shutil
from datetime import datetime
from pathlib import Path

from engine.errors import RecordingError
from engine.recording.aside import free_aside


def faults_in(audit: Path) -> tuple[str, ...]:
    """A sentence for each line that is no entry, without a word of it. Raises RecordingError."""
    try:
        lines = _lines_of(audit)
    except FileNotFoundError:
        return (f"{audit.name} is missing",)
    faults = ((number, _fault_of(line)) for number, line in enumerate(lines, 1))
    return tuple(f"{audit.name}, line {number}: {fault}" for number, fault in faults if fault)


def mend_audit(audit: Path) -> tuple[str, ...]:
    """Leave the entries alone in it, each as it was written; the old file is kept beside. Returns the faults.

    Raises RecordingError.
    """
    faults = faults_in(audit)
    if not faults:
        return ()
    new = audit.with_suffix(".new")
    try:
        if audit.is_file():
            sound = [line for line in _lines_of(audit) if not _fault_of(line)]
            shutil.copy2(audit, free_aside(audit))
            new.write_bytes(b"".join(line + b"\n" for line in sound))
            new.replace(audit)
        else:
            audit.touch()
    except OSError as error:
        raise RecordingError(
            f"The audit trail {audit} cannot be mended: {error.strerror}.", "Free disk space and try again."
        ) from error
    return faults


def _lines_of(audit: Path) -> list[bytes]:
    """Raises FileNotFoundError, RecordingError."""
    try:
        return audit.read_bytes().splitlines()
    except FileNotFoundError:
        raise
    except OSError as error:
        raise RecordingError(
            f"The audit trail {audit} cannot be read: {error.strerror}.", "Check your right to read it."
        ) from error


def _fault_of(line: bytes) -> str:
    """Empty for an entry."""
    try:
        entry = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError:
        return "It holds bytes that are no text."
    except (ValueError, RecursionError):
        return "It is no JSON."
    if not isinstance(entry, dict):
        return "It is no JSON object."
    if not (isinstance(entry.get("action"), str) and entry["action"]):
        return "It does not say what was done."
    try:
        is_said = datetime.fromisoformat(entry.get("at", "")).tzinfo is not None
    except (TypeError, ValueError):
        is_said = False
    return "" if is_said else "It does not say when."
