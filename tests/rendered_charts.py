"""Photographs of the 24-patch chart that were never taken: known reference, a camera that sees it wrong."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.calibration.chart import reference_linear
from engine.values import Image

CELL, GAP = 60, 8


def flat_chart() -> NDArray[np.float64]:
    """(H, W, 3) linear light of the chart with its black frame."""
    height, width = 4 * CELL + 5 * GAP, 6 * CELL + 7 * GAP
    chart = np.full((height, width, 3), 0.012)
    for index, light in enumerate(np.clip(reference_linear(), 0, 1)):
        row, column = divmod(index, 6)
        y, x = GAP + row * (CELL + GAP), GAP + column * (CELL + GAP)
        chart[y : y + CELL, x : x + CELL] = light
    return chart


def photograph_chart(
    rng: np.random.Generator,
    *,
    size: tuple[int, int] = (640, 480),
    exposure: float = 0.8,
    saturation: float = 1.0,
    contrast: float = 0.0,
) -> tuple[Image, NDArray[np.float64]]:
    """(480, 640, 3) uint8 RGB and the outer corners (4, 2) of patches 1, 6, 24, 19.

    `exposure` is what white comes to, before a cast; `saturation` is the camera's own knob, 1 as it comes; `contrast`
    makes its tone curve an S, as most cameras have it.
    """
    chart = flat_chart()
    height, width = chart.shape[:2]
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    margin = np.array([70, 70])
    target = np.array([[0, 0], [size[0], 0], [size[0], size[1]], [0, size[1]]], np.float64)
    target = target + margin * np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]]) + rng.uniform(-18, 18, (4, 2))
    homography = cv2.getPerspectiveTransform(corners, target.astype(np.float32))
    scene = cv2.warpPerspective(chart, homography, size, borderMode=cv2.BORDER_CONSTANT, borderValue=(0.35, 0.33, 0.3))
    mix = np.eye(3) + rng.uniform(-0.12, 0.12, (3, 3))
    mix = mix / mix.sum(1, keepdims=True)
    mix = saturation * mix + (1 - saturation) / 3
    cast = rng.uniform(0.8, 1.1, 3)
    y, x = np.mgrid[0 : size[1], 0 : size[0]]
    light = 1 - 0.06 * ((x / size[0] - 0.5) ** 2 + (y / size[1] - 0.5) ** 2) * 2
    seen = np.clip(scene @ mix.T * cast * exposure * light[..., None], 0, 1)
    tones = seen ** (1 / rng.uniform(1.9, 2.5))
    levels = 3 + 252 * (tones + contrast * (3 * tones**2 - 2 * tones**3 - tones))
    soft = cv2.GaussianBlur(levels, (0, 0), 1.0) + rng.normal(0, 1.5, levels.shape)
    inner = np.array([[GAP, GAP], [width - GAP, GAP], [width - GAP, height - GAP], [GAP, height - GAP]], np.float64)
    placed = cv2.perspectiveTransform(inner.reshape(1, -1, 2), homography.astype(np.float64)).reshape(4, 2)
    return np.clip(np.round(soft), 0, 255).astype(np.uint8), placed
