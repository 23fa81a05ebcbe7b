"""What one step of a network gives: the tasks' results as losses and exporters want them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from torch import Tensor

State = tuple[Tensor, ...]  # what the next frame needs of this one; all zeros means "no past"


class FlowLevel(NamedTuple):
    """Flow at one level of the cascade."""

    stride: int  # grid cells per working-size pixel, so the grid is (H / stride, W / stride)
    pixels: Tensor  # (B, 2, H / stride, W / stride) (x, y), current -> previous, in pixels of the working size


@dataclass(frozen=True, slots=True)
class Outputs:
    """One frame's results, every level included."""

    enhanced: Tensor  # (B, 3, H, W), about 0..1, not clamped
    flow: tuple[FlowLevel, ...]  # coarse to fine; the last is the result
    log_scale: Tensor  # (B, 1, h, w) on the last flow's grid: log of the Laplace scale of its error, in px; 8: no past
    tooth: tuple[Tensor, ...]  # (B, 1, h, w) logits, coarse to fine; the last is the result
    coarse_enhanced: tuple[Tensor, ...] = ()  # (B, 3, h, w), coarse to fine, for losses at every scale
