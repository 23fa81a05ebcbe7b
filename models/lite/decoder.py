"""Lite's decoder: one path up for all tasks, then detail, the blend with the past, and the teeth."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from models.blocks import conv, conv_relu
from models.configs import LiteConfig
from models.lite.encoder import Features


class Decoded(NamedTuple):
    """What the decoder's heads say."""

    detail: Tensor  # (B, 48, H/4, W/4) to be added to the picture
    blend: Tensor  # (B, 16, H/4, W/4) 0..1, how much of the aligned previous picture to take, pixel by pixel
    tooth: Tensor  # (B, 1, H/2, W/2) logits
    coarse_tooth: Tensor  # (B, 1, H/8, W/8) logits
    hidden: Tensor  # (B, 16, H/4, W/4) what the next frame may want to know


class Decoder(nn.Module):
    """Coarse to fine with additions for skips; the past joins at 1/4, where it has been aligned."""

    def __init__(self, config: LiteConfig) -> None:
        super().__init__()
        c4, c8, c16, c32 = config.channels
        self.from_deep = conv(c32, c16, 1)
        self.sixteenth = conv_relu(c16, c16)
        self.from_sixteenth = conv(c16, c8, 1)
        self.eighth = conv_relu(c8, c8)
        self.from_eighth = conv(c8, c4, 1)
        self.join_present = conv(c4, c4, 1)
        self.join_change = conv(48, c4, 1)
        self.join_past = conv(config.hidden + 2, c4, 1)
        self.quarter = conv_relu(c4, c4)
        self.parts = [48, 16, 4, config.hidden]  # detail, blend, tooth, hidden: one convolution is cheaper than four
        self.heads = begun(conv(c4, sum(self.parts), 1))
        self.coarse_tooth = conv(c8, 1, 1)

    def forward(self, features: Features, change: Tensor, hidden: Tensor, doubt: Tensor) -> Decoded:
        """Aligned to the current frame: what changed (B, 48, h, w), the last hidden state, and the flow's doubt."""
        sixteenth = self.sixteenth(torch.relu(features.sixteenth + doubled(self.from_deep(features.deep))))
        eighth = self.eighth(torch.relu(features.eighth + doubled(self.from_sixteenth(sixteenth))))
        quarter = torch.relu(features.quarter + doubled(self.from_eighth(eighth)))
        past = self.join_past(torch.cat([hidden, doubt], 1))
        joined = torch.relu(self.join_present(quarter) + self.join_change(change) + past)
        detail, blend, tooth, kept = torch.split(self.heads(self.quarter(joined + quarter)), self.parts, 1)
        return Decoded(
            detail=detail,
            blend=torch.sigmoid(blend),
            tooth=functional.pixel_shuffle(tooth, 2),
            coarse_tooth=self.coarse_tooth(eighth),
            hidden=torch.tanh(kept),
        )


def begun(heads: nn.Conv2d) -> nn.Conv2d:
    """The heads as training begins: no detail, and little of the past."""
    assert heads.bias is not None
    nn.init.zeros_(heads.weight[:48])
    nn.init.zeros_(heads.bias[:48])
    nn.init.constant_(heads.bias[48:64], -2.0)
    return heads


def doubled(x: Tensor) -> Tensor:
    """(B, C, h, w) -> (B, C, 2h, 2w), bilinear."""
    return functional.interpolate(x, scale_factor=2.0, mode="bilinear")
