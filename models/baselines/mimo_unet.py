"""MIMO-UNet (Cho et al., "Rethinking Coarse-to-Fine Approach in Single Image Deblurring", 2021), the 6.8 M variant."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from models.blocks import conv, conv_relu

BLOCKS = 8


class ResBlock(nn.Module):
    """Two convolutions and a skip."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.body = nn.Sequential(conv_relu(channels, channels), conv(channels, channels))

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, h, w) -> the same."""
        changed: Tensor = x + self.body(x)
        return changed


class Shallow(nn.Module):
    """The shallow convolutional module: features of a downsized image."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        quarter, half = channels // 4, channels // 2
        self.body = nn.Sequential(
            conv_relu(3, quarter), conv_relu(quarter, half, 1), conv_relu(half, half), conv_relu(half, channels - 3, 1)
        )
        self.join = conv(channels, channels, 1)

    def forward(self, image: Tensor) -> Tensor:
        """(B, 3, h, w) -> (B, C, h, w)."""
        joined: Tensor = self.join(torch.cat([image, self.body(image)], 1))
        return joined


class Attend(nn.Module):
    """The feature attention module: deep features gated by the shallow ones."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.merge = conv(channels, channels)

    def forward(self, deep: Tensor, shallow: Tensor) -> Tensor:
        """(B, C, h, w) twice -> (B, C, h, w)."""
        attended: Tensor = deep + self.merge(deep * shallow)
        return attended


class MimoUNet(nn.Module):
    """A blurred image at three scales in, a sharp one at three scales out."""

    def __init__(self, base: int = 32) -> None:
        super().__init__()
        widths = (base, 2 * base, 4 * base)
        self.stems = nn.ModuleList([conv_relu(3, base), _down(base, 2 * base), _down(2 * base, 4 * base)])
        self.encoders = nn.ModuleList(_blocks(width) for width in widths)
        self.decoders = nn.ModuleList(_blocks(width) for width in widths)
        self.shallow = nn.ModuleList(Shallow(width) for width in widths[1:])
        self.attend = nn.ModuleList(Attend(width) for width in widths[1:])
        self.fuse = nn.ModuleList(
            nn.Sequential(conv_relu(7 * base, width, 1), conv(width, width)) for width in widths[:2]
        )
        self.up = nn.ModuleList([_up(2 * base, base), _up(4 * base, 2 * base)])
        self.join = nn.ModuleList(conv_relu(2 * width, width, 1) for width in widths[:2])
        self.out = nn.ModuleList(conv(width, 3) for width in widths)

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """(B, 3, H, W) -> restored at 1/4, 1/2 and 1."""
        half, quarter = _resized(image, 0.5), _resized(image, 0.25)
        fine = self.encoders[0](self.stems[0](image))
        medium = self.encoders[1](self.attend[0](self.stems[1](fine), self.shallow[0](half)))
        coarse = self.encoders[2](self.attend[1](self.stems[2](medium), self.shallow[1](quarter)))
        joined_fine = self.fuse[0](torch.cat([fine, _resized(medium, 2.0), _resized(coarse, 4.0)], 1))
        joined_medium = self.fuse[1](torch.cat([_resized(fine, 0.5), medium, _resized(coarse, 2.0)], 1))
        coarse = self.decoders[2](coarse)
        medium = self.decoders[1](self.join[1](torch.cat([self.up[1](coarse), joined_medium], 1)))
        fine = self.decoders[0](self.join[0](torch.cat([self.up[0](medium), joined_fine], 1)))
        return self.out[2](coarse) + quarter, self.out[1](medium) + half, self.out[0](fine) + image


def _blocks(channels: int) -> nn.Sequential:
    return nn.Sequential(*(ResBlock(channels) for _ in range(BLOCKS)))


def _down(inputs: int, outputs: int) -> nn.Sequential:
    return conv_relu(inputs, outputs, stride=2)


def _up(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(nn.ConvTranspose2d(inputs, outputs, 4, 2, 1), nn.ReLU())


def _resized(x: Tensor, factor: float) -> Tensor:
    return functional.interpolate(x, scale_factor=factor)
