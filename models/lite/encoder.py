"""Lite's feature extractor: four scales from 1/4 to 1/32."""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor, nn

from models.blocks import Residual, conv_relu
from models.configs import LiteConfig


class Features(NamedTuple):
    """What one frame looks like at each scale."""

    quarter: Tensor  # (B, 48, H/4, W/4)
    eighth: Tensor  # (B, 64, H/8, W/8)
    sixteenth: Tensor  # (B, 96, H/16, W/16)
    deep: Tensor  # (B, 128, H/32, W/32)


class Light(NamedTuple):
    """The frame's overall light, taken out before matching because exposure and gain change from frame to frame."""

    mean: Tensor  # (B, 3, 1, 1)
    deviation: Tensor  # (B, 3, 1, 1), of the 4x4 block means, so that noise does not count
    blocks: Tensor  # (B, 3, H/4, W/4) block means, normalised


def measure_light(unshuffled: Tensor) -> Light:
    """(B, 48, H/4, W/4) -> mean and deviation of the picture, and its normalised block means."""
    batch, channels, height, width = unshuffled.shape
    blocks = unshuffled.reshape(batch, 3, channels // 3, height, width).mean(2)
    mean = blocks.mean((2, 3), keepdim=True)
    centred = blocks - mean
    deviation = ((centred * centred).mean((2, 3), keepdim=True) + 1e-4).sqrt()
    return Light(mean, deviation, centred / deviation)


def normalise(unshuffled: Tensor, light: Light) -> Tensor:
    """(B, 48, h, w) with each colour's mean and deviation taken out."""
    batch, channels, height, width = unshuffled.shape
    coloured = unshuffled.reshape(batch, 3, channels // 3, height, width)
    return ((coloured - light.mean.unsqueeze(2)) / light.deviation.unsqueeze(2)).reshape(batch, channels, height, width)


class Encoder(nn.Module):
    """Convolutions down to 1/32, with the most work where it sees the most."""

    def __init__(self, config: LiteConfig) -> None:
        super().__init__()
        c4, c8, c16, c32 = config.channels
        self.quarter = nn.Sequential(conv_relu(48, c4), conv_relu(c4, c4))
        self.eighth = nn.Sequential(conv_relu(c4, c8, stride=2), Residual(c8))
        self.sixteenth = nn.Sequential(conv_relu(c8, c16, stride=2), Residual(c16))
        self.deep = nn.Sequential(conv_relu(c16, c32, stride=2), Residual(c32))

    def forward(self, normalised: Tensor) -> Features:
        """(B, 48, H/4, W/4), a pixel-unshuffled picture without its light -> features at four scales."""
        quarter = self.quarter(normalised)
        eighth = self.eighth(quarter)
        sixteenth = self.sixteenth(eighth)
        return Features(quarter, eighth, sixteenth, self.deep(sixteenth))
