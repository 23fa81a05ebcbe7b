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


def read_patient(path: Path, typed: Patient | None = None) -> Patient:
    """The patient in the file at `path`; what was `typed` beside it must say the same.

    The file is answered either way; raises RecordingError if it is refused.
    """
    parser, encoding = _read(path)
    try:
        patient = _patient(parser, path)
        _compare(patient, typed or Patient(), path)
    except RecordingError:
        _answer(path, parser, encoding, REFUSED)
        raise
    _answer(path, parser, encoding, OK)
    return patient


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
        parser = configparser.ConfigParser(interpolation=None, strict=True)
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
        if len(birthday) != 8 or not birthday.isascii():
            raise ValueError
        born = date(int(birthday[:4]), int(birthday[4:6]), int(birthday[6:]))
    except ValueError as error:
        raise RecordingError(
            f"The birth date '{birthday}' in {path.name} is no date (YYYYMMDD).", "Correct it in the practice software."
        ) from error
    return accepted(Patient(entries["PATID"], entries["LASTNAME"], entries["FIRSTNAME"], born.isoformat()))


def _answer(path: Path, parser: configparser.ConfigParser, encoding: str, level: int) -> None:
    """Tell the practice software that the file was read (READY=1) and with what result."""
    if not parser.has_section(SECTION):
        return
    parser.set(SECTION, "READY", "1")
    parser.set(SECTION, "ERRORLEVEL", str(level))
    temporary = path.with_name(f".{path.name}.answer")
    try:
        with temporary.open("w", encoding=encoding.removesuffix("-sig"), newline="\r\n") as file:
            parser.write(file, space_around_delimiters=False)
        temporary.replace(path)
    except OSError as error:
        raise RecordingError(
            f"The patient file {path.name} cannot be answered: {error.strerror}.", "Allow writing in its folder."
        ) from error
