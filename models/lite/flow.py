"""Lite's flow cascade: match all pairs at 1/16, then step and correct at 1/16, 1/8 and 1/4."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from models.blocks import conv, conv_relu, zeroed
from models.configs import LiteConfig
from models.lite.encoder import Features
from models.lite.matching import AllPairs, LucasKanade, centred_unit
from models.outputs import FlowLevel
from models.warping import cell_grid, sample


class Matchable(NamedTuple):
    """The features of one frame that the next frame is matched with."""

    quarter: Tensor  # (B, 12, H/4, W/4)
    eighth: Tensor  # (B, 12, H/8, W/8)
    sixteenth: Tensor  # (B, 12, H/16, W/16)
    signature: Tensor  # (B, 64, H/16, W/16), unit length, for matching all pairs


class Flow(NamedTuple):
    """The cascade's result."""

    levels: tuple[FlowLevel, ...]
    log_scale: Tensor  # (B, 1, H/4, W/4) log of the Laplace scale, in pixels
    positions: Tensor  # (B, 2, H/4, W/4) where each cell was in the previous frame, in cells


class Double(nn.Module):
    """Bilinear doubling as a transposed convolution: OpenVINO keeps that in float32 on the way to an output."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        ramp = torch.tensor([0.25, 0.75, 0.75, 0.25])
        kernel = (ramp[:, None] * ramp[None]).expand(channels, 1, 4, 4).clone()
        self.register_buffer("kernel", kernel, persistent=False)
        self.channels = channels

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, h, w) -> (B, C, 2h, 2w); the border is repeated."""
        padded = functional.pad(x, [1] * 4, mode="replicate")
        return functional.conv_transpose2d(padded, self.kernel, stride=2, padding=3, groups=self.channels)


class MatchHeads(nn.Module):
    """Projections from the encoder's features to what is matched.

    Each level also gets the picture itself at its scale (three block means), on which Lucas-Kanade works untrained.
    """

    def __init__(self, config: LiteConfig) -> None:
        super().__init__()
        c4, c8, c16, _ = config.channels
        self.quarter = conv(c4, config.match, 1)
        self.eighth = conv(c8, config.match, 1)
        self.sixteenth = conv(c16, config.match, 1)
        self.signature = conv(c16, config.signature, 1)

    def forward(self, features: Features, blocks: Tensor) -> Matchable:
        """Features and the normalised block means (B, 3, H/4, W/4)."""
        blocks_8 = functional.avg_pool2d(blocks, 2)
        blocks_16 = functional.avg_pool2d(blocks_8, 2)
        return Matchable(
            torch.cat([blocks, self.quarter(features.quarter)], 1),
            torch.cat([blocks_8, self.eighth(features.eighth)], 1),
            torch.cat([blocks_16, self.sixteenth(features.sixteenth)], 1),
            centred_unit(self.signature(features.sixteenth)),
        )


class Level(nn.Module):
    """One level of the cascade: Lucas-Kanade steps, then a learned correction of what they cannot know."""

    def __init__(self, config: LiteConfig, width: int, outputs: int, is_first: bool = False) -> None:
        super().__init__()
        channels = config.match + 3
        self.confidence = conv(channels, 1)
        self.steps = nn.ModuleList(LucasKanade(channels, config.window) for _ in range(config.steps))
        hints = 3 if is_first else config.hint
        self.body = nn.Sequential(conv_relu(2 * channels + 6 + hints, width), conv_relu(width, width))
        self.head = zeroed(conv(width, outputs))
        self.hint = conv(width, config.hint, 1)

    def forward(
        self, current: Tensor, previous: Tensor, positions: Tensor, hint: Tensor, past: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Match features (B, C, h, w) of both frames, positions (B, 2, h, w) in cells, features from the level before
        -> better positions, further outputs (B, outputs - 2, h, w), features for the next level (B, hint, h, w)."""
        confidence = torch.sigmoid(self.confidence(current)) + 0.01
        for lucas_kanade in self.steps:
            step = lucas_kanade(current, sample(previous, positions), confidence * inside(positions))
            positions = positions + step.move * past
        flow = positions - cell_grid(positions)
        evidence = [current, step.residual.abs(), step.move, step.strength, confidence, flow, hint]
        features = self.body(torch.cat(evidence, 1))
        correction = self.head(features)
        return positions + correction[:, :2] * past, correction[:, 2:], self.hint(features)


class FlowCascade(nn.Module):
    """Coarse to fine. Every level hands positions down, never flow: see `models.warping`."""

    def __init__(self, config: LiteConfig) -> None:
        super().__init__()
        w4, w8, w16 = config.flow_channels
        self.all_pairs = AllPairs()
        self.belief = zeroed(conv(3, 1))
        nn.init.constant_(self.belief.bias, -3.0)  # untrained signatures are not to be believed
        self.sixteenth = Level(config, w16, 2, is_first=True)
        self.eighth = Level(config, w8, 2)
        self.quarter = Level(config, w4, 3)
        self.doubled = Double(2)

    def forward(self, current: Matchable, previous: Matchable, prior: Tensor, past: Tensor) -> Flow:
        """The last frame's flow (B, 2, H/16, W/16) in cells; past (B, 1, 1, 1) is 0 where there is no frame before."""
        matched, start, evidence = self._match(current.signature, previous.signature, prior, past)
        at_16, _, hint = self.sixteenth(current.sixteenth, previous.sixteenth, start, evidence, past)
        at_8, _, hint = self.eighth(current.eighth, previous.eighth, self._finer(at_16), enlarged(hint), past)
        at_4, log_scale, _ = self.quarter(current.quarter, previous.quarter, self._finer(at_8), enlarged(hint), past)
        levels = tuple(
            FlowLevel(stride, (positions - cell_grid(positions)) * float(stride))
            for stride, positions in ((16, matched), (16, at_16), (8, at_8), (4, at_4))
        )
        return Flow(levels, log_scale, at_4)

    def _match(self, current: Tensor, previous: Tensor, prior: Tensor, past: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """-> where the match with all cells points, where to start from, and how good both looked (B, 3, h, w)."""
        cells = cell_grid(prior)
        expected = cells + prior * past
        matched, spread = self.all_pairs(current, previous, expected)
        move = (matched - expected) * past
        likeness = [(current * sample(previous, at)).sum(1, keepdim=True) for at in (expected, expected + move)]
        evidence = torch.cat([*likeness, spread.clamp(max=16.0) * 0.1], 1)
        return expected + move, expected + move * torch.sigmoid(self.belief(evidence)), evidence

    def _finer(self, positions: Tensor) -> Tensor:
        """Positions (B, 2, h, w) -> (B, 2, 2h, 2w), in the finer grid's cells."""
        flow = self.doubled(positions - cell_grid(positions)) * 2.0
        return cell_grid(flow) + flow


def inside(positions: Tensor) -> Tensor:
    """(B, 2, h, w) positions -> (B, 1, h, w): 1 in the picture, falling to 0 one cell outside it."""
    middle = cell_grid(positions)[:, :, -1:, -1:] * 0.5
    within = 1.0 - functional.relu((positions - middle).abs() - middle)
    return within.clamp(min=0.0).prod(1, keepdim=True)


def enlarged(hint: Tensor) -> Tensor:
    """(B, C, h, w) -> (B, C, 2h, 2w), each cell repeated."""
    return functional.interpolate(hint, scale_factor=2.0, mode="nearest")
