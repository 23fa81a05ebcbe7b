"""Verify and repair with all that the house knows: videos, books, and whether what was saved as annotations is one."""

from __future__ import annotations

from engine.annotation.store import fault_of
from engine.recording import recovery
from engine.recording.recovery import SessionCheck
from engine.recording.session_folder import SessionFolder


def verify(folder: SessionFolder) -> SessionCheck:
    """As `recovery.verify`; each row that holds no annotation is named with what is wrong. Raises RecordingError."""
    return recovery.verify(folder, fault_of)


def repair(folder: SessionFolder) -> SessionCheck:
    """As `recovery.repair`; rows that hold no annotation stay in the old data base, which is kept beside.

    Raises RecordingError.
    """
    return recovery.repair(folder, fault_of)
