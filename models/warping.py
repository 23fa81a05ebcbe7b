"""Sampling a picture at moved positions.

Positions, not flow, are carried from step to step. An absolute position needs more bits than a half-precision number
has (at width 640 it would be misplaced by up to a pixel), and OpenVINO keeps in float32 exactly what lies on the way to
an output. Because the flow that leaves the network is computed *from* the positions, they lie on that way.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional


def cell_grid(like: Tensor) -> Tensor:
    """(1, 2, h, w) float32: every cell's own (x, y) on the grid of `like` (B, C, h, w)."""
    height, width = like.shape[-2:]
    x = torch.arange(width, device=like.device).to(torch.float32).view(1, 1, 1, -1)
    y = torch.arange(height, device=like.device).to(torch.float32).view(1, 1, -1, 1)
    return torch.cat([x + torch.zeros_like(y), y + torch.zeros_like(x)], 1)


def sample(picture: Tensor, positions: Tensor) -> Tensor:
    """Bilinear samples of (B, C, h, w) at (B, 2, h, w) positions in its cells, the border repeated outside.

    In float32 whatever the picture's precision: TensorRT wants picture and grid of one type, and half is too coarse.
    """
    last_cell = cell_grid(positions)[:, :, -1:, -1:]
    grid = (positions.float() * (2.0 / last_cell) - 1.0).permute(0, 2, 3, 1)
    sampled = functional.grid_sample(picture.float(), grid, "bilinear", "border", align_corners=True)
    return sampled.to(picture.dtype)
