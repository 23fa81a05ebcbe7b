"""The three networks as frozen numbers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LiteConfig:
    """MOSTNET+ Lite: everything happens at a quarter of the resolution and below, behind a pixel-unshuffle."""

    name: str = "mostnet-lite"
    stride: int = 32  # H and W are multiples of it
    channels: tuple[int, int, int, int] = (48, 64, 96, 96)  # at 1/4, 1/8, 1/16, 1/32
    match: int = 9  # learned matching features per level, beside 3 block means
    signature: int = 64  # features for matching all pairs at 1/16
    steps: int = 2  # of Lucas-Kanade per level
    flow_channels: tuple[int, int, int] = (16, 32, 32)  # width of the flow refiners at 1/4, 1/8, 1/16
    hint: int = 8  # features that a flow level hands to the next
    hidden: int = 16  # recurrent features carried along the flow at 1/4
    window: int = 9  # Lucas-Kanade's box in cells


LITE = LiteConfig()
