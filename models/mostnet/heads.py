"""The heads of enhancement and teeth, one of each per scale."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from models.blocks import conv, conv_of_parts
from models.mostnet.blocks import ResidualBlock
from models.mostnet.encoder import resized


class EnhancementHead(nn.Module):
    """What to add to the degraded picture."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.body = nn.Sequential(ResidualBlock(channels), conv(channels, 3))

    def forward(self, decoded: Tensor, frame: Tensor) -> Tensor:
        """(B, C, h, w) and the frame at that size (B, 3, h, w) -> (B, 3, h, w)."""
        restored: Tensor = frame + self.body(decoded)
        return restored


class ToothHead(nn.Module):
    """Two logits per cell: not a tooth, tooth. Finer scales correct the coarser one's."""

    def __init__(self, channels: int, refines: bool) -> None:
        super().__init__()
        self.join = conv(channels + 4, channels, 1) if refines else None
        self.body = nn.Sequential(
            ResidualBlock(channels),
            nn.MaxPool2d(3, 2, 1),
            conv(channels, channels // 2),
            nn.MaxPool2d(3, 2, 1),
            conv(channels // 2, 2),
        )

    def forward(self, decoded: Tensor, coarser: Tensor | None = None, flow: Tensor | None = None) -> Tensor:
        """(B, C, h, w), coarser logits (B, 2, h, w) and flow (B, 2, h, w) unless lowest -> logits (B, 2, h, w).

        They are decided at a quarter of the branch's resolution and upsampled.
        """
        if self.join is not None and coarser is not None and flow is not None:
            decoded = conv_of_parts(self.join, decoded, torch.cat([coarser, flow], 1))
        logits = resized(self.body(decoded), 4.0)
        return logits if coarser is None else logits + coarser
