"""Runs one method over the suite and keeps one row of numbers per frame."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from models import metrics
from models.data.window import Window
from models.evaluation.predictors import Prediction, Predictor

MEASURES = ("psnr", "ssim", "epe", "epe_visible", "epe_tooth", "iou", "temporal")
SSIM_EVERY = 2  # SSIM takes longer than everything else together
TRUST_GRID = 8  # trust is judged on every eighth pixel


@dataclass(frozen=True, slots=True)
class Row:
    """One frame under one method."""

    method: str
    condition: str
    level: str
    clip: str
    frame: int
    values: dict[str, float]  # MEASURES; nan = not measured


@dataclass(slots=True)
class Findings:
    """All rows of one method, and its pairs of trust and flow error."""

    rows: list[Row] = field(default_factory=list)
    trust: list[NDArray[np.float32]] = field(default_factory=list)
    error: list[NDArray[np.float32]] = field(default_factory=list)

    def keep_trust(self, clip: Window, k: int, found: Prediction) -> None:
        """Remember trust and flow error on a grid of pixels."""
        if found.trust is None or found.flow is None:
            return
        grid = np.s_[::TRUST_GRID, ::TRUST_GRID]
        self.trust.append(found.trust[grid].ravel())
        self.error.append(metrics.endpoint_errors(found.flow[grid], clip.flow[k][grid].astype(np.float32)).ravel())

    def trust_ratio(self) -> float:
        """Calibration of trust over all frames; nan for methods without trust."""
        if not self.trust:
            return metrics.NOT_MEASURED
        return metrics.trust_ratio(np.concatenate(self.trust), np.concatenate(self.error))


def measure(
    predictor: Predictor,
    clips: Iterable[Window],
    on_clean: bool = False,
    only_last: bool = False,
    progress: Callable[[int], None] = lambda _: None,
) -> Findings:
    """Step through every clip from a fresh state; the first frame of each is not measured.

    `on_clean` feeds the clean frames, where SSIM and flicker say nothing; `only_last` (for slow methods without memory)
    looks at the last frame alone.
    """
    findings = Findings()
    for number, clip in enumerate(clips, start=1):
        frames = clip.clean if on_clean else clip.degraded
        predictor.reset()
        before: Prediction | None = None
        for k in range(len(frames) - 1 if only_last else 0, len(frames)):
            found = predictor.step(frames[k])
            if k > 0:
                findings.rows.append(_row(predictor.name, clip, k, found, before, on_clean))
                findings.keep_trust(clip, k, found)
            before = found
        progress(number)
    return findings


def _row(method: str, clip: Window, k: int, found: Prediction, before: Prediction | None, on_clean: bool) -> Row:
    name, condition, level = clip.name.split("/")
    values = dict.fromkeys(MEASURES, metrics.NOT_MEASURED)
    truth, visible = clip.flow[k].astype(np.float32), clip.visible[k] > 0
    if found.enhanced is not None:
        values["psnr"] = metrics.psnr(found.enhanced, clip.clean[k])
        if not on_clean and (len(clip.clean) - 1 - k) % SSIM_EVERY == 0:
            values["ssim"] = metrics.ssim(found.enhanced, clip.clean[k])
        if not on_clean and before is not None and before.enhanced is not None:
            values["temporal"] = metrics.temporal_error(found.enhanced, before.enhanced, truth, visible)
    if found.flow is not None:
        error = metrics.endpoint_errors(found.flow, truth)
        values["epe"] = float(error.mean())
        values["epe_visible"] = metrics.mean_over(error, visible)
        values["epe_tooth"] = metrics.mean_over(error, visible & (clip.tooth[k] == 1))
    if found.tooth is not None:
        values["iou"] = metrics.tooth_iou(found.tooth, clip.tooth[k])
    return Row(method, condition, level, name, k, values)
