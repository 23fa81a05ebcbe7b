"""Sampling a picture at moved positions.

Positions, not flow, are carried from step to step. An absolute position needs more bits than a half-precision number
has (at width 640 it would be misplaced by up to a pixel), and OpenVINO keeps in float32 exactly what lies on the way to
an output. Because the flow that leaves the network is computed *from* the positions, they lie on that way.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


def cell_grid(like: Tensor) -> Tensor:
    """(1, 2, h, w) float32: every cell's own (x, y) on the grid of `like` (B, C, h, w)."""
    height, width = like.shape[-2:]
    x = torch.arange(width, device=like.device).to(torch.float32).view(1, 1, 1, -1)
    y = torch.arange(height, device=like.device).to(torch.float32).view(1, 1, -1, 1)
    return torch.cat([x + torch.zeros_like(y), y + torch.zeros_like(x)], 1)


def as_grid(positions: Tensor) -> Tensor:
    """(B, 2, h, w) positions in cells -> the same in -1..1, as grid_sample counts them."""
    return positions * (2.0 / cell_grid(positions)[:, :, -1:, -1:]) - 1.0


def sample(picture: Tensor, positions: Tensor) -> Tensor:
    """Bilinear samples of (B, C, h, w) at (B, 2, h, w) positions in its cells, the border repeated outside."""
    return sample_rows(picture, as_grid(positions.float()).permute(0, 2, 3, 1))


def sample_rows(picture: Tensor, grid: Tensor) -> Tensor:
    """The same at a grid (B, h, w, 2) in -1..1.

    In float32 whatever the picture's precision: TensorRT wants picture and grid of one type, and half is too coarse.
    """
    sampled = functional.grid_sample(picture.float(), grid, "bilinear", "border", align_corners=True)
    return sampled.to(picture.dtype)


class FourTimesFiner(nn.Module):
    """Flow at a quarter of the resolution -> a sampling grid at the full one, bilinear.

    A plain convolution makes the sixteen vectors of every cell, the pixels' own places are added while channels are
    still channels, and one transposition lays all out as the sampler wants it. A transposed convolution with two
    channels and arithmetic on rows of two numbers took six times as long in OpenVINO.
    """

    kernel: Tensor

    def __init__(self) -> None:
        super().__init__()
        offsets = (torch.arange(4) + 0.5) / 4 - 0.5  # of a cell's pixels from its middle, in cells
        ramps = torch.stack([(-offsets).clamp(min=0), 1 - offsets.abs(), offsets.clamp(min=0)], 1)  # (4, 3)
        weights = 4.0 * torch.einsum("yi,xj,ab->ayxbij", ramps, ramps, torch.eye(2))
        self.register_buffer("kernel", weights.reshape(32, 2, 3, 3), persistent=False)

    def forward(self, flow: Tensor) -> Tensor:
        """(B, 2, h, w) in its cells -> (B, 4h, 4w, 2) in -1..1."""
        batch, _, height, width = flow.shape
        places = cell_grid(flow.new_empty(1, 1, 4 * height, 4 * width))
        padded = functional.pad(flow * (2.0 / places[:, :, -1:, -1:]), [1] * 4, mode="replicate")
        vectors = functional.conv2d(padded.to(self.kernel.dtype), self.kernel).float()
        grid = vectors + functional.pixel_unshuffle(as_grid(places), 4)
        rows = grid.reshape(batch, 2, 4, 4, height, width).permute(0, 4, 2, 5, 3, 1)
        return rows.reshape(batch, 4 * height, 4 * width, 2)
