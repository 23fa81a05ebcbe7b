"""What a set of windows holds, in the figures that the slides give for theirs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from models import metrics
from models.data.window import UNKNOWN_TOOTH, Window

SLIDES_SIDE = 800  # their frames are 800x800
WORKING_PIXELS = 640 * 480  # windows of any size are cut at this scale
TO_SLIDES = SLIDES_SIDE / WORKING_PIXELS**0.5
WARP_SAMPLE = 3  # every third window's flow truth is checked by warping


@dataclass(frozen=True, slots=True)
class Statistics:
    """Means over windows; the first frame of each is left out where motion counts."""

    windows: int
    input_psnr: float  # dB
    input_psnr_percentiles: tuple[float, ...]  # 10, 50, 90
    mean_flow: float  # px at the working size
    mean_flow_at_800: float  # the same motion on frames of 800x800
    flow_percentiles: tuple[float, ...]  # 50, 90, 99 of the windows' means, px at the working size
    tooth_fraction: float  # of the labelled windows
    labelled: float  # share of windows with a mask
    visible: float  # share of pixels seen in the frame before
    truth_error: float  # grey levels between a clean frame and the one before brought over it by the true flow


def statistics(windows: Iterable[Window]) -> Statistics:
    """Go through the windows once."""
    psnr, flow, tooth, visible, warped = [], [], [], [], []
    for number, window in enumerate(windows):
        pairs = zip(window.degraded, window.clean, strict=True)
        psnr.append(np.mean([metrics.psnr(degraded, clean) for degraded, clean in pairs]))
        flow.append(np.linalg.norm(window.flow[1:].astype(np.float32), axis=-1).mean())
        visible.append(window.visible[1:].mean())
        if (window.tooth != UNKNOWN_TOOTH).any():
            tooth.append((window.tooth == 1).mean())
        if number % WARP_SAMPLE == 0:
            warped.append(_truth_error(window))
    mean_flow = float(np.mean(flow))
    return Statistics(
        windows=len(psnr),
        input_psnr=float(np.mean(psnr)),
        input_psnr_percentiles=_percentiles(psnr, (10, 50, 90)),
        mean_flow=mean_flow,
        mean_flow_at_800=mean_flow * TO_SLIDES,
        flow_percentiles=_percentiles(flow, (50, 90, 99)),
        tooth_fraction=float(np.mean(tooth)) if tooth else metrics.NOT_MEASURED,
        labelled=len(tooth) / len(psnr),
        visible=float(np.mean(visible)),
        truth_error=float(np.nanmean(warped)),
    )


def _percentiles(values: list[np.floating], which: tuple[int, ...]) -> tuple[float, ...]:
    return tuple(float(value) for value in np.percentile(values, which))


def _truth_error(window: Window) -> float:
    clean, visible = window.clean, window.visible > 0
    errors = [
        metrics.temporal_error(clean[k], clean[k - 1], window.flow[k].astype(np.float32), visible[k])
        for k in range(1, len(clean))
    ]
    return float(np.nanmean(errors)) if np.isfinite(errors).any() else metrics.NOT_MEASURED
