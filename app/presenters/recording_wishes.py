"""What the settings say of recordings: where they lie, which streams, how good; and what a crash left there."""

from __future__ import annotations

from pathlib import Path

import platformdirs

from app.desk import Desk
from engine.archive.checkup import repair
from engine.errors import RecordingError
from engine.recording.recorder import RecordingOptions
from engine.recording.recovery import unfinished_sessions
from engine.recording.session_folder import STREAMS

Recovered = tuple[list[tuple[str, float]], list[RecordingError]]  # id and seconds lost of the repaired, and refusals


def library_of(desk: Desk) -> Path:
    """The folder of all sessions, from the settings or the user's documents."""
    chosen = desk.preferences.settings.recording.library
    return Path(chosen) if chosen else platformdirs.user_documents_path() / "Steadyscope"


def options_of(desk: Desk) -> RecordingOptions:
    """For the next recording."""
    wanted = desk.preferences.settings.recording
    return RecordingOptions(
        library_of(desk),
        STREAMS if wanted.keeps_enhanced else STREAMS[:2],
        wanted.crf,
        is_hardware_encoder_allowed=wanted.is_hardware_encoder_allowed,
        operator=wanted.operator,
    )


def recovered(library: Path) -> Recovered:
    """Repair what a crash left open; slow."""
    repaired, refusals = [], []
    for folder in unfinished_sessions(library):
        try:
            repaired.append((folder.session_id, repair(folder).lost_s))
        except RecordingError as error:  # the others can be mended all the same
            refusals.append(error)
    return repaired, refusals
