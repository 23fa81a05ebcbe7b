"""Which calibration holds for a camera: looked up by its identity, refused with a reason when in doubt."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import platformdirs

from engine.calibration.correction import NoCorrection, PictureCorrection
from engine.calibration.profile import Profile, correction_of, file_name, load, why_refused
from engine.capture.controls import CameraFormat, CameraSettings
from engine.capture.source import SourceInfo
from engine.errors import CalibrationError

UNCALIBRATED_KINDS = ("demo:", "file:", "url:")  # a calibration belongs to a camera


@dataclass(frozen=True, slots=True)
class Calibrated:
    """What the live path applies, and why it applies nothing."""

    correction: PictureCorrection
    reason: str = ""  # a sentence when a camera runs uncalibrated, or differs from its profile


def standard_folder() -> Path:
    """Where this user's profiles lie."""
    return Path(platformdirs.user_data_dir("steadyscope", appauthor=False)) / "calibration"


def calibration_of(info: SourceInfo, folder: Path) -> Calibrated:
    """Read from disk: call it on a worker."""
    path = folder / file_name(info.identity)
    if not path.exists():
        is_camera = not info.identity.startswith(UNCALIBRATED_KINDS)
        return Calibrated(NoCorrection(), f"{info.name} runs uncalibrated: it has no profile." if is_camera else "")
    try:
        profile = load(path)
        reason = why_refused(profile, info.identity, (info.width, info.height), datetime.now().astimezone())
        if not reason:
            return Calibrated(correction_of(profile), _drift(profile, info))
    except CalibrationError as error:
        reason = error.sentence
    return Calibrated(NoCorrection(), f"{info.name} runs uncalibrated: its profile is refused, {reason.rstrip('.')}.")


def settings_of(identity: str) -> CameraSettings:
    """Format and controls that this camera was signed off with; nothing where its profile may not be used."""
    path = standard_folder() / file_name(identity)
    if not path.exists():
        return CameraSettings()
    try:
        profile = load(path)
        if why_refused(profile, identity, profile.image_size, datetime.now().astimezone()):
            return CameraSettings()
        kept = profile.steps["source"].get("camera", {})
        return CameraSettings(
            CameraFormat(**kept.get("format", {})),
            {str(name): float(value) for name, value in kept.get("controls", {}).items()},
        )
    except (CalibrationError, KeyError, TypeError, ValueError):  # `calibration_of` says what is wrong with it
        return CameraSettings()


def kept(settings: CameraSettings) -> dict[str, Any]:
    """The same as plain JSON values, for the profile."""
    return {"format": asdict(settings.format), "controls": dict(settings.controls)}


def _drift(profile: Profile, info: SourceInfo) -> str:
    """A sentence if the camera does not stand as it was signed off."""
    wanted = profile.steps.get("source", {}).get("camera", {}).get("controls", {})
    off = [
        f"{name.replace('_', ' ')} is {info.controls[name]:g} where its profile says {value:g}"
        for name, value in wanted.items()
        if name in info.controls and info.controls[name] != value
    ]
    return f"{info.name} differs from its profile: {', '.join(off)}." if off else ""
