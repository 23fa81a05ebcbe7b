"""ESTRNN (Zhong et al., "Efficient Spatio-Temporal Recurrent Neural Network for Video Deblurring", 2020), C80 B15."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from models.blocks import conv, conv_relu

BASE = 16  # channels at full resolution; the cell works with five times as many
BLOCKS = 15
FRAMES = 5  # two past ones, the current one, two future ones


class Dense(nn.Module):
    """A residual dense block: three growing convolutions, a 1x1, a skip."""

    def __init__(self, channels: int, growth: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(conv_relu(channels + i * growth, growth) for i in range(3))
        self.join = conv(channels + 3 * growth, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, h, w) -> the same."""
        grown = x
        for layer in self.layers:
            grown = torch.cat([grown, layer(grown)], 1)
        joined: Tensor = x + self.join(grown)
        return joined


class Cell(nn.Module):
    """The recurrent cell: one frame and the hidden state -> features at 1/4 and the next hidden state."""

    def __init__(self) -> None:
        super().__init__()
        wide = 5 * BASE
        self.down = nn.Sequential(
            conv(3, BASE, 5), Dense(BASE, BASE), conv(BASE, 2 * BASE, 5, 2), Dense(2 * BASE, BASE * 3 // 2),
            conv(2 * BASE, 4 * BASE, 5, 2),
        )  # fmt: skip
        self.blocks = nn.ModuleList(Dense(wide, 2 * BASE) for _ in range(BLOCKS))
        self.join = nn.Sequential(conv(BLOCKS * wide, wide, 1), conv(wide, wide))
        self.hidden = nn.Sequential(conv(wide, BASE), Dense(BASE, BASE), conv(BASE, BASE))

    def forward(self, frame: Tensor, hidden: Tensor) -> tuple[Tensor, Tensor]:
        """(B, 3, H, W), (B, 16, H/4, W/4) -> (B, 80, H/4, W/4), (B, 16, H/4, W/4)."""
        x = torch.cat([self.down(frame), hidden], 1)
        outputs = []
        for block in self.blocks:
            x = block(x)
            outputs.append(x)
        features = self.join(torch.cat(outputs, 1))
        return features, self.hidden(features)


class Attention(nn.Module):
    """Global spatio-temporal attention: every neighbour is gated by what it and the current frame hold overall."""

    def __init__(self) -> None:
        super().__init__()
        wide = 5 * BASE
        both = 2 * wide
        self.gate = nn.Sequential(conv_relu(both, wide, 1), conv(wide, both, 1), nn.Sigmoid())
        self.branch = nn.Sequential(conv(both, wide, 1), conv(wide, both, 1))
        self.condense = conv(both, wide, 1)
        self.fuse = conv(FRAMES * wide, FRAMES * wide, 1)

    def forward(self, frames: tuple[Tensor, ...]) -> Tensor:
        """Five (B, 80, h, w), the current one in the middle -> (B, 400, h, w)."""
        current = frames[FRAMES // 2]
        gathered = [current]
        for index, frame in enumerate(frames):
            if index != FRAMES // 2:
                both = torch.cat([current, frame], 1)
                gathered.append(self.condense(self.gate(both.mean((2, 3), keepdim=True)) * self.branch(both)))
        fused: Tensor = self.fuse(torch.cat(gathered, 1))
        return fused


class Memory(NamedTuple):
    """What is kept between frames: each frame is encoded once."""

    features: tuple[Tensor, ...]  # of the last four frames, (B, 80, H/4, W/4) each
    hidden: Tensor  # (B, 16, H/4, W/4)


class Estrnn(nn.Module):
    """The network in streaming form: the frame that comes in is two ahead of the one that is restored."""

    def __init__(self) -> None:
        super().__init__()
        self.cell, self.attention = Cell(), Attention()
        self.reconstruct = nn.Sequential(
            nn.ConvTranspose2d(FRAMES * 5 * BASE, 2 * BASE, 3, 2, 1, 1), nn.ConvTranspose2d(2 * BASE, BASE, 3, 2, 1, 1),
            conv(BASE, 3, 5),
        )  # fmt: skip

    def initial_memory(self, frame: Tensor) -> Memory:
        """Zeros for frames like (B, 3, H, W)."""
        batch, _, height, width = frame.shape
        features = frame.new_zeros(batch, 5 * BASE, height // 4, width // 4)
        return Memory((features,) * (FRAMES - 1), frame.new_zeros(batch, BASE, height // 4, width // 4))

    def forward(self, frame: Tensor, memory: Memory) -> tuple[Tensor, Memory]:
        """(B, 3, H, W) and what is kept -> the restored frame of two steps ago, and what to keep."""
        features, hidden = self.cell(frame, memory.hidden)
        frames = (*memory.features, features)
        restored: Tensor = self.reconstruct(self.attention(frames))
        return restored, Memory(frames[1:], hidden)
