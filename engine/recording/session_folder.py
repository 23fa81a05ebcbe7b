"""Names inside a session folder, and the identity that is written into it. No patient data ever stands in a name."""

from __future__ import annotations

import json
import os
import re
import secrets
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path

from engine.errors import RecordingError

RAW, STABILIZED, ENHANCED = "raw", "stabilized", "enhanced"
STREAMS = (RAW, STABILIZED, ENHANCED)
FORBIDDEN = re.compile(r"[\x00-\x1f]")
DELIMITERS = re.compile(r"[\\^=]")  # of DICOM: in a name they would make another person of it
ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
LONGEST_LIFE_YEARS = 130


@dataclass(frozen=True, slots=True)
class Patient:
    """Who is recorded. All empty for a demonstration. Goes into the data base only, never into a file name."""

    patient_id: str = ""
    family_name: str = ""
    given_name: str = ""
    birth_date: str = ""  # ISO 8601 YYYY-MM-DD, or empty

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if FORBIDDEN.search(value) or len(value) > 64:
                raise RecordingError(
                    f"The patient's {name.replace('_', ' ')} holds control characters or over 64 characters.",
                    "Type it again.",
                )
        if self.birth_date:
            try:
                date.fromisoformat(self.birth_date)
            except ValueError as error:
                raise RecordingError(
                    f"The birth date '{self.birth_date}' is no date.", "Write it as YYYY-MM-DD."
                ) from error


def accepted(patient: Patient) -> Patient:
    """The same patient, where identity comes in: typed, from a command line or from practice software.

    Raises RecordingError for what is malformed beyond what a stored session may hold: the wrong patient is a hazard.
    """
    for name, value in asdict(patient).items():
        if DELIMITERS.search(value):
            raise RecordingError(
                f"The patient's {name.replace('_', ' ')} '{value}' holds one of ^ = \\.", "Write it without them."
            )
    if patient.birth_date:
        today = date.today()
        if ISO_DATE.fullmatch(patient.birth_date) is None:
            raise RecordingError(f"The birth date '{patient.birth_date}' is no date.", "Write it as YYYY-MM-DD.")
        born = date.fromisoformat(patient.birth_date)
        if not today.year - LONGEST_LIFE_YEARS <= born.year or born > today:
            raise RecordingError(f"Nobody alive was born on {patient.birth_date}.", "Correct the date of birth.")
    if not patient.patient_id and (patient.family_name or patient.given_name or patient.birth_date):
        raise RecordingError("A name or birth date was given without a patient number.", "Give the number too.")
    return patient


class SessionFolder:
    """The files of one session."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @classmethod
    def create(cls, library: Path, started: datetime) -> SessionFolder:
        """A new folder under `library`, named by time and chance alone. Raises RecordingError."""
        refuse_session_folder(library)
        name = f"{started:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
        folder = cls(library / name)
        try:
            folder.stills.mkdir(parents=True)
        except OSError as error:
            raise RecordingError(
                f"No session folder can be made in {library}: {error.strerror}.",
                "Choose another folder in the settings.",
            ) from error
        return folder

    @classmethod
    def existing(cls, root: Path) -> SessionFolder:
        """The folder at `root`. Raises RecordingError if it holds no session."""
        folder = cls(root)
        if not folder.database.is_file():
            remedy = "Run `steadyscope session repair` on it." if folder.has_video else "Choose a session folder."
            raise RecordingError(f"{root} holds no session (session.sqlite is missing).", remedy)
        return folder

    @property
    def has_video(self) -> bool:
        """Is there a recording, whatever became of its books?"""
        return any(self.video(stream).is_file() for stream in STREAMS)

    @property
    def session_id(self) -> str:
        """The folder's name."""
        return self.root.name

    @property
    def database(self) -> Path:
        """SQLite in WAL mode: the truth about the session."""
        return self.root / "session.sqlite"

    @property
    def stills(self) -> Path:
        """PNG pictures, full size."""
        return self.root / "stills"

    @property
    def audit(self) -> Path:
        """One JSON object a line: who did what when."""
        return self.root / "audit.jsonl"

    @property
    def motion(self) -> Path:
        """The motion table as NumPy arrays, written at a clean close."""
        return self.root / "motion.npz"

    def video(self, stream: str) -> Path:
        """`raw.mp4`, `stabilized.mp4` or `enhanced.mp4`."""
        return self.root / f"{stream}.mp4"

    def note(self, action: str, at: datetime, **details: object) -> None:
        """Append one line to the audit trail, below what a crash may have torn there. Raises RecordingError."""
        line = json.dumps({"at": at.isoformat(timespec="milliseconds"), "action": action, **details})
        try:
            with self.audit.open("a+b") as file:
                is_torn = file.tell() > 0 and file.seek(-1, os.SEEK_END) >= 0 and file.read(1) != b"\n"
                file.write(b"\n" * is_torn + line.encode() + b"\n")
        except OSError as error:
            raise RecordingError(
                f"The audit trail of session {self.session_id} cannot be written on: {error.strerror}.",
                "Free disk space and try again.",
            ) from error


def refuse_session_folder(*places: Path | None) -> None:
    """Raises RecordingError where something else than a recording would be written into a session's folder.

    Every command that writes asks before it works. Of a place that cannot be looked at, writing says what is the
    matter; None is no place.
    """
    for place in places:
        if place is not None and any(map(_is_certainly_session, (place, *_above(place)))):
            raise RecordingError(
                f"{place} lies in the folder of a recorded session, which it could spoil.", "Choose another place."
            )


def _above(place: Path) -> tuple[Path, ...]:
    try:
        there = place.resolve()
    except (OSError, RuntimeError):  # RuntimeError: links that lead in a circle
        return ()
    return (there, *there.parents)


def is_session(place: Path) -> bool:
    """Books are enough inside a library; a recording that has lost them has its audit trail and a video."""
    folder = SessionFolder(place)
    try:
        return folder.database.is_file() or (folder.audit.is_file() and folder.has_video)
    except OSError:
        return False


def _is_certainly_session(place: Path) -> bool:
    """Anywhere on the disk: books alone may be somebody else's file of that name."""
    folder = SessionFolder(place)
    try:
        return is_session(place) and (folder.audit.is_file() or folder.has_video)
    except OSError:
        return False
