"""Lite's colour correction: a smooth gain and lift per colour, decided where the picture is small."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from models.blocks import conv, conv_relu, zeroed
from models.configs import LiteConfig
from models.lite.encoder import Features, Light

USUAL_MEAN = (0.633, 0.497, 0.466)  # red, green, blue of well-exposed views (3,000 of the training photos)
USUAL_DEVIATION = (0.149, 0.173, 0.173)  # of their 4x4 block means
CELLS = 16  # pixels between two decisions


class Correction(NamedTuple):
    """What is done to a frame, at 1/16 of its size."""

    gain: Tensor  # (B, 3, H/16, W/16) of the picture without its light
    lift: Tensor  # (B, 3, H/16, W/16)
    camera: Tensor  # (B, 6, H/16, W/16) log of the gain and the lift, as applied to the frame that came in


class Colour(nn.Module):
    """Exposure, white balance, contrast and uneven light. A gain per pixel costs next to nothing and keeps detail.

    The correction is relative to the frame's own mean and deviation, so that before any training it gives every frame
    the usual ones. It is told what it did to the frame before, because a camera's faults outlast a frame.
    """

    usual: Tensor

    def __init__(self, config: LiteConfig) -> None:
        super().__init__()
        _, _, c16, c32 = config.channels
        width = config.colour
        self.width = width
        self.recognised = conv(c16, width // 2, 1)
        self.overall = conv(7, width, 1)
        self.near = conv(3 + 3 + 6 + width // 2, width)
        self.nearer = conv_relu(width, width)
        self.wide = nn.Sequential(conv_relu(width, 2 * width, stride=2), conv_relu(2 * width, 2 * width))
        self.whole = nn.Sequential(conv(2 * width + c32 + 7, 96, 1), nn.ReLU(), zeroed(conv(96, 2 * width + 6, 1)))
        self.join = conv(2 * width, width, 1)
        self.decide = nn.Sequential(conv_relu(width, width), zeroed(conv(width, 6, 1)))
        self.register_buffer("usual", torch.tensor([USUAL_MEAN, USUAL_DEVIATION])[..., None, None], persistent=False)

    def forward(
        self, normalised: Tensor, features: Features, light: Light, before: Tensor, past: Tensor
    ) -> tuple[Tensor, Tensor]:
        """(B, 48, h, w), the picture without its light, stacked by colour, and the last frame's `Correction.camera`
        -> (B, 48, h, w) corrected, and this frame's."""
        batch, _, height, width = normalised.shape
        blocks = functional.avg_pool2d(light.blocks, CELLS // 4)
        gain, lift, camera = self.correction(blocks, features, light, before, past)
        smooth = functional.interpolate(torch.cat([gain, lift], 1), scale_factor=CELLS / 4, mode="bilinear")
        smooth = smooth.unsqueeze(2)
        pixels = normalised.reshape(batch, 3, 16, height, width) * smooth[:, :3] + smooth[:, 3:]
        return pixels.reshape(batch, 48, height, width), camera

    def correction(self, blocks: Tensor, features: Features, light: Light, before: Tensor, past: Tensor) -> Correction:
        """Block means without their light (B, 3, H/16, W/16), features and light of the frame -> what to do to it."""
        overall = torch.cat([light.mean, light.deviation.log(), past.to(light.mean.dtype)], 1)
        seen = torch.cat([blocks, blocks * light.deviation + light.mean, before.to(blocks.dtype)], 1)
        change, lift = torch.chunk(self._decide(seen, overall, features), 2, 1)
        gain = change.clamp(-3.0, 3.0).exp() * self.usual[1]
        lift = lift + self.usual[0]
        own_gain = gain / light.deviation
        return Correction(gain, lift, torch.cat([own_gain.log(), lift - light.mean * own_gain], 1))

    def _decide(self, seen: Tensor, overall: Tensor, features: Features) -> Tensor:
        """(B, 12, H/16, W/16), (B, 7, 1, 1) -> (B, 6, H/16, W/16): changes to the usual gain and lift."""
        dtype = features.sixteenth.dtype
        seen, overall = seen.to(dtype), overall.to(dtype)
        near = self.near(torch.cat([seen, self.recognised(features.sixteenth)], 1)) + self.overall(overall)
        near = self.nearer(torch.relu(near))
        wide = self.wide(near)
        summary = [wide.mean((2, 3), keepdim=True), features.deep.mean((2, 3), keepdim=True), overall]
        whole = self.whole(torch.cat(summary, 1))
        wide = self.join(torch.relu(wide + whole[:, : 2 * self.width]))
        joined = torch.relu(near + functional.interpolate(wide, scale_factor=2.0, mode="bilinear"))
        decided: Tensor = self.decide(joined) + whole[:, 2 * self.width :]
        return decided.float()
