"""Signing a finished bench: the profile and its report on disk, and the correction that follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from app.calibrated import Calibrated, calibration_of, kept
from engine.calibration.bench import Bench
from engine.calibration.profile import Profile, file_name, save
from engine.calibration.report import write_report
from engine.capture.controls import Adjustable
from engine.capture.source import SourceInfo


@dataclass(frozen=True, slots=True)
class Signed:
    """What a signature came to."""

    profile: Profile
    report: Path  # HTML, beside the profile
    found: Calibrated | None  # what the live path makes of it; None without a source


def sign(bench: Bench, operator: str, camera: Adjustable | None, info: SourceInfo | None, folder: Path) -> Signed:
    """With the camera as it stands. Writes files and asks the driver: call it on a worker. Raises CalibrationError."""
    stands = kept(camera.settings()) if camera is not None else {}
    profile = bench.sign_off(operator, datetime.now().astimezone(), stands)
    path = folder / file_name(profile.identity)
    save(profile, path)
    write_report(profile, path.with_suffix(".html"))
    return Signed(profile, path.with_suffix(".html"), calibration_of(info, folder) if info is not None else None)
