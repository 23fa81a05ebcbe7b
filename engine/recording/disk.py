"""How much recording time the disk still holds, and what follows from it."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

REFUSE_BELOW_MIN = 10.0
WARN_BELOW_MIN = 15.0
FINISH_BELOW_BYTES = 1 << 30
TYPICAL_BYTES_PER_PIXEL_S = 2.0  # raw and stabilized together at 30 fps; the recorder refines it as it writes


class DiskVerdict(Enum):
    """What the recorder does about the space that is left."""

    ENOUGH = "enough"
    WARN = "warn"
    REFUSE = "refuse"
    FINISH = "finish"


@dataclass(frozen=True, slots=True)
class DiskState:
    """One look at the disk that holds a session."""

    free_bytes: int
    minutes_left: float
    verdict: DiskVerdict


@dataclass(frozen=True, slots=True)
class DiskRules:
    """The limits; smaller ones serve tests on a small file system."""

    refuse_below_min: float = REFUSE_BELOW_MIN
    warn_below_min: float = WARN_BELOW_MIN
    finish_below_bytes: int = FINISH_BELOW_BYTES

    def look(self, folder: Path, bytes_per_s: float, *, is_recording: bool) -> DiskState:
        """Judge the disk under `folder` for a recording of `bytes_per_s`; time left counts down to the finish."""
        free = shutil.disk_usage(folder).free
        usable = max(0, free - self.finish_below_bytes)
        minutes = usable / max(bytes_per_s, 1.0) / 60.0
        if is_recording and free <= self.finish_below_bytes:
            verdict = DiskVerdict.FINISH
        elif not is_recording and minutes < self.refuse_below_min:
            verdict = DiskVerdict.REFUSE
        elif minutes < self.warn_below_min:
            verdict = DiskVerdict.WARN
        else:
            verdict = DiskVerdict.ENOUGH
        return DiskState(free, minutes, verdict)


def expected_bytes_per_s(height: int, width: int, streams: int) -> float:
    """A cautious first guess, in bytes a second, before anything was written."""
    return height * width * TYPICAL_BYTES_PER_PIXEL_S * streams / 2
