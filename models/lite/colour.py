"""Lite's colour correction: one matrix for the picture and a smooth local gain, applied to every pixel."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from models.blocks import conv, zeroed
from models.configs import LiteConfig
from models.lite.encoder import Features, Light


class Colour(nn.Module):
    """Exposure, white balance, tint and uneven light. Cheap, because it is decided where the picture is small."""

    def __init__(self, config: LiteConfig) -> None:
        super().__init__()
        _, _, c16, c32 = config.channels
        self.globally = nn.Sequential(nn.Linear(c32 + 6, 64), nn.ReLU(), nn.Linear(64, 12))
        self.locally = zeroed(conv(c16, 6))
        last = self.globally[2]
        nn.init.zeros_(last.weight)
        with torch.no_grad():
            last.bias.copy_(torch.cat([torch.eye(3).flatten(), torch.zeros(3)]))

    def forward(self, unshuffled: Tensor, features: Features, light: Light) -> Tensor:
        """(B, 48, h, w), the picture with its pixels stacked by colour -> the same with its colours corrected."""
        batch, _, height, width = unshuffled.shape
        summary = torch.cat([features.deep.mean((2, 3)), light.mean.flatten(1), light.deviation.flatten(1)], 1)
        decided = self.globally(summary)
        matrix, offset = decided[:, :9].reshape(batch, 3, 3), decided[:, 9:].reshape(batch, 3, 1)
        balanced = (matrix @ unshuffled.reshape(batch, 3, -1) + offset).reshape(batch, 3, 16, height, width)
        smooth = functional.interpolate(self.locally(features.sixteenth), scale_factor=4.0, mode="bilinear")
        gain, lift = smooth[:, :3].unsqueeze(2), smooth[:, 3:].unsqueeze(2)
        return (balanced + balanced * gain + lift).reshape(batch, 48, height, width)
