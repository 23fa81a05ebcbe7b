"""Lite's flow cascade: from 1/32 to 1/4, at each level a closed-form step and a learned correction."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from models.blocks import conv, conv_relu, zeroed
from models.configs import LiteConfig
from models.lite.encoder import Features
from models.lite.matching import Box, LucasKanade, Start, inside, levelled
from models.network import NO_IDEA
from models.outputs import FlowLevel
from models.warping import cell_grid, sample

STRIDES = (32, 16, 8, 4)
SMOOTHING = 5  # cells


class Flow(NamedTuple):
    """The cascade's result."""

    levels: tuple[FlowLevel, ...]
    log_scale: Tensor  # (B, 1, H/4, W/4) log of the Laplace scale, in pixels
    positions: Tensor  # (B, 2, H/4, W/4) where each cell was in the previous frame, in cells


class Double(nn.Module):
    """Bilinear doubling as a transposed convolution: OpenVINO keeps that in float32 on the way to an output."""

    kernel: Tensor

    def __init__(self) -> None:
        super().__init__()
        ramp = torch.tensor([0.25, 0.75, 0.75, 0.25])
        kernel = 2.0 * (ramp[:, None] * ramp[None]).expand(2, 1, 4, 4)  # a coarse cell is two fine ones
        self.register_buffer("kernel", kernel.clone(), persistent=False)

    def forward(self, flow: Tensor) -> Tensor:
        """(B, 2, h, w) in cells -> (B, 2, 2h, 2w) in the finer cells; the border is repeated."""
        padded = functional.pad(flow, [1] * 4, mode="replicate")
        return functional.conv_transpose2d(padded, self.kernel.to(flow.dtype), stride=2, padding=3, groups=2)


class MatchHeads(nn.Module):
    """What is matched at each level: the levelled picture at its scale and a few learned features."""

    def __init__(self, config: LiteConfig) -> None:
        super().__init__()
        self.window = config.window
        self.heads = nn.ModuleList(conv(channels, config.match, 1) for channels in reversed(config.channels))

    def forward(self, features: Features, blocks: Tensor) -> tuple[Tensor, ...]:
        """Features and normalised block means (B, 3, H/4, W/4) -> (B, 8, h, w) for each stride of `STRIDES`."""
        pictures = [blocks]
        for _ in STRIDES[1:]:
            pictures.append(functional.avg_pool2d(pictures[-1], 2))
        seen = [levelled(picture, self.window).to(features.deep.dtype) for picture in reversed(pictures)]
        learned = [head(feature) for head, feature in zip(self.heads, reversed(features), strict=True)]
        return tuple(torch.cat(pair, 1) for pair in zip(seen, learned, strict=True))


class Level(nn.Module):
    """One level of the cascade: Lucas-Kanade steps, then a learned correction of what they cannot know."""

    def __init__(self, config: LiteConfig, index: int) -> None:
        super().__init__()
        channels, width = config.match + 3, config.flow_channels[index]
        self.confidence = conv(channels, 1)
        steps = range(config.steps[index])
        self.steps = nn.ModuleList(LucasKanade(channels, config.window) for _ in steps)
        self.smooth = Box(SMOOTHING)
        inputs = 2 * channels + 6 + (config.hint if index else 2)
        self.body = nn.Sequential(conv_relu(inputs, width), conv_relu(width, width))
        self.head = zeroed(conv(width, 3))
        self.hint = conv(width, config.hint, 1)

    def forward(
        self, current: Tensor, previous: Tensor, positions: Tensor, hint: Tensor, past: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Match features (B, C, h, w) of both frames, positions (B, 2, h, w) in cells, what the level before knows
        -> better positions, log of the error's scale (B, 1, h, w), what the next level should know (B, hint, h, w)."""
        confidence = torch.sigmoid(self.confidence(current)) + 0.01
        for lucas_kanade in self.steps:
            step = lucas_kanade(current, sample(previous, positions), confidence * inside(positions))
            flow = self.smooth(positions + step.move * past - cell_grid(positions))
            positions = cell_grid(positions) + flow
        evidence = [current, step.difference.abs(), step.move, step.strength, confidence, flow, hint]
        features = self.body(torch.cat([part.to(current.dtype) for part in evidence], 1))
        correction = self.head(features)
        return positions + correction[:, :2] * past, correction[:, 2:], self.hint(features)


class FlowCascade(nn.Module):
    """Coarse to fine. Every level hands positions down, never flow: see `models.warping`."""

    def __init__(self, config: LiteConfig) -> None:
        super().__init__()
        self.start = Start()
        self.levels = nn.ModuleList(Level(config, index) for index in range(len(STRIDES)))
        self.finer = Double()

    def forward(self, current: tuple[Tensor, ...], previous: tuple[Tensor, ...], prior: Tensor, past: Tensor) -> Flow:
        """Match features for each stride, the last frame's flow (B, 2, H/32, W/32) in cells, and past (B, 1, 1, 1),
        which is 0 where there is no frame before and holds the flow at zero then."""
        went_on = sample(previous[0], cell_grid(prior) + prior)
        flow, hint = self.start(current[0], previous[0], went_on, prior * past)
        found = []
        for index, level in enumerate(self.levels):
            positions = cell_grid(flow) + flow
            positions, log_scale, hint = level(current[index], previous[index], positions, hint, past)
            flow = positions - cell_grid(positions)
            found.append(FlowLevel(STRIDES[index], flow * float(STRIDES[index])))
            if index + 1 < len(STRIDES):
                flow = self.finer(flow)
                hint = functional.interpolate(hint, scale_factor=2.0, mode="nearest")
        log_scale = log_scale * past + NO_IDEA * (1.0 - past)
        return Flow(tuple(found), log_scale, positions)
