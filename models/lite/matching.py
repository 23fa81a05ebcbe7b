"""Finding each cell again in the previous frame: by all pairs, by local correlation, by Lucas-Kanade."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from models.warping import cell_grid

TRACE_DAMPING = 0.02  # keeps the 2x2 determinant well above the rounding of bfloat16


def centred_unit(features: Tensor) -> Tensor:
    """(B, C, h, w) less each channel's mean, every cell's vector scaled to length 1: contrast does not count."""
    centred = features - features.mean((2, 3), keepdim=True)
    return centred / (centred * centred).sum(1, keepdim=True).add(1e-6).sqrt()


class AllPairs(nn.Module):
    """Soft matching of every cell with every cell, drawn towards where the last frame's motion points.

    The pull is a Gaussian around the expected position. Its exponent -|q - e|^2 = 2 e.q - |q|^2 - |e|^2 is an inner
    product but for a constant that a softmax does not see, so it rides in the same matrix product as the features.
    """

    def __init__(self) -> None:
        super().__init__()
        self.log_sharpness = nn.Parameter(torch.tensor(3.0))
        self.log_pull = nn.Parameter(torch.tensor(-1.9))  # per squared cell: a deviation of 2 cells, 32 pixels

    def forward(self, current: Tensor, previous: Tensor, expected: Tensor) -> tuple[Tensor, Tensor]:
        """Unit features (B, C, h, w) twice, expected positions (B, 2, h, w) in cells -> positions, spread (B, 1, h, w).

        Positions are counted from the picture's middle in the matrix product, where half precision hurts least.
        """
        batch, _, height, width = current.shape
        cells = cell_grid(current)
        middle = torch.cat([cells[:, :1, -1:, -1:], cells[:, 1:, -1:, -1:]], 1) * 0.5
        pull = self.log_pull.exp()
        query = torch.cat([current * self.log_sharpness.exp(), (expected - middle) * (2.0 * pull)], 1)
        places = (cells - middle).flatten(2)
        squares = places * places
        key = torch.cat([previous.flatten(2), places.expand(batch, -1, -1)], 1)
        logits = query.flatten(2).transpose(1, 2) @ key - squares.sum(1, keepdim=True) * pull
        chances = torch.softmax(logits, -1)
        values = torch.cat([places, squares], 1).transpose(1, 2)
        moments = (chances @ values).transpose(1, 2).reshape(batch, 4, height, width)
        found = moments[:, :2]
        spread = (moments[:, 2:] - found * found).sum(1, keepdim=True)
        return found + middle, torch.relu(spread)


class Step(NamedTuple):
    """What Lucas-Kanade says of every cell."""

    move: Tensor  # (B, 2, h, w) cells to add to the position
    strength: Tensor  # (B, 1, h, w) how well the texture holds the motion in both directions
    residual: Tensor  # (B, C, h, w) what still differs


class LucasKanade(nn.Module):
    """One damped Gauss-Newton step on learned features: sub-pixel motion in closed form, right before any training."""

    def __init__(self, channels: int, window: int) -> None:
        super().__init__()
        self.box = nn.AvgPool2d(window, 1, window // 2, count_include_pad=False)
        slope = torch.tensor([[0.0, 0.0, 0.0], [-0.5, 0.0, 0.5], [0.0, 0.0, 0.0]])
        each = torch.eye(channels)[:, :, None, None]
        self.register_buffer("slopes", torch.cat([each * slope, each * slope.t()]), persistent=False)  # all x, all y
        weights = torch.full((channels,), -4.0)
        weights[:3] = -1.0  # the picture itself; learned features have to earn their weight
        self.log_weights = nn.Parameter(weights)
        self.log_outlier = nn.Parameter(torch.tensor(2.5))  # how fast a cell that does not fit loses its say
        self.log_damping = nn.Parameter(torch.tensor(-6.0))
        self.channels = channels

    def forward(self, current: Tensor, warped: Tensor, confidence: Tensor) -> Step:
        """(B, C, h, w) twice and (B, 1, h, w) positive weights -> the step from `warped` towards `current`."""
        average = functional.pad((current + warped) * 0.5, [1] * 4, mode="replicate")
        gx, gy = functional.conv2d(average, self.slopes).split(self.channels, 1)
        difference = current - warped
        products = [gx * gx, gx * gy, gy * gy, gx * difference, gy * difference, difference * difference]
        sums = functional.conv2d(torch.cat(products, 1), self._channel_sums())
        robust = confidence / (1.0 + sums[:, 5:] * self.log_outlier.exp())
        xx, xy, yy, xt, yt = self.box(sums[:, :5] * robust).split(1, 1)
        damping = self.log_damping.exp() + TRACE_DAMPING * (xx + yy)
        xx, yy = xx + damping, yy + damping
        determinant = xx * yy - xy * xy
        move = torch.cat([yy * xt - xy * yt, xx * yt - xy * xt], 1) / determinant
        return Step(move.clamp(-2.0, 2.0), determinant.clamp(min=1e-6).log(), difference)

    def _channel_sums(self) -> Tensor:
        """(6, 6 C, 1, 1): the weighted sum over channels of each of the six products."""
        weights = self.log_weights.exp()
        return (torch.eye(6, device=weights.device).unsqueeze(-1) * weights).view(6, -1, 1, 1)
