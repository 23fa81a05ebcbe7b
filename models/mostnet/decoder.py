"""The scale-wise decoder, shared by all tasks."""

from __future__ import annotations

from torch import Tensor, nn

from models.blocks import conv, conv_of_parts
from models.mostnet.blocks import residual_blocks


class DecoderScale(nn.Module):
    """One scale of it: what comes from below is doubled and joined with the aligned features."""

    def __init__(self, channels: int, blocks: int, below: int | None = None) -> None:
        super().__init__()
        self.up = None if below is None else nn.ConvTranspose2d(below, channels, 4, 2, 1)
        self.join = None if below is None else conv(2 * channels, channels)
        self.blocks = residual_blocks(channels, blocks)

    def forward(self, aligned: Tensor, below: Tensor | None = None) -> Tensor:
        """(B, C, h, w), and the scale below (B, C', h/2, w/2) unless this is the lowest -> (B, C, h, w)."""
        if self.up is not None and self.join is not None and below is not None:
            aligned = conv_of_parts(self.join, self.up(below), aligned)
        decoded: Tensor = self.blocks(aligned)
        return decoded
