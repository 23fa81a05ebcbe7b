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
    steps: tuple[int, int, int, int] = (1, 2, 2, 2)  # of Lucas-Kanade at 1/32, 1/16, 1/8, 1/4
    flow_channels: tuple[int, int, int, int] = (32, 32, 32, 16)  # width of the corrections at 1/32, 1/16, 1/8, 1/4
    hint: int = 8  # features that a flow level hands to the next
    hidden: int = 16  # recurrent features carried along the flow at 1/4
    colour: int = 32  # width of the colour correction
    window: int = 9  # Lucas-Kanade's box in cells


LITE = LiteConfig()


@dataclass(frozen=True, slots=True)
class FlowConfig:
    """One flow module: a FlowNetS-like encoder and decoder."""

    encoder: tuple[int, ...]  # channels after each convolution of stride 2
    decoder: tuple[int, ...]  # channels after each transposed convolution, as many as the encoder has
    first_kernel: int


@dataclass(frozen=True, slots=True)
class PaperConfig:
    """MOSTNET+ as published: three scales, flow at the lowest one (SW) or at the lowest and the medium one (DW)."""

    name: str
    flow: tuple[FlowConfig, ...]  # from the lowest scale up
    channels: tuple[int, int, int] = (32, 64, 128)  # at 1, 1/2, 1/4
    encoder_blocks: int = 4
    decoder_blocks: int = 2
    stride: int = 32  # H and W are multiples of it


LOWEST = FlowConfig(encoder=(256, 512, 512), decoder=(256, 128, 64), first_kernel=5)
# The widths that the public material gives (256, 256, 512, 512) come to 22 M parameters with both modules; the
# slides say 29.8 M. So the medium module is made 11/8 as wide here, and DW counts 29.6 M.
MEDIUM = FlowConfig(encoder=(352, 352, 704, 704), decoder=(352, 176, 88, 44), first_kernel=3)

SW = PaperConfig("mostnet-sw", (LOWEST,))
DW = PaperConfig("mostnet-dw", (LOWEST, MEDIUM))
