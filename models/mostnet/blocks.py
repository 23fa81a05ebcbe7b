"""The residual block that SW and DW are made of."""

from __future__ import annotations

from torch import Tensor, nn

from models.blocks import conv


class ResidualBlock(nn.Module):
    """x + conv(relu(norm(conv(x)))), as in MIMO-UNet but with a batch norm."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            conv(channels, channels), nn.BatchNorm2d(channels), nn.ReLU(inplace=True), conv(channels, channels)
        )

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, h, w) -> the same."""
        changed: Tensor = x + self.body(x)
        return changed


def residual_blocks(channels: int, count: int) -> nn.Sequential:
    """Some of them in a row."""
    return nn.Sequential(*(ResidualBlock(channels) for _ in range(count)))
