"""Colour calibration: linearise by the grey patches, fit a matrix, and say honestly how far it is from the chart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import colour
import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from engine.calibration.chart import GREYS, ChartReading, Patches, patch_names, reference_lab, reference_linear
from engine.errors import CalibrationError

MOST_MEAN, MOST_MAX = 3.0, 6.0
MOST_CLIPPED = 4
MOST_CRUSHED = 6  # a quarter of the chart
FLOOR_LIGHT = 0.001  # of white: printed ink gives ten times as much, so a channel below it was cut off by the camera
EARNED_BELOW = 0.95  # of the simpler curve's left-out error: a richer one has to earn its parameters
MOST_SHOULDER = 5.0
CRUSHED_WEIGHT = 0.5  # half a voice for such a patch gave the least error over all patches
LOUDER, MOST_ROUNDS = 1.25, 12  # while one is plainly wrong its voice grows, no more than it needs
AIM = MOST_MAX - 0.2  # the next picture has other noise
CHANNELS = ("red", "green", "blue")
LEVELS = 256
STEP = 1e-5

Weights = NDArray[np.float64]  # (24,) 1 for a patch that is seen whole, 0 for one that is not looked at
Mask = NDArray[np.bool_]  # (24,)


@dataclass(frozen=True, slots=True)
class Tone:
    """Levels -> light, by channel: a power, and a shoulder by which many cameras spare their highlights."""

    gamma: NDArray[np.float64]  # (3,)
    black: NDArray[np.float64]  # (3,) levels
    shoulder: NDArray[np.float64]  # (3,) 0 is a plain power; at white the curve is 1 + this times as steep

    def light(self, values: Patches) -> Patches:
        """(N, 3) levels 0..255 -> linear light, 0..1."""
        power = (np.clip(values - self.black, 0, None) / (255 - self.black)) ** self.gamma
        return np.asarray(power / (1 + self.shoulder * (1 - power)), np.float64)


Curve = Callable[[Patches, NDArray[np.int64]], Tone]


@dataclass(frozen=True, slots=True)
class ColourFit:
    """levels -> table -> matrix -> linear sRGB."""

    tone: Tone
    matrix: NDArray[np.float64]  # (3, 3) linear camera RGB -> linear sRGB

    def table(self) -> NDArray[np.float32]:
        """(256, 3): level of each channel -> linear light, 0..1."""
        return np.asarray(self.tone.light(np.arange(LEVELS, dtype=np.float64)[:, None]), np.float32)

    def linear(self, values: Patches) -> Patches:
        """(N, 3) levels 0..255 -> linear sRGB."""
        return np.asarray(self.tone.light(values) @ self.matrix.T, np.float64)


@dataclass(frozen=True, slots=True)
class ColourResult:
    """What the technician signs; all differences are CIE Delta E 2000."""

    fit: ColourFit
    before: Patches  # (24,)
    after: Patches  # (24,)
    crushed: tuple[int, ...]  # patches with a channel at the camera's black: what was there is lost
    left_out: Patches  # (24,) each patch predicted by a fit to the other 23
    white_balance: tuple[float, float, float]  # gains that make the grey patches grey
    noise: float
    failures: tuple[str, ...]

    @property
    def verdict(self) -> str:
        """ "pass" or "fail"."""
        return "fail" if self.failures else "pass"


def calibrate_colour(reading: ChartReading) -> ColourResult:
    """Fit and judge, every patch. Raises CalibrationError for a picture that cannot be used."""
    if len(reading.clipped) > MOST_CLIPPED:
        raise CalibrationError(f"{exposure_words(reading)}.", "Read the chart again when no patch is cut off.")
    exposed = np.isin(np.arange(24), reading.clipped, invert=True)
    crushed = _crushed(reading.values, exposed)
    fit, left_out = _best_fit(reading.values, exposed & ~crushed, crushed)
    after = _differences(fit.linear(reading.values))
    greys = reading.values[GREYS][1:4].mean(0)
    gains = greys.max() / greys
    return ColourResult(
        fit=fit,
        before=_differences(_srgb_linear(reading.values)),
        after=after,
        crushed=tuple(np.flatnonzero(crushed).tolist()),
        left_out=left_out,
        white_balance=(float(gains[0]), float(gains[1]), float(gains[2])),
        noise=reading.noise,
        failures=_failures(reading, after, crushed),
    )


def exposure_words(reading: ChartReading) -> str:
    """Which patches the exposure cut off, and what to turn; empty when there are none."""
    over, under = reading.overexposed, reading.underexposed
    words = []
    if over:
        words.append(f"{_named(over)} {'is' if len(over) == 1 else 'are'} overexposed: lower the exposure or the light")
    if under:
        words.append(
            f"{_named(under)} {'is' if len(under) == 1 else 'are'} underexposed: raise the exposure or the light"
        )
    return "; ".join(words)


def _named(patches: tuple[int, ...]) -> str:
    """ "patch 18 (cyan)", or "5 patches"."""
    if len(patches) > 2:
        return f"{len(patches)} patches"
    return " and ".join(f"patch {one + 1} ({patch_names()[one]})" for one in patches)


def _failures(reading: ChartReading, after: Patches, crushed: Mask) -> tuple[str, ...]:
    """Why the chart does not pass, each with what to do where something can be done."""
    failures = [exposure_words(reading)] if reading.clipped else []
    if crushed.sum() > MOST_CRUSHED:
        failures.append(
            f"{crushed.sum()} patches have a colour cut off at black: lower the camera's saturation or contrast"
        )
    if after.mean() > MOST_MEAN:
        failures.append(f"mean Delta E {after.mean():.1f} is over {MOST_MEAN:g}")
    worst = int(after.argmax())
    if after[worst] > MOST_MAX and worst not in reading.clipped:
        dimmest = CHANNELS[int(reading.values[worst].argmin())]
        why = f"; its {dimmest} is cut off at black: lower the camera's saturation or contrast"
        words = f"Delta E of {_named((worst,))} is {after[worst]:.1f}, over {MOST_MAX:g}"
        failures.append(words + (why if crushed[worst] else ""))
    return tuple(failures)


def _crushed(values: Patches, exposed: Mask) -> Mask:
    """Which of the exposed patches have a channel that the camera cut off at black."""
    light = _one_curve(values, np.flatnonzero(exposed)).light(values)
    return np.asarray(exposed & (light < FLOOR_LIGHT * light.max()).any(1))


def _best_fit(values: Patches, whole: Mask, crushed: Mask) -> tuple[ColourFit, Patches]:
    """One power for all channels; one each, or one with a shoulder, where that predicts unseen patches clearly better.

    Also (24,) Delta E of each patch under a fit to the others.
    """
    weights = whole + CRUSHED_WEIGHT * crushed
    kept, curve = _fit(values, weights, whole, _one_curve), _one_curve
    errors = _left_out(values, weights, whole, kept, curve)
    for richer in (_own_curves, _shouldered_curve):
        fit = _fit(values, weights, whole, richer)
        if _mean_error(fit, values, whole) >= EARNED_BELOW * _mean_error(kept, values, whole):
            continue  # unseen, it cannot win either
        unseen = _left_out(values, weights, whole, fit, richer)
        if unseen[whole].mean() < EARNED_BELOW * errors[whole].mean():
            kept, curve, errors = fit, richer, unseen
    louder, voices = _heard(values, weights, whole, kept, curve)
    return (kept, errors) if louder is kept else (louder, _left_out(values, voices, whole, louder, curve))


def _heard(values: Patches, weights: Weights, whole: Mask, fit: ColourFit, curve: Curve) -> tuple[ColourFit, Weights]:
    """The fit in which no patch is plainly wrong, at the least price for the others; the given one if there is none."""
    louder, voices = fit, weights
    for _ in range(MOST_ROUNDS):
        errors = _differences(louder.linear(values))
        wrong = (errors > AIM) & (weights > 0)
        if not wrong.any():
            return louder, voices
        if (wrong & whole).any():
            break
        voices = np.where(wrong, LOUDER * voices, voices)
        louder = _fit(values, voices, whole, curve)
    return fit, weights


def _mean_error(fit: ColourFit, values: Patches, judged: Mask) -> float:
    return float(_differences(fit.linear(values))[judged].mean())


def _left_out(values: Patches, weights: Weights, whole: Mask, fit: ColourFit, curve: Curve) -> Patches:
    """(24,) Delta E of each patch under a fit that never saw it; `fit` is where those fits begin."""
    errors = np.empty(24)
    for one in range(24):
        others = np.arange(24) != one
        errors[one] = _differences(_fit(values, weights * others, whole & others, curve, fit).linear(values))[one]
    return errors


def _fit(values: Patches, weights: Weights, whole: Mask, curve: Curve, start: ColourFit | None = None) -> ColourFit:
    """Start from the whole grey patches' curve and least squares, then lower Delta E 2000 itself."""
    tone = curve(values, np.flatnonzero(whole))
    share = tone.light(values)
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
    return ColourFit(tone, best.x.reshape(3, 3).T)


def _one_curve(values: Patches, usable: NDArray[np.int64]) -> Tone:
    """Gamma and black level that all channels share, from the grey patches; each channel has a gain of its own."""
    return _spread([_tone(*_greys(values, usable))] * 3)


def _shouldered_curve(values: Patches, usable: NDArray[np.int64]) -> Tone:
    """The same with a shoulder, as far as the grey patches ask for one."""
    return _spread([_tone(*_greys(values, usable), most_shoulder=MOST_SHOULDER)] * 3)


def _own_curves(values: Patches, usable: NDArray[np.int64]) -> Tone:
    """A power for each channel by itself."""
    levels, wanted = _greys(values, usable)
    return _spread([_tone(levels[:, channel : channel + 1], wanted) for channel in range(3)])


def _spread(channels: Sequence[tuple[float, float, float]]) -> Tone:
    """From (gamma, black, shoulder) of each channel."""
    gamma, black, shoulder = np.array(channels).T
    return Tone(gamma, black, shoulder)


def _greys(values: Patches, usable: NDArray[np.int64]) -> tuple[Patches, NDArray[np.float64]]:
    """(N, 3) levels and (N,) light of the grey patches that were exposed well."""
    greys = np.array([index for index in range(GREYS.start, GREYS.stop) if index in usable])
    if len(greys) < 4:
        raise CalibrationError("The grey patches are over- or underexposed.", "Set the exposure anew.")
    return values[greys], reference_linear()[greys].mean(1)


def _tone(levels: Patches, wanted: NDArray[np.float64], most_shoulder: float = 0.0) -> tuple[float, float, float]:
    """Gamma, black level and shoulder of (N, C) levels that show (N,) light."""
    free = 1 if most_shoulder else 0

    def misfit(parameters: NDArray[np.float64]) -> NDArray[np.float64]:
        gamma, black, *rest = parameters
        power = (np.clip(levels - black, 1e-3, None) / (255 - black)) ** gamma
        light = np.array(rest[free:]) * power / (1 + (rest[0] if free else 0.0) * (1 - power))
        return np.asarray(np.log(light + 0.01) - np.log(wanted[:, None] + 0.01)).ravel()

    channels = levels.shape[1]
    start = np.array([2.2, 2.0, *[0.5] * free, *[1.0] * channels])
    bounds = ([0.8, 0.0, *[0.0] * free, *[0.2] * channels], [3.5, 40.0, *[most_shoulder] * free, *[5.0] * channels])
    found = optimize.least_squares(misfit, start, bounds=bounds).x
    darkest = float(levels.min())
    black = min(float(found[1]), darkest - 0.5) if darkest > 1 else 0.0
    return float(found[0]), black, float(found[2]) if free else 0.0


def _srgb_linear(values: Patches) -> Patches:
    return np.asarray(colour.models.eotf_sRGB(np.clip(values / 255, 0, 1)), np.float64)


def _differences(linear: Patches) -> Patches:
    """Delta E 2000 (..., 24) of linear sRGB (..., 24, 3) from the reference; what no screen shows is clipped."""
    white = colour.CCS_ILLUMINANTS["CIE 1931 2 Degree Standard Observer"]["D65"]
    xyz = np.clip(linear, 0, 1.2) @ np.asarray(colour.RGB_COLOURSPACES["sRGB"].matrix_RGB_to_XYZ).T
    return np.asarray(colour.delta_E(colour.XYZ_to_Lab(xyz, white), reference_lab(), method="CIE 2000"), np.float64)
