"""What one start says to another arrives as it was said, or is refused; nothing in it is guessed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from app.start_request import MOST_BYTES, Answer, StartRequest, answer_in, answer_line, request_in, request_line
from engine.errors import RecordingError
from engine.recording.practice import DICOM, HandBack, Practice
from engine.recording.session_folder import Patient

ANN = Patient("7", "Roe", "Änn", "1990-05-06")
NOW = 5_000_000_000


def line(**changes: Any) -> bytes:
    """A good request with some of its entries changed; None for `absent` leaves one out."""
    entries = json.loads(request_line(StartRequest(Practice(ANN), NOW))) | changes
    return json.dumps({key: value for key, value in entries.items() if value != "absent"}).encode() + b"\n"


def test_a_request_and_an_answer_arrive_as_they_were_sent(tmp_path: Path) -> None:
    for practice in (Practice(), Practice(ANN), Practice(ANN, HandBack(tmp_path, DICOM))):
        request = StartRequest(practice, NOW)
        assert request_in(request_line(request), NOW) == request
    answer = Answer(False, "Nein.", "Später.")
    assert answer_in(answer_line(answer)) == answer


@pytest.mark.parametrize(
    "bad",
    [
        b"",
        b"\n",
        b"\xff\xfe\n",
        b"GET / HTTP/1.1\n",
        b"[]\n",
        b"7\n",
        b"[" * 5000 + b"\n",
        line() + line(),
        line(steadyscope="absent"),
        line(steadyscope=True),
        line(patient="absent"),
        line(patient=None),
        line(patient={"patient_id": "7"}),
        line(patient={"patient_id": 7, "family_name": "", "given_name": "", "birth_date": ""}),
        line(patient={"patient_id": "", "family_name": "Roe", "given_name": "", "birth_date": ""}),
        line(patient={"patient_id": "7", "family_name": "Roe^X", "given_name": "", "birth_date": ""}),
        line(patient={"patient_id": "7", "family_name": "", "given_name": "", "birth_date": "6.5.1990"}),
        line(hand_back={"folder": "there", "form": "files"}),
        line(hand_back={"folder": "/tmp", "form": "fax"}),
        line(hand_back={"folder": "/tmp\0", "form": "files"}),
        line(hand_back="/tmp"),
        line(more="than asked"),
        line(expires_ns=NOW - 1),
        line(expires_ns=NOW + 3_600_000_000_000),
        line(expires_ns=float(NOW)),
        line(expires_ns=True),
        line().replace(b'"patient":', b'"patient": {}, "patient":'),
        line()[:-2] + b"\n",
        b" " * MOST_BYTES + line(),
    ],
)
def test_a_malformed_late_or_contradicting_request_is_refused(bad: bytes) -> None:
    with pytest.raises(RecordingError):
        request_in(bad, NOW)


def test_nobody_cannot_have_recordings_handed_back(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="hand back"):
        request_in(request_line(StartRequest(Practice(Patient(), HandBack(tmp_path)), NOW)), NOW)


def test_another_version_is_told_in_so_many_words() -> None:
    with pytest.raises(RecordingError, match="different versions"):
        request_in(line(steadyscope=2, news=[]), NOW)
