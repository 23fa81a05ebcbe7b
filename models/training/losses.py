"""The terms of the training loss, each on plain tensors."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from models.data.window import UNKNOWN_TOOTH
from models.warping import cell_grid, sample

ROBUST = 0.7  # exponent of the flow error: a window lost to a fast motion must not drown sub-pixel errors
AGE_CELL = 8  # pixels; noise does not count
AGE_MARGIN = 2 / 255  # nobody sees a cell that is this much off
UNSEEN_ERROR_PX = 4.0  # what trust should expect where the truth is hidden: flow there is a guess


def charbonnier(found: Tensor, truth: Tensor, epsilon: float) -> Tensor:
    """Mean of sqrt(d^2 + epsilon^2): a smooth L1."""
    return torch.sqrt((found - truth).square() + epsilon * epsilon).mean()


def log_error(found: Tensor, truth: Tensor) -> Tensor:
    """Mean over the batch of each picture's log of its mean square error: PSNR itself, but for sign and scale.

    A picture that came in clean weighs as much as a ruined one, so the network learns to leave it alone.
    """
    return (found - truth).square().mean((1, 2, 3)).add(1e-5).log().mean()


def edges(found: Tensor, truth: Tensor) -> Tensor:
    """L1 between the finite differences of two (B, C, H, W) pictures: blur costs what a mean colour does not."""
    error = found - truth
    return (error.diff(dim=-1).abs().mean() + error.diff(dim=-2).abs().mean()) / 2


def unsteadiness(found: Tensor, truth: Tensor, flow: Tensor, visible: Tensor) -> Tensor:
    """How much more (or less) changes along the true motion than in the clean frames, mean absolute: flicker, boiling.

    found and truth (2, B, 3, H, W), the frame before first; flow (B, 2, H, W) current -> previous in pixels. Compared
    at half the size, where sampling blurs noise least for its price.
    """
    before, now = torch.chunk(F.avg_pool2d((found - truth).flatten(0, 1), 2), 2)
    moved = F.avg_pool2d(flow, 2) / 2
    seen = (F.avg_pool2d(visible, 2) > 0.99).to(found.dtype)
    difference = now - sample(before, cell_grid(moved) + moved)
    return masked_mean(difference.abs().mean(1, keepdim=True), seen)


def cell_errors(found: Tensor, truth: Tensor) -> Tensor:
    """(B, 3, H, W) twice -> (B, 3, H/8, W/8): how far the mean colours of cells of 8x8 pixels are off, absolute."""
    return F.avg_pool2d(found - truth, AGE_CELL).abs()


def harm_of_age(errors: Tensor, young: Tensor) -> Tensor:
    """Mean by which cells are further off in a long stream than they were in a young one, beyond `AGE_MARGIN`."""
    return F.relu(errors - young - AGE_MARGIN).mean()


def pooled_flow(flow: Tensor, visible: Tensor, height: int, width: int) -> tuple[Tensor, Tensor]:
    """Truth on a coarser grid: mean flow of the visible pixels of a cell, and 1 where at least half of it is visible.

    (B, 2, H, W) and (B, 1, H, W) -> (B, 2, height, width) and (B, 1, height, width), values unscaled.
    """
    if flow.shape[-2:] == (height, width):
        return flow, visible
    seen = F.adaptive_avg_pool2d(visible, (height, width))
    mean = F.adaptive_avg_pool2d(flow * visible, (height, width)) / seen.clamp(min=1e-3)
    return mean, (seen >= 0.5).to(flow.dtype)


def endpoint_error(found: Tensor, truth: Tensor) -> Tensor:
    """(B, 2, h, w) twice -> (B, 1, h, w): length of the difference, smooth at zero."""
    return torch.sqrt((found - truth).square().sum(1, keepdim=True) + 1e-4)


def masked_mean(values: Tensor, mask: Tensor) -> Tensor:
    """Mean over the pixels where the mask is 1; 0 when there is none."""
    return (values * mask).sum() / mask.sum().clamp(min=1)


def multi_level_flow(levels: list[Tensor], truth: Tensor, visible: Tensor, decay: float) -> Tensor:
    """Endpoint error to the power `ROBUST` at every level, against the truth on the finest level's grid.

    Levels are (B, 2, h, w) in pixels of the input; the finest counts 1, the one before it `decay`, then its square.
    """
    height, width = levels[-1].shape[-2:]
    pooled, seen = pooled_flow(truth, visible, height, width)
    total = truth.new_zeros(())
    for age, level in enumerate(reversed(levels)):
        found = level.float()
        if found.shape[-2:] != (height, width):
            found = F.interpolate(found, (height, width), mode="bilinear", align_corners=False)
        total = total + decay**age * masked_mean(endpoint_error(found, pooled).pow(ROBUST), seen)
    return total


def paper_flow(levels: list[Tensor], truth: Tensor, visible: Tensor) -> Tensor:
    """L1 at every level, upsampled, against the full-resolution truth where |flow| < 150 px, scale weight 0.8^k."""
    used = visible * (truth.square().sum(1, keepdim=True) < 150.0**2).to(truth.dtype)
    total = truth.new_zeros(())
    for age, level in enumerate(reversed(levels)):
        found = F.interpolate(level.float(), truth.shape[-2:], mode="bilinear", align_corners=False)
        total = total + 0.8**age * masked_mean((found - truth).abs().mean(1, keepdim=True), used)
    return total


def laplace(log_scale: Tensor, error: Tensor, visible: Tensor) -> Tensor:
    """Negative log-likelihood of flow errors under a radial Laplace law of scale b: e / b + 2 log b.

    The errors (B, 1, h, w) carry no gradient: trust learns what the flow is, and does not bend it. Hidden pixels count
    a quarter, as errors of `UNSEEN_ERROR_PX`.
    """
    expected = torch.where(visible > 0.5, error.detach(), torch.full_like(error, UNSEEN_ERROR_PX))
    scale = log_scale.float().clamp(-5.0, 5.0)
    likelihood = expected * torch.exp(-scale) + 2 * scale
    weight = torch.where(visible > 0.5, 1.0, 0.25)
    return (likelihood * weight).sum() / weight.sum()


def tooth(logit: Tensor, truth: Tensor) -> Tensor:
    """Binary cross-entropy and soft Dice on the grid of the logits (B, 1, h, w); truth (B, H, W) with 255 = unknown."""
    known = (truth != UNKNOWN_TOOTH).float()[:, None]
    share, target = known, (truth == 1).float()[:, None]
    if logit.shape[-2:] != truth.shape[-2:]:
        height, width = logit.shape[-2:]
        share = F.adaptive_avg_pool2d(known, (height, width))
        target = F.adaptive_avg_pool2d(target, (height, width)) / share.clamp(min=1e-3)
    found = logit.float()
    entropy = masked_mean(F.binary_cross_entropy_with_logits(found, target.clamp(0, 1), reduction="none"), share)
    probability = torch.sigmoid(found) * share
    overlap = 2 * (probability * target).sum() + 1
    dice = 1 - overlap / (probability.sum() + (target * share).sum() + 1)
    return entropy + dice


def paper_mask(logits: list[Tensor], truth: Tensor) -> Tensor:
    """Cross-entropy of tooth against not at every scale, upsampled to the truth (B, H, W), scale weight 0.8^k.

    One logit (B, 1, h, w) stands for the difference of the published two, which leaves the loss as it was.
    """
    total = torch.zeros((), device=truth.device)
    known, target = (truth != UNKNOWN_TOOTH).float()[:, None], (truth == 1).float()[:, None]
    for age, level in enumerate(reversed(logits)):
        found = F.interpolate(level.float(), truth.shape[-2:], mode="bilinear", align_corners=False)
        entropy = F.binary_cross_entropy_with_logits(found, target, reduction="none")
        total = total + 0.8**age * masked_mean(entropy, known)
    return total


def paper_enhance(levels: list[Tensor], truth: Tensor) -> Tensor:
    """Charbonnier with epsilon 1e-6 at every scale against the resized clean frame, scale weight 0.8^k."""
    total = truth.new_zeros(())
    for age, level in enumerate(reversed(levels)):
        size = level.shape[-2:]
        resized = truth if size == truth.shape[-2:] else F.adaptive_avg_pool2d(truth, (size[0], size[1]))
        total = total + 0.8**age * charbonnier(level.float(), resized, 1e-6)
    return total
