"""Colour calibration: linearise by the grey patches, fit a matrix, and say honestly how far it is from the chart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import colour
import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from engine.calibration.chart import GREYS, ChartReading, Patches, reference_lab, reference_linear
from engine.errors import CalibrationError

MOST_MEAN, MOST_MAX = 3.0, 6.0
MOST_CLIPPED = 4
MOST_CRUSHED = 6  # a quarter of the chart
FLOOR_LIGHT = 0.001  # of white: printed ink gives ten times as much, so a channel below it was cut off by the camera
OWN_CURVES_BELOW = 0.95  # of the shared curve's left-out error: three curves have to earn their parameters
CRUSHED_WEIGHT = (
    0.5  # such a patch is not judged, but it will be seen: half a voice gave the least error over all patches
)
LEVELS = 256
STEP = 1e-5

Weights = NDArray[np.float64]  # (24,) 1 for a patch that is judged, less for others, 0 for one that is not looked at
Curve = Callable[[Patches, NDArray[np.int64]], tuple[NDArray[np.float64], NDArray[np.float64]]]  # gamma, black (3,)


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
    judged: NDArray[np.int64]  # patches that the camera shows whole: neither over- nor underexposed in any channel
    crushed: tuple[
        int, ...
    ]  # patches with a channel at the camera's black: what was there is lost, no fit brings it back
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
    exposed = np.setdiff1d(np.arange(24), reading.clipped)
    crushed = _crushed(reading.values, exposed)
    usable = np.setdiff1d(exposed, crushed)
    weights = np.isin(np.arange(24), usable) + CRUSHED_WEIGHT * np.isin(np.arange(24), crushed)
    fit, left_out = _best_fit(reading.values, weights)
    after = _differences(fit.linear(reading.values))
    greys = reading.values[GREYS][1:4].mean(0)
    gains = greys.max() / greys
    judged = after[usable]
    failures = []
    if len(crushed) > MOST_CRUSHED:
        failures.append(
            f"{len(crushed)} patches have a colour at black: the camera's contrast or saturation is too high"
        )
    if judged.mean() > MOST_MEAN:
        failures.append(f"mean Delta E {judged.mean():.1f} is over {MOST_MEAN:g}")
    if judged.max() > MOST_MAX:
        failures.append(f"Delta E of patch {usable[judged.argmax()] + 1} is {judged.max():.1f}, over {MOST_MAX:g}")
    return ColourResult(
        fit=fit,
        before=_differences(_srgb_linear(reading.values)),
        after=after,
        judged=usable,
        crushed=tuple(int(one) for one in crushed),
        left_out=left_out,
        white_balance=(float(gains[0]), float(gains[1]), float(gains[2])),
        noise=reading.noise,
        failures=tuple(failures),
    )


def _crushed(values: Patches, exposed: NDArray[np.int64]) -> NDArray[np.int64]:
    """Which of the exposed patches have a channel that the camera cut off at black."""
    gamma, black = _one_curve(values, exposed)
    light = (np.clip(values - black, 0, None) / (255 - black)) ** gamma
    return np.asarray(exposed[(light[exposed] < FLOOR_LIGHT * light.max()).any(1)], np.int64)


def _best_fit(values: Patches, weights: Weights) -> tuple[ColourFit, Patches]:
    """One tone curve for all channels, or one each where that predicts unseen patches clearly better.

    Also (24,) Delta E of each patch under a fit to the others.
    """
    one, own = (_fit(values, weights, curve) for curve in (_one_curve, _own_curves))
    errors = _left_out(values, weights, one, _one_curve)
    judged = weights == 1
    if _mean_error(own, values, judged) < OWN_CURVES_BELOW * _mean_error(one, values, judged):  # else it cannot win
        own_errors = _left_out(values, weights, own, _own_curves)
        if own_errors[judged].mean() < OWN_CURVES_BELOW * errors[judged].mean():
            return own, own_errors
    return one, errors


def _mean_error(fit: ColourFit, values: Patches, judged: NDArray[np.bool_]) -> float:
    return float(_differences(fit.linear(values))[judged].mean())


def _left_out(values: Patches, weights: Weights, fit: ColourFit, curve: Curve) -> Patches:
    """(24,) Delta E of each patch under a fit that never saw it; `fit` is where those fits begin."""
    return np.array([_predicted(values, weights, one, fit, curve) for one in range(24)])


def _predicted(values: Patches, weights: Weights, one: int, start: ColourFit, curve: Curve) -> float:
    fit = _fit(values, np.where(np.arange(24) == one, 0.0, weights), curve, start)
    return float(_differences(fit.linear(values))[one])


def _fit(values: Patches, weights: Weights, curve: Curve, start: ColourFit | None = None) -> ColourFit:
    """Start from the grey patches' curve and least squares, then lower Delta E 2000 itself."""
    gamma, black = curve(values, np.flatnonzero(weights == 1))
    share = (np.clip(values - black, 0, None) / (255 - black)) ** gamma
    wanted = reference_linear()
    eye = (weights / (0.05 + wanted.mean(1)))[:, None]  # the eye judges relative differences
    matrix, *_ = np.linalg.lstsq(share * eye, wanted * eye, rcond=None)

    def cost(flat: NDArray[np.float64]) -> NDArray[np.float64]:
        return _differences(share @ flat.reshape(3, 3)) * weights

    def slope(flat: NDArray[np.float64]) -> NDArray[np.float64]:
        """All nine differences in one call of the library, whose calls are dear and whose arrays are cheap."""
        moved = share @ (flat + STEP * np.eye(9)).reshape(9, 3, 3)
        return ((_differences(moved) * weights - cost(flat)) / STEP).T

    first, trials = (matrix, 40) if start is None else (start.matrix.T, 6)
    best = optimize.least_squares(cost, first.ravel(), slope, loss="soft_l1", f_scale=2.0, max_nfev=trials)
    return ColourFit(gamma, black, best.x.reshape(3, 3).T)


def _one_curve(values: Patches, usable: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Gamma and black level that all channels share, from the grey patches; each channel has a gain of its own."""
    gamma, black = _tone(*_greys(values, usable))
    return np.full(3, gamma), np.full(3, black)


def _own_curves(values: Patches, usable: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The same, each channel by itself."""
    levels, wanted = _greys(values, usable)
    tones = [_tone(levels[:, channel : channel + 1], wanted) for channel in range(3)]
    return np.array([gamma for gamma, _ in tones]), np.array([black for _, black in tones])


def _greys(values: Patches, usable: NDArray[np.int64]) -> tuple[Patches, NDArray[np.float64]]:
    """(N, 3) levels and (N,) light of the grey patches that were exposed well."""
    greys = np.array([index for index in range(GREYS.start, GREYS.stop) if index in usable])
    if len(greys) < 4:
        raise CalibrationError("The grey patches are over- or underexposed.", "Set the exposure anew.")
    return values[greys], reference_linear()[greys].mean(1)


def _tone(levels: Patches, wanted: NDArray[np.float64]) -> tuple[float, float]:
    """Gamma and black level of (N, C) levels that show (N,) light."""

    def misfit(parameters: NDArray[np.float64]) -> NDArray[np.float64]:
        gamma, black, gains = parameters[0], parameters[1], parameters[2:]
        light = gains * (np.clip(levels - black, 1e-3, None) / (255 - black)) ** gamma
        return np.asarray(np.log(light + 0.01) - np.log(wanted[:, None] + 0.01)).ravel()

    channels = levels.shape[1]
    start = np.array([2.2, 2.0, *[1.0] * channels])
    bounds = ([0.8, 0.0, *[0.2] * channels], [3.5, 40.0, *[5.0] * channels])
    found = optimize.least_squares(misfit, start, bounds=bounds).x
    darkest = float(levels.min())
    return float(found[0]), min(float(found[1]), darkest - 0.5) if darkest > 1 else 0.0


def _srgb_linear(values: Patches) -> Patches:
    return np.asarray(colour.models.eotf_sRGB(np.clip(values / 255, 0, 1)), np.float64)


def _differences(linear: Patches) -> Patches:
    """Delta E 2000 (..., 24) of linear sRGB (..., 24, 3) from the reference; what no screen shows is clipped."""
    white = colour.CCS_ILLUMINANTS["CIE 1931 2 Degree Standard Observer"]["D65"]
    xyz = np.clip(linear, 0, 1.2) @ np.asarray(colour.RGB_COLOURSPACES["sRGB"].matrix_RGB_to_XYZ).T
    return np.asarray(colour.delta_E(colour.XYZ_to_Lab(xyz, white), reference_lab(), method="CIE 2000"), np.float64)
