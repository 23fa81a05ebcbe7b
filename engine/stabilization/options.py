"""What the dentist or a preset may choose about the stabilizer; validated, since the crop changes what is shown."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from engine.errors import SettingsError


class PathMode(Enum):
    """What happens to intended movement."""

    FOLLOW = "follow"  # pass it, remove the tremor
    LOCK = "lock"  # hold the tooth still


@dataclass(frozen=True, slots=True)
class StabilizerOptions:
    """Settings of one stabilizer. Times in seconds, so they hold at any frame rate."""

    mode: PathMode = PathMode.FOLLOW
    crop: float = 0.075  # share of each side that is given up for steadiness
    cutoff_hz: float = 0.75  # FOLLOW passes what is slower
    coast_s: float = 0.1  # unseen for longer than this is LOST
    ease_out_s: float = 0.5  # a lost correction is taken back over this time
    give_up_s: float = 0.5  # a visible tooth that matches no keyframe for this long becomes the new anchor
    has_registration: bool = True  # False: flow alone, which drifts; for comparison
    has_rolling_shutter: bool = True  # estimate and undo the movement during read-out
    is_steady_without_network: bool = False  # True: classical flow where the network gave nothing

    def __post_init__(self) -> None:
        if not 0.02 <= self.crop <= 0.2:
            raise SettingsError(f"A crop of {self.crop:.3f} is out of range.", "Choose a crop between 0.02 and 0.2.")
        if not 0.2 <= self.cutoff_hz <= 3.0:
            raise SettingsError(
                f"A cut-off of {self.cutoff_hz:.2f} Hz is out of range.", "Choose a cut-off between 0.2 and 3 Hz."
            )
