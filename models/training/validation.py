"""Measures the averaged weights on windows kept aside, beside the input, zero flow and OpenCV's DIS."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from models.data.window import UNKNOWN_TOOTH, Window
from models.training.batches import Windows, stack
from models.training.rollout import initial_state, pictures

COLUMNS = (
    "val_psnr",
    "val_psnr_input",
    "val_epe",
    "val_epe_tooth",
    "val_epe_zero",
    "val_epe_dis",
    "val_iou",
    "val_trust_ratio",  # flow error of the lowest-trust tenth over the error at median trust
)


def score(found: Mapping[str, float]) -> float:
    """One number to choose the best weights by: each task as a share of its goal (+8 dB, IoU 0.8, 0.6 of DIS)."""
    gain = (found["val_psnr"] - found["val_psnr_input"]) / 8
    return gain + found["val_iou"] / 0.8 - found["val_epe"] / (0.6 * found["val_epe_dis"])


class Validation:
    """A fixed choice of windows; the classical flow on them is computed once."""

    def __init__(self, windows: Windows, count: int) -> None:
        chosen = np.unique(np.linspace(0, len(windows) - 1, min(count, len(windows))).round().astype(int))
        self._windows = [windows[int(index)] for index in chosen]
        self._given = [_givens(window) for window in self._windows]

    @torch.no_grad()
    def run(self, network: nn.Module, device: torch.device) -> dict[str, float]:
        """Mean over the frames after each window's first, at full resolution."""
        rows = []
        trust: list[NDArray[np.float32]] = []
        for window, given in zip(self._windows, self._given, strict=True):
            mine, pairs = _measure(network, window, device)
            rows.append({**given, **mine})
            trust.append(pairs)
        return {**_means(rows), "val_trust_ratio": _trust_ratio(np.concatenate(trust))}


def _measure(network: nn.Module, window: Window, device: torch.device) -> tuple[dict[str, float], NDArray[np.float32]]:
    batch = stack([window]).to(device)
    state = initial_state(network, pictures(batch.degraded[:, 0]))
    rows, pairs = [], []
    for t in range(batch.degraded.shape[1]):
        outputs, state = network(pictures(batch.degraded[:, t]), state)
        if t == 0:
            continue
        clean = pictures(batch.clean[:, t])
        truth = batch.flow[:, t].permute(0, 3, 1, 2).float()
        error = (_grown(outputs.flow[-1].pixels, truth) - truth).square().sum(1).sqrt()
        seen = batch.visible[:, t] > 0
        tooth = batch.tooth[:, t]
        predicted = _grown(outputs.tooth[-1], truth)[:, 0] > 0
        rows.append(
            {
                "val_psnr": _psnr(outputs.enhanced, clean),
                "val_epe": _mean(error[seen]),
                "val_epe_tooth": _mean(error[seen & (tooth == 1)]),
                "val_iou": _iou(predicted, tooth),
            }
        )
        spread = _grown(outputs.log_scale, truth)[:, 0]
        pairs.append(torch.stack([spread[seen], error[seen]], -1)[::37].cpu().numpy())
    return _means(rows), np.concatenate(pairs)


def _givens(window: Window) -> dict[str, float]:
    """What no network has a part in: the input's PSNR, zero flow's error, DIS's error on the degraded frames."""
    rows = []
    dis = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    grey = [cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) for frame in window.degraded]
    for t in range(1, len(grey)):
        truth, seen = window.flow[t].astype(np.float32), window.visible[t] > 0
        found = dis.calc(grey[t], grey[t - 1], None)
        difference = window.degraded[t].astype(np.float32) - window.clean[t]
        rows.append(
            {
                "val_psnr_input": float(-10 * np.log10(max(np.square(difference / 255).mean(), 1e-8))),
                "val_epe_zero": _mean(torch.from_numpy(np.linalg.norm(truth, axis=-1)[seen])),
                "val_epe_dis": _mean(torch.from_numpy(np.linalg.norm(found - truth, axis=-1)[seen])),
            }
        )
    return _means(rows)


def _means(rows: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Column means; a row without teeth says nothing of them, and says so as NaN."""
    means = {}
    for name in rows[0]:
        known = [row[name] for row in rows if not math.isnan(row[name])]
        means[name] = sum(known) / len(known) if known else math.nan
    return means


def _grown(field: Tensor, like: Tensor) -> Tensor:
    return F.interpolate(field.float(), like.shape[-2:], mode="bilinear", align_corners=False)


def _psnr(found: Tensor, truth: Tensor) -> float:
    return float(-10 * (found.float().clamp(0, 1) - truth).square().mean().clamp(min=1e-8).log10())


def _mean(values: Tensor) -> float:
    return float(values.mean()) if values.numel() else float("nan")


def _iou(found: Tensor, truth: Tensor) -> float:
    known, tooth = truth != UNKNOWN_TOOTH, truth == 1
    union = ((found | tooth) & known).sum()
    return float((found & tooth & known).sum() / union) if tooth.any() else float("nan")


def _trust_ratio(pairs: NDArray[np.float32]) -> float:
    """(N, 2) of log scale and error -> error of the least trusted tenth over that of the middle tenth."""
    ordered = pairs[np.argsort(pairs[:, 0]), 1]
    tenth = max(len(ordered) // 10, 1)
    middle = len(ordered) // 2
    return float(ordered[-tenth:].mean() / max(ordered[middle - tenth // 2 : middle + tenth // 2 + 1].mean(), 1e-6))
