"""What a demo recording is put through, by name: how much the hand shakes, how wet it gets, how dark it is."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Conditions:
    """Lengths are pixels of a 640-wide picture; rates are events a minute."""

    tremor_px: float = 1.8  # RMS an axis, 6 to 12 Hz
    sway_px: float = 7.0  # RMS an axis, 0.08 to 0.6 Hz
    dwell_s: float = 7.0  # pause on a tooth before an intended move to the next; 0 keeps moving
    move_s: float = 2.2  # length of an intended move; 0 stays where it is
    jumps_per_min: float = 0.0  # the hand slips by a third of the picture and comes back
    exposure_s: float = 0.009  # motion blur
    noise_levels: float = 3.0  # standard deviation in 8-bit levels
    light: float = 1.0  # gain on the evenly exposed scene
    flicker: float = 0.015  # relative
    has_handpiece: bool = True
    droplets_per_min: float = 8.0
    sprays_per_min: float = 2.5
    spray_density: float = 0.75  # of the thickest spray; 1 hides everything
    defocus: float = 0.25  # 0..1, how far the focus hunts


KINDS = MappingProxyType(
    {
        "demo": Conditions(),
        "calm": Conditions(
            has_handpiece=False, droplets_per_min=0, sprays_per_min=0, flicker=0.0, defocus=0.0, move_s=0,
            noise_levels=2.0,
        ),
        "hard": Conditions(
            tremor_px=2.6, droplets_per_min=26, sprays_per_min=9, spray_density=1.0, flicker=0.06, defocus=0.8,
            noise_levels=5.0,
        ),
        "jump": Conditions(jumps_per_min=12, droplets_per_min=2, sprays_per_min=0, dwell_s=9),
        "walk": Conditions(dwell_s=0.6, move_s=2.6, sprays_per_min=0, droplets_per_min=4),
        "low_light": Conditions(light=0.36, noise_levels=9.0, exposure_s=0.022, flicker=0.04, sprays_per_min=1),
    }
)  # fmt: skip
