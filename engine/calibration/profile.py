"""The signed result of a calibration: one versioned, checksummed file per camera identity, refused when in doubt."""

from __future__ import annotations

import hashlib
import json
import os
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from engine.calibration.correction import (
    ColourCorrection,
    Corrections,
    NoCorrection,
    PictureCorrection,
    Undistortion,
)
from engine.errors import CalibrationError

FORMAT, VERSION = "steadyscope-calibration", 1
VALID_DAYS = 365
STEPS = ("source", "picture", "lens", "colour", "vibration", "latency")
VERDICTS = ("pass", "fail", "skipped")


@dataclass(frozen=True, slots=True)
class Profile:
    """Plain JSON values only: the results of the steps by name, each with a `verdict`."""

    identity: str  # of the camera, as capture names it
    name: str
    image_size: tuple[int, int]  # (width, height) the figures hold for
    made: str  # ISO 8601 with zone
    operator: str
    steps: dict[str, dict[str, Any]]
    is_signed_off: bool = False

    @property
    def failures(self) -> list[str]:
        """Steps whose verdict is "fail"."""
        return [name for name, step in self.steps.items() if step.get("verdict") == "fail"]


def file_name(identity: str) -> str:
    """One file per identity, safe on every file system."""
    readable = re.sub(r"[^A-Za-z0-9]+", "-", identity).strip("-")[:48]
    return f"{readable}-{hashlib.sha256(identity.encode()).hexdigest()[:8]}.json"


def save(profile: Profile, path: Path) -> None:
    """Write the whole file or nothing. Raises CalibrationError."""
    body = _body(profile)
    text = json.dumps({**body, "sha256": _digest(body)}, indent=1) + "\n"
    draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with draft.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise CalibrationError(
            f"The profile cannot be saved to {path}: {error.strerror}.", "Choose another folder or free disk space."
        ) from error


def load(path: Path) -> Profile:
    """Read and check the file itself; whether it may be used is `why_refused`'s word. Raises CalibrationError."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CalibrationError(f"There is no profile {path}.", "Calibrate the camera, or check the name.") from None
    except OSError as error:
        raise CalibrationError(f"{path.name} cannot be read: {error.strerror}.", "Choose another file.") from error
    except (ValueError, RecursionError) as error:
        raise CalibrationError(f"{path.name} is no calibration profile.", "Choose another file.") from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise CalibrationError(f"{path.name} is no calibration profile.", "Choose another file.")
    if document.get("version") != VERSION:
        raise CalibrationError(
            f"{path.name} has version {document.get('version')}, this program reads {VERSION}.",
            "Update Steadyscope, or calibrate again.",
        )
    digest = document.pop("sha256", "")
    if digest != _digest(document):
        raise CalibrationError(f"{path.name} was changed or damaged.", "Calibrate the camera again.")
    try:
        width, height = document["image_size"]
        profile = Profile(
            identity=str(document["identity"]),
            name=str(document["name"]),
            image_size=(int(width), int(height)),
            made=str(document["made"]),
            operator=str(document["operator"]),
            steps=dict(document["steps"]),
            is_signed_off=document["is_signed_off"] is True,
        )
        _check(profile)
    except (KeyError, TypeError, ValueError) as error:
        raise CalibrationError(f"{path.name} is malformed ({error}).", "Calibrate the camera again.") from error
    return profile


def _check(profile: Profile) -> None:
    """Raises ValueError for what no step writes."""
    if datetime.fromisoformat(profile.made).tzinfo is None:
        raise ValueError("its date has no zone")
    if min(profile.image_size) < 1:
        raise ValueError("its pictures have no size")
    for name, step in profile.steps.items():
        if not isinstance(step, dict) or step.get("verdict") not in VERDICTS:
            raise ValueError(f"step {name} has no verdict")


def why_refused(profile: Profile, identity: str, image_size: tuple[int, int], now: datetime) -> str:
    """Why this profile may not be used for this camera now; empty if it may. Never guessed: in doubt, refused."""
    made_for, given = ("x".join(map(str, size)) for size in (profile.image_size, image_size))
    age = now - datetime.fromisoformat(profile.made)
    doubts = (
        (profile.identity != identity, f"it belongs to another camera ({profile.name or profile.identity})"),
        (made_for != given, f"it was made for {made_for} pixels, the camera gives {given}"),
        (not profile.is_signed_off, "it is not signed off"),
        (bool(profile.failures), f"it is out of tolerance ({', '.join(profile.failures)})"),
        (age > timedelta(days=VALID_DAYS), f"it is {age.days} days old, over {VALID_DAYS}"),
        (age < timedelta(days=-1), "its date lies in the future"),
    )
    return next((reason for is_doubtful, reason in doubts if is_doubtful), "")


def correction_of(profile: Profile) -> PictureCorrection:
    """What the live path applies: undistortion and colour, as far as their steps passed."""
    steps: list[PictureCorrection] = []
    lens, colour = profile.steps.get("lens", {}), profile.steps.get("colour", {})
    try:
        if lens.get("verdict") == "pass":
            steps.append(
                Undistortion(
                    str(lens["model"]),
                    np.asarray(lens["camera_matrix"], np.float64).reshape(3, 3),
                    np.asarray(lens["distortion"], np.float64),
                    profile.image_size,
                )
            )
        if colour.get("verdict") == "pass":
            table = np.asarray(colour["table"], np.float32).reshape(256, 3)
            steps.append(ColourCorrection(table, np.asarray(colour["matrix"], np.float64).reshape(3, 3)))
    except (KeyError, ValueError) as error:
        raise CalibrationError(f"The profile's figures are incomplete ({error}).", "Calibrate again.") from error
    if not steps:
        return NoCorrection()
    return steps[0] if len(steps) == 1 else Corrections(tuple(steps))


def _body(profile: Profile) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "version": VERSION,
        "identity": profile.identity,
        "name": profile.name,
        "image_size": list(profile.image_size),
        "made": profile.made,
        "operator": profile.operator,
        "steps": profile.steps,
        "is_signed_off": profile.is_signed_off,
    }


def _digest(body: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
