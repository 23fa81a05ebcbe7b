"""Colour calibration: linearise by the grey patches, fit a matrix, and say honestly how far it is from the chart."""

from __future__ import annotations

from dataclasses import dataclass

import colour
import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from engine.calibration.chart import GREYS, ChartReading, Patches, reference_lab, reference_linear
from engine.errors import CalibrationError

MOST_MEAN, MOST_MAX = 3.0, 6.0
MOST_CLIPPED = 4
LEVELS = 256
STEP = 1e-5


@dataclass(frozen=True, slots=True)
class ColourFit:
    """levels -> table -> matrix -> linear sRGB."""

    gamma: NDArray[np.float64]  # (3,) per channel
    black: NDArray[np.float64]  # (3,) levels
    matrix: NDArray[np.float64]  # (3, 3) linear camera RGB -> linear sRGB

    def table(self) -> NDArray[np.float32]:
        """(256, 3): level of each channel -> linear light, 0..1."""
        levels = np.arange(LEVELS)[:, None]
        share = np.clip(levels - self.black, 0, None) / (255 - self.black)
        return np.asarray(share**self.gamma, np.float32)

    def linear(self, values: Patches) -> Patches:
        """(N, 3) levels 0..255 -> linear sRGB."""
        share = np.clip(values - self.black, 0, None) / (255 - self.black)
        return np.asarray(share**self.gamma @ self.matrix.T, np.float64)


@dataclass(frozen=True, slots=True)
class ColourResult:
    """What the technician signs; all differences are CIE Delta E 2000."""

    fit: ColourFit
    before: Patches  # (24,)
    after: Patches  # (24,)
    left_out: Patches  # (24,) each patch predicted by a fit to the other 23
    white_balance: tuple[float, float, float]  # gains that make the grey patches grey
    noise: float
    failures: tuple[str, ...]

    @property
    def verdict(self) -> str:
        """ "pass" or "fail"."""
        return "fail" if self.failures else "pass"


def calibrate_colour(reading: ChartReading) -> ColourResult:
    """Fit and judge. Raises CalibrationError for a picture that cannot be used."""
    if len(reading.clipped) > MOST_CLIPPED:
        raise CalibrationError(
            f"{len(reading.clipped)} patches are over- or underexposed.", "Set the exposure so that white is below 250."
        )
    usable = np.setdiff1d(np.arange(24), reading.clipped)
    fit = _fit(reading.values, usable)
    after = _differences(fit.linear(reading.values))
    left_out = np.array(
        [
            _differences(_fit(reading.values, np.setdiff1d(usable, [one])).linear(reading.values))[one]
            for one in range(24)
        ]
    )
    greys = reading.values[GREYS][1:4].mean(0)
    gains = greys.max() / greys
    judged = after[usable]
    failures = []
    if judged.mean() > MOST_MEAN:
        failures.append(f"mean Delta E {judged.mean():.1f} is over {MOST_MEAN:g}")
    if judged.max() > MOST_MAX:
        failures.append(f"Delta E of patch {usable[judged.argmax()] + 1} is {judged.max():.1f}, over {MOST_MAX:g}")
    balance = (float(gains[0]), float(gains[1]), float(gains[2]))
    return ColourResult(
        fit, _differences(_srgb_linear(reading.values)), after, left_out, balance, reading.noise, tuple(failures)
    )


def _predicted(values: Patches, usable: NDArray[np.int64], one: int, start: ColourFit) -> float:
    """Delta E of one patch under a fit that never saw it."""
    fit = _fit(values, np.setdiff1d(usable, [one]), start)
    return float(_differences(fit.linear(values))[one])


def _fit(values: Patches, usable: NDArray[np.int64], start: ColourFit | None = None) -> ColourFit:
    """Start from the grey patches' curve and least squares, then lower Delta E 2000 itself."""
    gamma, black = _curve(values, usable)
    share = (np.clip(values - black, 0, None) / (255 - black)) ** gamma
    weights = 1 / (0.05 + reference_linear()[usable].mean(1, keepdims=True))  # the eye judges relative differences
    matrix, *_ = np.linalg.lstsq(share[usable] * weights, reference_linear()[usable] * weights, rcond=None)

    def cost(flat: NDArray[np.float64]) -> NDArray[np.float64]:
        return _differences(share @ flat.reshape(3, 3))[usable]

    def slope(flat: NDArray[np.float64]) -> NDArray[np.float64]:
        """All nine differences in one call of the library, whose calls are dear and whose arrays are cheap."""
        moved = share @ (flat + STEP * np.eye(9)).reshape(9, 3, 3)
        return ((_differences(moved)[:, usable] - cost(flat)) / STEP).T

    first, trials = (matrix, 40) if start is None else (start.matrix.T, 6)
    best = optimize.least_squares(cost, first.ravel(), slope, loss="soft_l1", f_scale=2.0, max_nfev=trials)
    return ColourFit(gamma, black, best.x.reshape(3, 3).T)


def _curve(values: Patches, usable: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Gamma and black level of each channel from the grey patches."""
    greys = np.array([index for index in range(GREYS.start, GREYS.stop) if index in usable])
    if len(greys) < 4:
        raise CalibrationError("The grey patches are over- or underexposed.", "Set the exposure anew.")
    wanted = reference_linear()[greys].mean(1)
    gammas, blacks = [], []
    for channel in range(3):
        levels = values[greys, channel]

        def misfit(parameters: NDArray[np.float64], levels: NDArray[np.float64] = levels) -> NDArray[np.float64]:
            gamma, black, gain = parameters
            light = gain * (np.clip(levels - black, 1e-3, None) / (255 - black)) ** gamma
            return np.asarray(np.log(light + 0.01) - np.log(wanted + 0.01))

        start = np.array([2.2, 2.0, 1.0])
        found = optimize.least_squares(misfit, start, bounds=([0.8, 0.0, 0.2], [3.5, 40.0, 5.0]))
        gammas.append(found.x[0])
        blacks.append(min(found.x[1], float(levels.min()) - 0.5) if levels.min() > 1 else 0.0)
    return np.array(gammas), np.array(blacks)


def _srgb_linear(values: Patches) -> Patches:
    return np.asarray(colour.models.eotf_sRGB(np.clip(values / 255, 0, 1)), np.float64)


def _differences(linear: Patches) -> Patches:
    """Delta E 2000 (..., 24) of linear sRGB (..., 24, 3) from the reference; what no screen shows is clipped."""
    white = colour.CCS_ILLUMINANTS["CIE 1931 2 Degree Standard Observer"]["D65"]
    xyz = np.clip(linear, 0, 1.2) @ np.asarray(colour.RGB_COLOURSPACES["sRGB"].matrix_RGB_to_XYZ).T
    return np.asarray(colour.delta_E(colour.XYZ_to_Lab(xyz, white), reference_lab(), method="CIE 2000"), np.float64)
