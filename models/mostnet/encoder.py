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
    """All scales resized to one, concatenated, and cut down to its channels (MIMO-UNet's AFF).

    A 1x1 convolution of concatenated parts is the sum of what it makes of each, and may come before an upsampling as
    well as after it. So what comes from below is cut down where it is small: the same values for a sixteenth of the
    work, and nothing of 224 channels is ever written at full resolution.
    """

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.cut = conv(inputs, outputs, 1)
        self.body = nn.Sequential(nn.ReLU(), conv(outputs, outputs))

    def forward(self, scales: Scales, wanted: int) -> Tensor:
        """Every scale's features -> (B, outputs, h, w) at the size of the scale numbered `wanted`."""
        shares = torch.split(self.cut.weight, [scale.shape[1] for scale in scales], 1)
        total: Tensor = functional.conv2d(scales[wanted], shares[wanted], self.cut.bias)
        for number, (scale, share) in enumerate(zip(scales, shares, strict=True)):
            if number < wanted:
                total = total + functional.conv2d(resized(scale, 0.5 ** (wanted - number)), share)
            elif number > wanted:
                total = total + resized(functional.conv2d(scale, share), 2.0 ** (number - wanted))
        fused: Tensor = self.body(total)
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
        scales = Scales(full, half, quarter)
        return Scales(self.fuse_full(scales, 0), self.fuse_half(scales, 1), quarter)


def _stem(inputs: int, outputs: int, stride: int) -> nn.Sequential:
    return nn.Sequential(conv(inputs, outputs, 5, stride), nn.BatchNorm2d(outputs), nn.ReLU())
