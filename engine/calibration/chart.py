"""The 24-patch colour chart in a picture: found by itself or by four corners, right way round or refused."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import colour
import cv2
import numpy as np
from numpy.typing import NDArray

from engine.errors import CalibrationError
from engine.values import Image

COLUMNS, ROWS = 6, 4
REFERENCE = "ColorChecker24 - After November 2014"
SAMPLED = 0.4  # the middle of each cell: patches have black frames of unknown width
GREYS = slice(18, 24)  # white to black
FEWEST_RANKS = 0.9
WHITE_LEVEL, BLACK_LEVEL = 251, 3  # beyond them a patch says nothing any more
Patches = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ChartReading:
    """What the camera made of the chart."""

    values: Patches  # (24, 3) mean sRGB levels 0..255
    noise: float  # median standard deviation inside a patch, in levels
    overexposed: tuple[int, ...]  # patches with a channel at white
    underexposed: tuple[int, ...]  # patches with every channel at black
    corners: NDArray[np.float64]  # (4, 2) pixels: outer corners of patches 1, 6, 24, 19

    @property
    def clipped(self) -> tuple[int, ...]:
        """Patches that the exposure cut off, at either end."""
        return (*self.overexposed, *self.underexposed)


@cache
def patch_names() -> tuple[str, ...]:
    """Such as "dark skin" and "cyan", in the chart's order."""
    return tuple(name.split(" (")[0].rstrip("0123456789. ") for name in colour.CCS_COLOURCHECKERS[REFERENCE].data)


@cache
def reference_lab() -> Patches:
    """(24, 3) CIE L*a*b* of the patches under D65, from colour-science's table."""
    chart = colour.CCS_COLOURCHECKERS[REFERENCE]
    xyz = colour.xyY_to_XYZ(np.array(list(chart.data.values())))
    white = colour.CCS_ILLUMINANTS["CIE 1931 2 Degree Standard Observer"]["D65"]
    adapted = colour.chromatic_adaptation(xyz, colour.xy_to_XYZ(chart.illuminant), colour.xy_to_XYZ(white))
    return np.asarray(colour.XYZ_to_Lab(adapted, white), np.float64)


@cache
def reference_linear() -> Patches:
    """(24, 3) linear sRGB, 0..1; the cyan patch lies a little outside."""
    white = colour.CCS_ILLUMINANTS["CIE 1931 2 Degree Standard Observer"]["D65"]
    xyz = colour.Lab_to_XYZ(reference_lab(), white)
    return np.asarray(xyz @ np.asarray(colour.RGB_COLOURSPACES["sRGB"].matrix_XYZ_to_RGB).T, np.float64)


def find_chart(pixels: Image) -> NDArray[np.float64]:
    """Corners (4, 2) of the patch area in (H, W, 3) uint8 RGB. Raises CalibrationError if no chart is found."""
    detector = cv2.mcc.CCheckerDetector.create()
    detector.setColorChartType(cv2.mcc.MCC24)
    if not detector.process(cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), 1):
        raise CalibrationError(
            "No colour chart was found.", "Fill the picture with the chart, or give its four corners."
        )
    return np.asarray(detector.getBestColorChecker().getBox(), np.float64).reshape(4, 2)


def read_chart(pixels: Image, corners: NDArray[np.float64] | None = None) -> ChartReading:
    """Sample the chart, found automatically or at the outer corners of its four corner patches (any order round).

    Raises CalibrationError for no chart, another chart, a mirrored one or one that is not wholly in the picture.
    """
    quad = find_chart(pixels) if corners is None else np.asarray(corners, np.float64).reshape(4, 2)
    height, width = pixels.shape[:2]
    if (quad < -2).any() or (quad > (width + 2, height + 2)).any():
        raise CalibrationError("The chart is not wholly in the picture.", "Move the camera back.")
    orders = [np.roll(turned, turn, axis=0) for turned in (quad, quad[::-1]) for turn in range(4)]
    misfits = [_misfit(pixels, order) for order in orders]
    placed = orders[int(np.argmin(misfits))]
    if min(misfits) > 1 - FEWEST_RANKS:
        raise CalibrationError(
            "This is not the 24-patch chart, or it is partly hidden.", "Use a 24-patch chart, whole and evenly lit."
        )
    if cv2.contourArea(placed.astype(np.float32), oriented=True) < 0:
        raise CalibrationError("The chart is mirrored.", "Switch the camera's mirroring off.")
    values, noise = _sample(pixels, placed)
    over, under = (values > WHITE_LEVEL).any(1), (values < BLACK_LEVEL).all(1)
    overexposed, underexposed = (tuple(np.flatnonzero(which).tolist()) for which in (over, under))
    return ChartReading(values, noise, overexposed, underexposed, placed)


def _misfit(pixels: Image, quad: NDArray[np.float64]) -> float:
    """1 minus the mean rank correlation of the three channels with the reference: 0 is perfect, whatever the light."""
    values, _ = _sample(pixels, quad)
    ranks = [_ranks(values[:, one]) for one in range(3)]
    wanted = [_ranks(reference_linear()[:, one]) for one in range(3)]
    return 1 - float(np.mean([np.corrcoef(a, b)[0, 1] for a, b in zip(ranks, wanted, strict=True)]))


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(values.argsort().argsort(), np.float64)


def _sample(pixels: Image, quad: NDArray[np.float64]) -> tuple[Patches, float]:
    """(24, 3) means and the median noise inside a patch; `quad` begins at patch 1 and runs along its row."""
    cell = 24
    target = np.array([[0, 0], [COLUMNS, 0], [COLUMNS, ROWS], [0, ROWS]], np.float32) * cell
    homography = cv2.getPerspectiveTransform(quad.astype(np.float32), target)
    flat = cv2.warpPerspective(pixels, homography, (COLUMNS * cell, ROWS * cell), flags=cv2.INTER_AREA)
    half = round(cell * SAMPLED / 2)
    means, spreads = [], []
    for row in range(ROWS):
        for column in range(COLUMNS):
            y, x = row * cell + cell // 2, column * cell + cell // 2
            patch = flat[y - half : y + half, x - half : x + half].reshape(-1, 3).astype(np.float64)
            means.append(patch.mean(0))
            spreads.append(patch.std(0).mean())
    return np.array(means), float(np.median(spreads))
