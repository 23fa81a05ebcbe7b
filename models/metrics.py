"""The measures of the slides' table, and three of our own: error on teeth, calibration of trust, flicker."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage.metrics import structural_similarity

from models.data.window import UNKNOWN_TOOTH

Picture = NDArray[np.uint8]  # (H, W, 3) RGB
Flow = NDArray[np.float32]  # (H, W, 2) (x, y), current -> previous, px
NOT_MEASURED = float("nan")


def psnr(picture: Picture, truth: Picture) -> float:
    """10 log10(255^2 / MSE) in dB; equal pictures count as 100 dB."""
    difference = picture.astype(np.float32) - truth.astype(np.float32)
    return float(10 * np.log10(255.0**2 / max(float(np.square(difference).mean()), 255.0**2 * 1e-10)))


def ssim(picture: Picture, truth: Picture) -> float:
    """Structural similarity, 11x11 Gaussian window of sigma 1.5, mean of the three channels (Wang et al. 2004)."""
    return float(
        structural_similarity(
            picture.astype(np.float32),
            truth.astype(np.float32),
            channel_axis=-1,
            data_range=255,
            gaussian_weights=True,
            sigma=1.5,
            use_sample_covariance=False,
        )
    )


def endpoint_errors(flow: Flow, truth: Flow) -> NDArray[np.float32]:
    """(H, W) distance between the ends of both vectors, px."""
    return np.asarray(np.linalg.norm(flow - truth, axis=-1), np.float32)


def mean_over(values: NDArray[np.float32], chosen: NDArray[np.bool_]) -> float:
    """Mean over the chosen pixels; not measured where there are none."""
    return float(values[chosen].mean()) if chosen.any() else NOT_MEASURED


def tooth_iou(found: NDArray[np.bool_], truth: NDArray[np.uint8]) -> float:
    """|P and G| / |P or G| on labelled pixels; not measured in pictures without any tooth or label."""
    known, tooth = truth != UNKNOWN_TOOTH, truth == 1
    if not tooth.any():
        return NOT_MEASURED
    return float((found & tooth & known).sum() / ((found | tooth) & known).sum())


def warp(previous: Picture, flow: Flow) -> Picture:
    """The previous picture brought to the current one's pose by a backward flow, bilinear."""
    height, width = flow.shape[:2]
    x = np.arange(width, dtype=np.float32)[None, :] + flow[..., 0]
    y = np.arange(height, dtype=np.float32)[:, None] + flow[..., 1]
    return np.asarray(cv2.remap(previous, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.uint8)


def temporal_error(current: Picture, previous: Picture, flow: Flow, visible: NDArray[np.bool_]) -> float:
    """Mean absolute change along the true motion, in grey levels of 255: flicker, noise and boiling, not movement."""
    if not visible.any():
        return NOT_MEASURED
    difference = np.abs(current.astype(np.int16) - warp(previous, flow).astype(np.int16))
    return float(difference[visible].mean())


def trust_ratio(trust: NDArray[np.float32], error: NDArray[np.float32]) -> float:
    """Flow error of the least trusted tenth of the pixels over that of the tenth around the median trust.

    Ties are broken at random, so that a constant trust scores about 1.
    """
    order = np.lexsort((np.random.default_rng(0).random(len(trust)), trust))
    ordered = error[order]
    tenth = max(len(ordered) // 10, 1)
    start = (len(ordered) - tenth) // 2
    return float(ordered[:tenth].mean() / max(float(ordered[start : start + tenth].mean()), 1e-6))
