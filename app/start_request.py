"""What a second start says to the running window, and what it hears back: one line of JSON each way.

{"steadyscope": 1, "expires_ns": N, "patient": {...}, "hand_back": {"folder": "/abs", "form": "files"} or null}
{"steadyscope": 1, "is_taken": true, "sentence": "...", "remedy": "..."}

Malformed or contradicting data is refused with RecordingError, never guessed: the wrong patient is a hazard.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from engine.errors import RecordingError
from engine.recording.practice import DICOM, FILES, HandBack, Practice
from engine.recording.session_folder import Patient, accepted

VERSION = 1
MOST_BYTES = 8192  # of one line
LONGEST_WAIT_NS = 60_000_000_000
AGAIN = "Start again from the practice software."


@dataclass(frozen=True, slots=True)
class StartRequest:
    """A start's patient, or nobody; void after `expires_ns`, when the one who asked has given up."""

    practice: Practice = field(default_factory=Practice)
    expires_ns: int = 0  # of the monotonic clock, which all processes of a machine share


@dataclass(frozen=True, slots=True)
class Answer:
    """Was the request taken? In one sentence, with a remedy if it was not."""

    is_taken: bool
    sentence: str
    remedy: str = ""


def request_line(request: StartRequest) -> bytes:
    """One line."""
    practice = request.practice
    back = practice.hand_back
    folder = None if back is None else {"folder": str(back.folder.absolute()), "form": back.form}
    return _line({"expires_ns": request.expires_ns, "patient": asdict(practice.patient), "hand_back": folder})


def request_in(line: bytes, now_ns: int) -> StartRequest:
    """The request in one line. Raises RecordingError, also for one that has expired or looks too far ahead."""
    entries = _entries(line, {"expires_ns": int, "patient": dict, "hand_back": (dict, type(None))})
    expires_ns = entries["expires_ns"]
    if not now_ns <= expires_ns <= now_ns + LONGEST_WAIT_NS:
        raise RecordingError("The start request came too late.", AGAIN)
    _check(entries["patient"], {one.name: str for one in fields(Patient)})
    patient = accepted(Patient(**entries["patient"]))
    back = entries["hand_back"]
    return StartRequest(Practice(patient, None if back is None else _hand_back(back, patient)), expires_ns)


def answer_line(answer: Answer) -> bytes:
    """One line."""
    return _line(asdict(answer))


def answer_in(line: bytes) -> Answer:
    """The answer in one line. Raises RecordingError."""
    entries = _entries(line, {"is_taken": bool, "sentence": str, "remedy": str})
    return Answer(**entries)


def _line(entries: Mapping[str, object]) -> bytes:
    return json.dumps({"steadyscope": VERSION, **entries}).encode("ascii") + b"\n"


def _entries(line: bytes, kinds: Mapping[str, Any]) -> dict[str, Any]:
    if len(line) > MOST_BYTES:
        raise RecordingError("The start request is far too long.", AGAIN)
    try:
        entries = json.loads(line.decode("utf-8"), object_pairs_hook=_once_each)
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise RecordingError("The start request is no JSON.", AGAIN) from error
    if not isinstance(entries, dict) or type(entries.get("steadyscope")) is not int:
        raise RecordingError("The start request does not come from Steadyscope.", AGAIN)
    version = entries.pop("steadyscope")
    if version != VERSION:
        raise RecordingError(
            f"The running window and this start are of different versions of Steadyscope ({VERSION} and {version}).",
            "Close the window, then start again.",
        )
    _check(entries, kinds)
    return entries


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A key that comes twice contradicts itself."""
    entries = dict(pairs)
    if len(entries) != len(pairs):
        raise RecordingError("The start request says something twice.", AGAIN)
    return entries


def _check(entries: Mapping[str, Any], kinds: Mapping[str, Any]) -> None:
    """Exactly these keys, each of its kind; a bool is no number."""
    for name in entries.keys() ^ kinds.keys():
        raise RecordingError(f"The start request leaves out '{name}' or has it for no reason.", AGAIN)
    for name, kind in kinds.items():
        value = entries[name]
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise RecordingError(f"The start request has something else for '{name}' than it should.", AGAIN)


def _hand_back(entries: dict[str, Any], patient: Patient) -> HandBack:
    """Whether the folder is there was seen by who asked: a look at a slow share must not hold the window up."""
    _check(entries, {"folder": str, "form": str})
    folder, form = Path(entries["folder"]), entries["form"]
    if not patient.patient_id or not folder.is_absolute() or form not in (FILES, DICOM) or "\0" in entries["folder"]:
        raise RecordingError("The start request names no usable folder to hand back to.", AGAIN)
    return HandBack(folder, form)
