"""Which calibration holds for a camera: looked up by its identity, refused with a reason when in doubt."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import platformdirs

from engine.calibration.correction import NoCorrection, PictureCorrection
from engine.calibration.profile import correction_of, file_name, load, why_refused
from engine.capture.source import SourceInfo
from engine.errors import CalibrationError

UNCALIBRATED_KINDS = ("demo:", "file:", "url:")  # a calibration belongs to a camera


@dataclass(frozen=True, slots=True)
class Calibrated:
    """What the live path applies, and why it applies nothing."""

    correction: PictureCorrection
    reason: str = ""  # a sentence when a camera runs uncalibrated


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
            return Calibrated(correction_of(profile))
    except CalibrationError as error:
        reason = error.sentence
    return Calibrated(NoCorrection(), f"{info.name} runs uncalibrated: its profile is refused, {reason.rstrip('.')}.")
