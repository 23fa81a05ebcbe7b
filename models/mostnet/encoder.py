"""The feature extractor: deep features and image-level features joined at each scale, then all scales fused."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from models.blocks import conv
from models.configs import PaperConfig
from models.mostnet.blocks import residual_blocks


class Scales(NamedTuple):
    """One tensor per scale."""

    full: Tensor  # (B, 32, H, W)
    half: Tensor  # (B, 64, H/2, W/2)
    quarter: Tensor  # (B, 128, H/4, W/4)


def resized(x: Tensor, factor: float) -> Tensor:
    """(B, C, h, w) -> (B, C, h * factor, w * factor), bilinear."""
    if factor == 1.0:
        return x
    return functional.interpolate(x, scale_factor=factor, mode="bilinear", align_corners=False)


class ImageBranch(nn.Module):
    """What the resized image itself has to say (MIMO-UNet's shallow module), joined with the deep features."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.shallow = nn.Sequential(conv(3, channels // 2), nn.ReLU(), conv(channels // 2, channels - 3), nn.ReLU())
        self.with_image = conv(channels, channels, 1)
        self.with_deep = conv(2 * channels, channels, 1)

    def forward(self, image: Tensor, deep: Tensor) -> Tensor:
        """(B, 3, h, w) and (B, C, h, w) -> (B, C, h, w)."""
        shallow = self.with_image(torch.cat([image, self.shallow(image)], 1))
        joined: Tensor = self.with_deep(torch.cat([deep, shallow], 1))
        return joined


class CrossScale(nn.Module):
    """All scales resized to one, concatenated, and cut down to its channels (MIMO-UNet's AFF)."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.body = nn.Sequential(conv(inputs, outputs, 1), nn.ReLU(), conv(outputs, outputs))

    def forward(self, scales: list[Tensor]) -> Tensor:
        """Every scale's features at one size -> (B, outputs, h, w)."""
        fused: Tensor = self.body(torch.cat(scales, 1))
        return fused


class Encoder(nn.Module):
    """Stems, image branches, residual blocks, cross-scale fusion. A frame goes through it once."""

    def __init__(self, config: PaperConfig) -> None:
        super().__init__()
        full, half, quarter = config.channels
        self.stem_full = _stem(3, full, stride=1)
        self.stem_half = _stem(full, half, stride=2)
        self.stem_quarter = _stem(half, quarter, stride=2)
        self.image_half = ImageBranch(half)
        self.image_quarter = ImageBranch(quarter)
        self.blocks_full = residual_blocks(full, config.encoder_blocks)
        self.blocks_half = residual_blocks(half, config.encoder_blocks)
        self.blocks_quarter = residual_blocks(quarter, config.encoder_blocks)
        self.fuse_full = CrossScale(sum(config.channels), full)
        self.fuse_half = CrossScale(sum(config.channels), half)

    def forward(self, frame: Tensor) -> Scales:
        """(B, 3, H, W) -> features at 1, 1/2 and 1/4."""
        full = self.blocks_full(self.stem_full(frame))
        half = self.blocks_half(self.image_half(resized(frame, 0.5), self.stem_half(full)))
        quarter = self.blocks_quarter(self.image_quarter(resized(frame, 0.25), self.stem_quarter(half)))
        return Scales(
            self.fuse_full([full, resized(half, 2.0), resized(quarter, 4.0)]),
            self.fuse_half([resized(full, 0.5), half, resized(quarter, 2.0)]),
            quarter,
        )


def _stem(inputs: int, outputs: int, stride: int) -> nn.Sequential:
    return nn.Sequential(conv(inputs, outputs, 5, stride), nn.BatchNorm2d(outputs), nn.ReLU())
