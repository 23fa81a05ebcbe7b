"""The small blocks that more than one box is made of."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


def conv(inputs: int, outputs: int, kernel: int = 3, stride: int = 1) -> nn.Conv2d:
    """A convolution that keeps the size (divided by its stride)."""
    return nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2)


def conv_relu(inputs: int, outputs: int, kernel: int = 3, stride: int = 1) -> nn.Sequential:
    """Convolution and ReLU."""
    return nn.Sequential(conv(inputs, outputs, kernel, stride), nn.ReLU())


def conv_of_parts(layer: nn.Conv2d, *parts: Tensor) -> Tensor:
    """What a convolution of stride 1 makes of the parts (B, C_i, h, w) concatenated: the sum of what it makes of each.

    The same values, and nobody writes all channels side by side first.
    """
    shares = torch.split(layer.weight, [part.shape[1] for part in parts], 1)
    biases = (layer.bias, *(None for _ in parts[1:]))
    made = [
        functional.conv2d(part, share, bias, padding=layer.padding)
        for part, share, bias in zip(parts, shares, biases, strict=True)
    ]
    total = made[0]
    for more in made[1:]:
        total = total + more
    return total


def zeroed(layer: nn.Conv2d) -> nn.Conv2d:
    """The layer with zero weights: a residual branch that starts by changing nothing."""
    nn.init.zeros_(layer.weight)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    return layer


class Residual(nn.Module):
    """x + conv(relu(conv(x))), then ReLU; no normalisation, so nothing has to be folded."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = conv_relu(channels, channels)
        self.second = conv(channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, h, w) -> the same."""
        return torch.relu(x + self.second(self.first(x)))
