"""Finding each cell again in the previous frame: Lucas-Kanade on the picture and on learned features."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from models.warping import cell_grid

TRACE_DAMPING = 0.02  # keeps the 2x2 determinant well above the rounding of bfloat16
FLAT = 0.05  # contrast, of a normalised picture, below which texture is taken for noise


class Step(NamedTuple):
    """What Lucas-Kanade says of every cell."""

    move: Tensor  # (B, 2, h, w) cells to add to the position
    strength: Tensor  # (B, 1, h, w) how well the texture holds the motion in both directions
    difference: Tensor  # (B, C, h, w) what differed before the step


class Box(nn.Module):
    """The mean over a window around each cell, as far as the picture goes; columns, then rows, which is cheaper."""

    def __init__(self, side: int) -> None:
        super().__init__()
        self.columns = nn.AvgPool2d((side, 1), 1, (side // 2, 0), count_include_pad=False)
        self.rows = nn.AvgPool2d((1, side), 1, (0, side // 2), count_include_pad=False)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, h, w) -> the same."""
        means: Tensor = self.rows(self.columns(x))
        return means


class LucasKanade(nn.Module):
    """One damped Gauss-Newton step, smoothed: sub-pixel motion in closed form, right before any training.

    Cells that do not fit lose their say, and the smoothing carries motion to where a window sees no texture, as on
    enamel. Damping keeps such windows still.
    """

    slopes: Tensor

    def __init__(self, channels: int, window: int) -> None:
        super().__init__()
        self.box = Box(window)
        slope = torch.tensor([[0.0, 0.0, 0.0], [-0.5, 0.0, 0.5], [0.0, 0.0, 0.0]])
        each = torch.eye(channels)[:, :, None, None]
        self.register_buffer("slopes", torch.cat([each * slope, each * slope.t()]), persistent=False)  # all x, all y
        weights = torch.full((channels,), -4.0)
        weights[:3] = -1.0  # the picture itself; learned features have to earn their weight
        self.log_weights = nn.Parameter(weights)
        self.log_outlier = nn.Parameter(torch.tensor(0.0))  # how fast a cell that does not fit loses its say
        self.log_damping = nn.Parameter(torch.tensor(-6.0))

    def forward(self, current: Tensor, warped: Tensor, confidence: Tensor) -> Step:
        """(B, C, h, w) twice and (B, 1, h, w) positive weights -> the step from `warped` towards `current`."""
        average = functional.pad((current + warped) * 0.5, [1] * 4, mode="replicate")
        gx, gy = torch.chunk(functional.conv2d(average, self.slopes), 2, 1)
        difference = current - warped
        products = [gx * gx, gx * gy, gy * gy, gx * difference, gy * difference, difference * difference]
        sums = functional.conv2d(torch.cat(products, 1), self._channel_sums()).float()
        robust = confidence.float() / (1.0 + sums[:, 5:] * self.log_outlier.exp())
        xx, xy, yy, xt, yt = torch.chunk(self.box(sums[:, :5] * robust), 5, 1)
        damping = self.log_damping.exp() + TRACE_DAMPING * (xx + yy)
        xx, yy = xx + damping, yy + damping
        determinant = xx * yy - xy * xy
        move = torch.cat([yy * xt - xy * yt, xx * yt - xy * xt], 1) / determinant
        return Step(move.clamp(-2.0, 2.0), determinant.clamp(min=1e-6).log(), difference)

    def _channel_sums(self) -> Tensor:
        """(6, 6 C, 1, 1): the weighted sum over channels of each of the six products."""
        weights = self.log_weights.exp()
        return (torch.eye(6, dtype=weights.dtype, device=weights.device).unsqueeze(-1) * weights).view(6, -1, 1, 1)


def levelled(picture: Tensor, window: int) -> Tensor:
    """(B, C, h, w) less its local mean, over its local contrast: light that wanders and faint texture count no more."""

    local = Box(window)
    detail: Tensor = picture - local(picture)
    power: Tensor = local((detail * detail).mean(1, keepdim=True))
    level: Tensor = detail / (power + FLAT**2).sqrt()
    return level


class Start(nn.Module):
    """Where to begin: a hand that drifts goes on as before, a tool that vibrates comes back. Take what fits better."""

    def __init__(self) -> None:
        super().__init__()
        self.box = Box(3)
        self.log_sharpness = nn.Parameter(torch.tensor(3.0))

    def forward(self, current: Tensor, stayed: Tensor, went_on: Tensor, prior: Tensor) -> tuple[Tensor, Tensor]:
        """Match features now, before at the same place, before where `prior` points -> flow (B, 2, h, w), misfits."""
        misfits = [self.box((current - before).abs().mean(1, keepdim=True)) for before in (stayed, went_on)]
        share = torch.sigmoid((misfits[0] - misfits[1]) * self.log_sharpness.exp())
        return prior * share, torch.cat(misfits, 1)


def inside(positions: Tensor) -> Tensor:
    """(B, 2, h, w) positions -> (B, 1, h, w): 1 in the picture, falling to 0 one cell outside it."""
    middle = cell_grid(positions)[:, :, -1:, -1:] * 0.5
    within = functional.relu(1.0 - functional.relu((positions - middle).abs() - middle))
    return within[:, :1] * within[:, 1:]
