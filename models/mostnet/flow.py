"""The flow module of one scale: FlowNetS-like, fed with features, restored frames and tooth masks of both frames."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from models.blocks import conv
from models.configs import FlowConfig
from models.mostnet.encoder import resized


class View(NamedTuple):
    """One frame as a flow module sees it at its scale."""

    features: Tensor  # (B, C, h, w)
    restored: Tensor  # (B, 3, h, w)
    tooth: Tensor  # (B, 2, h, w) logits


class Embedding(nn.Module):
    """(B, C, h, w): half of it from the features, half from the restored frame and the mask."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.features = conv(channels, channels // 2, 1)
        self.picture = conv(5, channels // 2)

    def forward(self, view: View) -> Tensor:
        """-> (B, C, h, w)."""
        picture = torch.cat([view.restored, torch.softmax(view.tooth, 1)], 1)
        return torch.cat([self.features(view.features), self.picture(picture)], 1)


class FlowModule(nn.Module):
    """No cost volume: strided convolutions down, transposed ones up, a prediction at each level carried up."""

    def __init__(self, channels: int, config: FlowConfig) -> None:
        super().__init__()
        self.embedding = Embedding(channels)
        widths = (2 * channels, *config.encoder)
        self.down = nn.ModuleList(
            _conv(widths[i], widths[i + 1], config.first_kernel if i == 0 else 3) for i in range(len(config.encoder))
        )
        self.up, self.predict = nn.ModuleList(), nn.ModuleList()
        inputs = config.encoder[-1]
        skips = (*reversed(config.encoder[:-1]), 0)
        for outputs, skip in zip(config.decoder, skips, strict=True):
            self.predict.append(conv(inputs, 2))
            self.up.append(_deconv(inputs, outputs))
            inputs = outputs + skip + 2
        self.last = conv(inputs, 3)

    def forward(self, current: View, previous: View) -> tuple[Tensor, Tensor]:
        """-> flow (B, 2, h, w) in pixels of this scale; log of its error's scale (B, 1, h, w), our addition."""
        x = torch.cat([self.embedding(current), self.embedding(previous)], 1)
        skips = []
        for down in self.down:
            x = down(x)
            skips.append(x)
        skips.pop()
        for predict, up in zip(self.predict, self.up, strict=True):
            flow = resized(predict(x), 2.0) * 2.0
            x = torch.cat([up(x), *([skips.pop()] if skips else []), flow], 1)
        predicted = self.last(x)
        return predicted[:, :2], predicted[:, 2:]


def _conv(inputs: int, outputs: int, kernel: int) -> nn.Sequential:
    return nn.Sequential(conv(inputs, outputs, kernel, 2), nn.BatchNorm2d(outputs), nn.LeakyReLU(0.1))


def _deconv(inputs: int, outputs: int) -> nn.Sequential:
    layer = nn.ConvTranspose2d(inputs, outputs, 4, 2, 1)
    return nn.Sequential(layer, nn.BatchNorm2d(outputs), nn.LeakyReLU(0.1))
