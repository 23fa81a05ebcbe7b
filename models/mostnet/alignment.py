"""Feature alignment: the past, brought to where the present is, joins it through channel-wise attention."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from models.blocks import conv, conv_of_parts


class Alignment(nn.Module):
    """As ESTRNN's global spatio-temporal attention: one gate per channel decides what of both frames goes on."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        both, squeezed = 2 * channels, channels // 8
        self.gate = nn.Sequential(conv(both, squeezed, 1), nn.ReLU(), conv(squeezed, channels, 1), nn.Sigmoid())
        self.squeeze, self.expand = conv(both, channels // 4, 1), conv(channels // 4, channels, 1)
        self.join = conv(both, channels, 1)

    def forward(self, current: Tensor, previous: Tensor) -> Tensor:
        """(B, C, h, w) twice, the second aligned to the first -> (B, C, h, w)."""
        means = torch.cat([current.mean((2, 3), keepdim=True), previous.mean((2, 3), keepdim=True)], 1)
        attended = self.gate(means) * self.expand(conv_of_parts(self.squeeze, current, previous))
        return conv_of_parts(self.join, current, attended)
