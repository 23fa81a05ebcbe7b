"""Trains Lite's colour path alone, on small pictures and on features kept from a frozen encoder.

Colour is decided at 1/16 and judged at 1/8, so nothing larger has to be computed again: some hundred times the frames a
second of joint training, in which colour learns from four windows a step.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from models.lite.colour import CELLS
from models.lite.encoder import Features, Light, measure_light, normalise
from models.lite.network import MostnetLite
from models.training import losses
from models.training.batches import Windows
from models.training.rollout import LOG_SHARE, pictures

JUDGED = 8  # pixels between two samples of the pictures compared
BATCH = 24  # windows
RATE, WARM_STEPS, REPORT_STEPS = 1.5e-3, 100, 500


@dataclass(frozen=True, slots=True)
class SmallWindows:
    """What the colour path sees of N windows of T frames, and what should come out."""

    seen: Tensor  # (N, T, 3, H/8, W/8) float16, the degraded frames
    clean: Tensor  # (N, T, 3, H/8, W/8) float16
    sixteenth: Tensor  # (N, T, C, H/16, W/16) float16, the encoder's features
    deep: Tensor  # (N, T, C, 1, 1) float16, the mean of its deepest ones
    mean: Tensor  # (N, T, 3, 1, 1)
    deviation: Tensor  # (N, T, 3, 1, 1)


@torch.no_grad()
def shrink(network: MostnetLite, windows: Windows) -> SmallWindows:
    """Every second frame of every window through the encoder."""
    rows: list[tuple[Tensor, ...]] = []
    for index in range(len(windows)):
        window = windows[index]
        seen = pictures(torch.from_numpy(np.ascontiguousarray(window.degraded[::2])))
        clean = pictures(torch.from_numpy(np.ascontiguousarray(window.clean[::2])))
        unshuffled = functional.pixel_unshuffle(seen, 4)
        light = measure_light(unshuffled)
        features = network.encoder(normalise(unshuffled, light))
        small = [functional.avg_pool2d(picture, JUDGED).half() for picture in (seen, clean)]
        deep = features.deep.mean((2, 3), keepdim=True).half()
        rows.append((*small, features.sixteenth.half(), deep, light.mean, light.deviation))
    return SmallWindows(*(torch.stack(column) for column in zip(*rows, strict=True)))


def warm(network: MostnetLite, small: SmallWindows, steps: int, seed: int, say: Callable[[str], None]) -> None:
    """Train `network.colour` in place; the rest stays as it is."""
    generator = torch.Generator().manual_seed(seed)
    colour = network.colour
    optimizer = torch.optim.AdamW(colour.parameters(), RATE, weight_decay=1e-4)
    found = 0.0
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = RATE * min(1.0, (step + 1) / WARM_STEPS) * (1 - step / steps) + 1e-5
        index = torch.randint(len(small.mean), (BATCH,), generator=generator)
        loss, error = judged(network, tinted(small, index, generator))
        if not math.isfinite(loss.item()):
            raise FloatingPointError(f"the loss of step {step} is not finite")
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(colour.parameters(), 1.0)
        optimizer.step()
        found += error
        if (step + 1) % REPORT_STEPS == 0:
            say(f"{step + 1} of {steps} steps: {found / REPORT_STEPS:.2f} dB at 1/{JUDGED}")
            found = 0.0


def tinted(small: SmallWindows, index: Tensor, generator: torch.Generator) -> SmallWindows:
    """Some windows under another gain, cast, flicker and black level: the encoder's features do not depend on them."""

    def scattered(*shape: int) -> Tensor:
        return torch.randn(len(index), *shape, 1, 1, generator=generator)

    gain = (0.15 * scattered(1, 1) + 0.06 * scattered(1, 3) + 0.02 * scattered(small.mean.shape[1], 1)).exp()
    is_lifted = (torch.rand(len(index), 1, 1, 1, 1, generator=generator) < 0.3).float()
    black = 0.05 * is_lifted * torch.rand(len(index), 1, 1, 1, 1, generator=generator)
    return SmallWindows(
        small.seen[index].float() * gain + black,
        small.clean[index].float(),
        small.sixteenth[index].float(),
        small.deep[index].float(),
        small.mean[index] * gain + black,
        small.deviation[index] * gain,
    )


def judged(network: MostnetLite, some: SmallWindows) -> tuple[Tensor, float]:
    """The loss over all frames of some windows, and the PSNR of the last frame."""
    count, frames, _, height, width = some.seen.shape
    camera = some.seen.new_zeros(count, 6, height * JUDGED // CELLS, width * JUDGED // CELLS)
    total, psnr = some.seen.new_zeros(()), 0.0
    for t in range(frames):
        normalised = (some.seen[:, t] - some.mean[:, t]) / some.deviation[:, t]
        blocks = functional.avg_pool2d(normalised, CELLS // JUDGED)
        light = Light(some.mean[:, t], some.deviation[:, t], blocks)
        unused = some.sixteenth[:, t]
        features = Features(unused, unused, some.sixteenth[:, t], some.deep[:, t])
        past = normalised.new_full((count, 1, 1, 1), float(t > 0))
        gain, lift, camera = network.colour.correction(blocks, features, light, camera, past)
        smooth = functional.interpolate(torch.cat([gain, lift], 1), scale_factor=CELLS / JUDGED, mode="bilinear")
        found, clean = normalised * smooth[:, :3] + smooth[:, 3:], some.clean[:, t]
        total = total + losses.charbonnier(found, clean, 1e-3) + LOG_SHARE * losses.log_error(found, clean)
        error = (found.detach().clamp(0, 1) - clean).square().mean((1, 2, 3))
        psnr = float(-10 * error.clamp(min=1e-8).log10().mean())
    return total / frames, psnr
