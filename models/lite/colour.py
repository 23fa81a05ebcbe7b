"""Lite's colour correction: a smooth gain and lift per colour, decided where the picture is small."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from models.blocks import conv, zeroed
from models.configs import LiteConfig
from models.lite.encoder import Features, Light


class Colour(nn.Module):
    """Exposure, white balance and uneven light. A gain per pixel costs next to nothing and leaves detail sharp."""

    def __init__(self, config: LiteConfig) -> None:
        super().__init__()
        _, _, c16, c32 = config.channels
        self.locally = zeroed(conv(c16, 6))
        self.globally = nn.Sequential(conv(c32 + 6, 64, 1), nn.ReLU(), zeroed(conv(64, 6, 1)))

    def forward(self, unshuffled: Tensor, features: Features, light: Light) -> Tensor:
        """(B, 48, h, w), the picture with its pixels stacked by colour -> the same with its colours corrected."""
        batch, _, height, width = unshuffled.shape
        overall = torch.cat([light.mean, light.deviation], 1).to(unshuffled.dtype)
        summary = torch.cat([features.deep.mean((2, 3), keepdim=True), overall], 1)
        decided = self.locally(features.sixteenth) + self.globally(summary)
        smooth = functional.interpolate(decided, scale_factor=4.0, mode="bilinear").unsqueeze(2)
        pixels = unshuffled.reshape(batch, 3, 16, height, width)
        return (pixels + pixels * smooth[:, :3] + smooth[:, 3:]).reshape(batch, 48, height, width)
