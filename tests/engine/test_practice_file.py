"""The VDDS patient file on its way in: read, answered, or refused and answered so."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import RecordingError
from engine.recording.session_folder import Patient
from engine.recording.vdds import PatientFile


def vdds(folder: Path, **changes: str) -> Path:
    entries = {"PVS": "X", "PATID": "12", "LASTNAME": "Müller", "FIRSTNAME": "Jo", "BIRTHDAY": "19800229", "READY": "1"}
    lines = [f"{key}={value}" for key, value in (entries | changes).items() if value != "-"]
    path = folder / "patient.ini"
    path.write_text("[PATIENT]\r\n" + "\r\n".join(lines), encoding="cp1252")
    return path


def test_a_vdds_patient_is_read_and_answered(tmp_path: Path) -> None:
    path = vdds(tmp_path)
    file = PatientFile(path)
    assert file.patient == Patient("12", "Müller", "Jo", "1980-02-29")
    assert "ERRORLEVEL" not in path.read_text(encoding="cp1252"), "answered when it is known what became of it"
    file.answer(is_taken=True)
    assert "ERRORLEVEL=0" in path.read_text(encoding="cp1252")
    assert [one.name for one in tmp_path.iterdir()] == ["patient.ini"]


def test_a_vdds_patient_who_was_not_taken_over_is_answered_so(tmp_path: Path) -> None:
    path = vdds(tmp_path)
    PatientFile(path).answer(is_taken=False)
    assert "READY=1" in path.read_text(encoding="cp1252")
    assert "ERRORLEVEL=1" in path.read_text(encoding="cp1252")


@pytest.mark.parametrize(
    "changes",
    [
        {"BIRTHDAY": "29021980"},
        {"BIRTHDAY": "1980229"},
        {"BIRTHDAY": "1980 2 9"},
        {"BIRTHDAY": "1980+2+9"},
        {"BIRTHDAY": "22220229"},
        {"BIRTHDAY": "17800229"},
        {"PATID": "-"},
        {"PATID": "7\\8"},
        {"LASTNAME": ""},
        {"LASTNAME": "Roe^Ann"},
        {"READY": "0"},
    ],
)
def test_a_doubtful_vdds_patient_is_refused_and_answered_so(tmp_path: Path, changes: dict[str, str]) -> None:
    path = vdds(tmp_path, **changes)
    with pytest.raises(RecordingError):
        PatientFile(path)
    assert "ERRORLEVEL=1" in path.read_text(encoding="cp1252")


def test_a_vdds_patient_who_contradicts_what_was_typed_is_answered_with_an_error(tmp_path: Path) -> None:
    path = vdds(tmp_path)
    with pytest.raises(RecordingError, match="different patients"):
        PatientFile(path, Patient("12", "Mueller"))
    assert "ERRORLEVEL=1" in path.read_text(encoding="cp1252")
    assert [one.name for one in tmp_path.iterdir()] == ["patient.ini"]


@pytest.mark.parametrize("text", ["PATID=1", "[PATIENT]\nPATID=1\nPATID=2", "[PATIENT\nPATID", "\x00\x81\x8d" * 9])
def test_a_malformed_patient_file_is_refused_and_left_as_it_was(tmp_path: Path, text: str) -> None:
    path = tmp_path / "patient.ini"
    path.write_text(text, encoding="latin-1")
    with pytest.raises(RecordingError):
        PatientFile(path)
    assert path.read_text(encoding="latin-1") == text


def test_a_number_in_a_section_of_defaults_is_nobodys(tmp_path: Path) -> None:
    path = vdds(tmp_path, PATID="-")
    path.write_text("[DEFAULT]\nPATID=9\n" + path.read_text(encoding="cp1252"), encoding="cp1252")
    with pytest.raises(RecordingError, match="leaves out PATID"):
        PatientFile(path)
