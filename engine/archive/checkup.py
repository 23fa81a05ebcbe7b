"""Verify and repair with all that the house knows: videos, books, and whether what was saved as annotations is one."""

from __future__ import annotations

import os

import av

from engine.annotation.store import fault_of
from engine.archive.reader import SessionView
from engine.errors import RecordingError
from engine.recording import recovery
from engine.recording.recovery import SessionCheck
from engine.recording.session_folder import SessionFolder
from engine.recording.video_check import frames_to_mend


def verify(folder: SessionFolder) -> SessionCheck:
    """As `recovery.verify`; each row that holds no annotation is named with what is wrong. Raises RecordingError."""
    return recovery.verify(folder, fault_of)


def repair(folder: SessionFolder) -> SessionCheck:
    """As `recovery.repair`; rows that hold no annotation stay in the old data base, which is kept beside.

    Raises RecordingError.
    """
    return recovery.repair(folder, fault_of)


def refuse_cut_video(session: SessionView) -> None:
    """Raises RecordingError for a video that nothing can open and a repair brings back.

    Quick: no packet is read. Where a repair could not write, what else there is can be looked at all the same.
    """
    for stream in session.frame_times_ns:
        path = session.folder.video(stream)
        if path.is_file() and os.access(session.folder.root, os.W_OK) and not _opens(path) and frames_to_mend(path, 0):
            raise RecordingError(f"{path.name} was cut short.", "Run `steadyscope session repair` on the session.")


def _opens(path: os.PathLike[str]) -> bool:
    try:
        with av.open(os.fspath(path)) as container:
            return bool(container.streams.video)
    except (av.FFmpegError, OSError):
        return False
