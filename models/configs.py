"""The three networks as frozen numbers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LiteConfig:
    """MOSTNET+ Lite: everything happens at a quarter of the resolution and below, behind a pixel-unshuffle."""

    name: str = "mostnet-lite"
    stride: int = 32  # H and W are multiples of it
    channels: tuple[int, int, int, int] = (48, 64, 96, 96)  # at 1/4, 1/8, 1/16, 1/32
    match: int = 5  # learned matching features per level, beside 3 block means
    steps: tuple[int, int, int, int] = (2, 1, 1, 1)  # of Lucas-Kanade at 1/32, 1/16, 1/8, 1/4
    flow_channels: tuple[int, int, int, int] = (32, 32, 32, 16)  # width of the corrections at 1/32, 1/16, 1/8, 1/4
    hint: int = 8  # features that a flow level hands to the next
    hidden: int = 16  # recurrent features carried along the flow at 1/4
    window: int = 9  # Lucas-Kanade's box in cells


LITE = LiteConfig()
