"""What practice software asks of a run: whom it names, and where recordings of that patient go back to."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from engine.errors import RecordingError
from engine.recording.session_folder import Patient, refuse_session_folder

FILES, DICOM = "files", "dicom"  # forms of engine.archive.exports


@dataclass(frozen=True, slots=True)
class HandBack:
    """Where recordings go and as what; each session gets a folder of its own there."""

    folder: Path
    form: str = FILES

    @classmethod
    def existing(cls, folder: Path, form: str = FILES) -> HandBack:
        """To a folder that is there. Raises RecordingError if it is not."""
        if not folder.is_dir():
            raise RecordingError(
                f"The folder to hand back to, {folder}, is not there.", "Make it, or correct the program link."
            )
        refuse_session_folder(folder)
        return cls(folder, form)


@dataclass(frozen=True, slots=True)
class Practice:
    """Nobody and nowhere when the program was started by hand."""

    patient: Patient = field(default_factory=Patient)
    hand_back: HandBack | None = None
