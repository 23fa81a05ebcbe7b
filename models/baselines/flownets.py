"""FlowNetS (Dosovitskiy et al., "FlowNet: Learning Optical Flow with Convolutional Networks", ICCV 2015)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

ENCODER = (  # inputs, outputs, kernel, stride; a skip is taken where the next stride is 2
    (6, 64, 7, 2), (64, 128, 5, 2), (128, 256, 5, 2), (256, 256, 3, 1), (256, 512, 3, 2), (512, 512, 3, 1),
    (512, 512, 3, 2), (512, 512, 3, 1), (512, 1024, 3, 2), (1024, 1024, 3, 1),
)  # fmt: skip
DECODER = (512, 256, 128, 64)


class FlowNetS(nn.Module):
    """Two stacked frames -> flow, by strided convolutions down to 1/64 and a prediction at every scale up to 1/4."""

    def __init__(self) -> None:
        super().__init__()
        self.down = nn.ModuleList(_conv(*layer) for layer in ENCODER)
        self.up, self.predict, self.carry = nn.ModuleList(), nn.ModuleList(), nn.ModuleList()
        inputs = ENCODER[-1][1]
        for outputs, skip in zip(DECODER, (512, 512, 256, 128), strict=True):
            self.predict.append(nn.Conv2d(inputs, 2, 3, padding=1))
            self.carry.append(nn.ConvTranspose2d(2, 2, 4, 2, 1))
            self.up.append(nn.Sequential(nn.ConvTranspose2d(inputs, outputs, 4, 2, 1), nn.LeakyReLU(0.1)))
            inputs = outputs + skip + 2
        self.last = nn.Conv2d(inputs, 2, 3, padding=1)

    def forward(self, current: Tensor, previous: Tensor) -> Tensor:
        """(B, 3, H, W) twice -> flow (B, 2, H, W).

        Where a side is no multiple of 64 (800 is not), what comes up is cut to the size of the skip.
        """
        x = torch.cat([current, previous], 1)
        skips = []
        for index, down in enumerate(self.down):
            if index and ENCODER[index][3] == 2:
                skips.append(x)
            x = down(x)
        for predict, carry, up in zip(self.predict, self.carry, self.up, strict=True):
            skip = skips.pop()
            height, width = skip.shape[-2:]
            x = torch.cat([skip, up(x)[..., :height, :width], carry(predict(x))[..., :height, :width]], 1)
        flow: Tensor = self.last(x)
        return functional.interpolate(flow, size=current.shape[-2:], mode="bilinear") * 4.0


def _conv(inputs: int, outputs: int, kernel: int, stride: int) -> nn.Sequential:
    convolution = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(outputs), nn.LeakyReLU(0.1))
