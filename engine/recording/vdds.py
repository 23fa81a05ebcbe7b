"""The patient file of VDDS-media 1.4 (German practice software): an INI file that we read and answer.

Section [PATIENT] with PVS, PATID, LASTNAME, FIRSTNAME, BIRTHDAY (YYYYMMDD) and READY; we set READY and ERRORLEVEL.
"""

from __future__ import annotations

import configparser
from dataclasses import asdict
from datetime import date
from pathlib import Path

from engine.errors import RecordingError
from engine.recording.session_folder import Patient, accepted

SECTION = "PATIENT"
ENCODINGS = ("utf-8-sig", "cp1252")  # the standard says Windows ANSI; newer programs write UTF-8
REQUIRED = ("PATID", "LASTNAME", "FIRSTNAME", "BIRTHDAY")
OK, REFUSED = 0, 1
LARGEST_BYTES = 64 << 10


class PatientFile:
    """One patient file: read at once, and answered when it is known what became of its patient."""

    def __init__(self, path: Path, typed: Patient | None = None) -> None:
        """What was `typed` beside the file must say the same.

        Raises RecordingError for a file that is refused, which is answered so, or that cannot be answered.
        """
        self._path = path
        self._draft = path.with_name(f".{path.name}.answer")
        self._parser, self._encoding = _read(path)
        try:
            self.patient = _patient(self._parser, path)
            _compare(self.patient, typed or Patient(), path)
        except RecordingError:
            if self._parser.has_section(SECTION):
                self.answer(is_taken=False)
            raise
        self._write(OK)  # a folder that cannot be written is found out before anything has changed

    def answer(self, *, is_taken: bool) -> None:
        """Tell the practice software that the file was read (READY=1) and what became of it (ERRORLEVEL)."""
        self._write(OK if is_taken else REFUSED)
        try:
            self._draft.replace(self._path)
        except OSError as error:
            raise self._unanswered(error) from error

    def _write(self, level: int) -> None:
        self._parser.set(SECTION, "READY", "1")
        self._parser.set(SECTION, "ERRORLEVEL", str(level))
        try:
            with self._draft.open("w", encoding=self._encoding.removesuffix("-sig"), newline="\r\n") as file:
                self._parser.write(file, space_around_delimiters=False)
        except OSError as error:
            raise self._unanswered(error) from error

    def _unanswered(self, error: OSError) -> RecordingError:
        return RecordingError(
            f"The patient file {self._path.name} cannot be answered: {error.strerror}.",
            "Allow writing in its folder.",
        )


def _compare(there: Patient, typed: Patient, path: Path) -> None:
    for name, value in asdict(typed).items():
        if value and value != getattr(there, name):
            raise RecordingError(
                f"The command line and {path.name} name different patients ({name.replace('_', ' ')}).",
                "Start again from the practice software.",
            )


def _read(path: Path) -> tuple[configparser.ConfigParser, str]:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise RecordingError(
            f"The patient file {path.name} cannot be read: {error.strerror}.", "Start again from the practice software."
        ) from error
    if len(data) > LARGEST_BYTES:
        raise RecordingError(f"{path.name} is far too long for a patient file.", "Check the program link.")
    for encoding in ENCODINGS:
        # no section of defaults: a patient number that stands elsewhere is not this patient's
        parser = configparser.ConfigParser(interpolation=None, strict=True, default_section="")
        parser.optionxform = str.upper  # type: ignore[method-assign,assignment]
        try:
            parser.read_string(data.decode(encoding))
        except UnicodeDecodeError:
            continue
        except configparser.Error as error:
            raise RecordingError(
                f"The patient file {path.name} is malformed ({error.message.splitlines()[0]}).",
                "Start again from the practice software.",
            ) from error
        return parser, encoding
    raise RecordingError(f"The patient file {path.name} is no text.", "Check the program link.")


def _patient(parser: configparser.ConfigParser, path: Path) -> Patient:
    if not parser.has_section(SECTION):
        raise RecordingError(f"{path.name} has no section [{SECTION}].", "Check the program link.")
    entries = {name: value.strip() for name, value in parser.items(SECTION)}
    missing = [name for name in REQUIRED if not entries.get(name)]
    if missing:
        raise RecordingError(
            f"{path.name} leaves out {', '.join(missing)}.", "Complete the patient in the practice software."
        )
    if entries.get("READY", "1") == "0":
        raise RecordingError(f"{path.name} is not ready: READY is 0.", "Start again from the practice software.")
    birthday = entries["BIRTHDAY"]
    try:
        if len(birthday) != 8 or not (birthday.isascii() and birthday.isdigit()):
            raise ValueError
        born = date(int(birthday[:4]), int(birthday[4:6]), int(birthday[6:]))
    except ValueError as error:
        raise RecordingError(
            f"The birth date '{birthday}' in {path.name} is no date (YYYYMMDD).", "Correct it in the practice software."
        ) from error
    return accepted(Patient(entries["PATID"], entries["LASTNAME"], entries["FIRSTNAME"], born.isoformat()))
