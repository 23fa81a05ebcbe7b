"""The best chain of classical steps that we could tune: black level, colour balance, gamma, non-local means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from models.data.window import Window
from models.evaluation.predictors import Prediction
from models.metrics import Picture, psnr

STATISTICS_SIDE = 120  # colour statistics are taken on a small copy


@dataclass(frozen=True, slots=True)
class Chain:
    """How strongly each step acts; tuned by `tune` on the suite made of photos held back from training."""

    mean: tuple[float, float, float] = (0.64, 0.50, 0.46)  # average colour of clean frames, what "grey" is here
    black: float = 0.0  # share of the 1st percentile that is taken off
    balance: float = 0.25  # 0 leaves the colours, 1 brings the average colour to `mean`
    gamma: float = 1.0  # 0 leaves the brightness, 1 brings the average luminance to that of `mean`
    denoise: float = 0.6  # filter strength of non-local means per grey level of estimated noise
    quiet: float = 1.5  # grey levels of noise under which nothing is denoised: there it would take texture


LUMA = np.array([0.299, 0.587, 0.114])
SEARCH: dict[str, tuple[float, ...]] = {
    "balance": (0.0, 0.25, 0.5, 0.75, 1.0),
    "gamma": (0.0, 0.25, 0.5, 0.75, 1.0),
    "black": (0.0, 0.25, 0.5, 0.75, 1.0),
}
DENOISE_SEARCH = ((0.0, 0.0), (0.6, 0.7), (1.0, 0.7), (0.6, 1.5), (1.0, 1.5), (1.5, 1.5))  # denoise, quiet
DENOISE_EVERY = 4  # denoising is slow: its two numbers are chosen on every fourth clip


def enhance(picture: Picture, chain: Chain) -> Picture:
    """Denoise, then even out colours and brightness."""
    return np.asarray(cv2.LUT(_denoised(picture, chain), _levels(picture, chain)), np.uint8)


def noise_level(picture: Picture) -> float:
    """Standard deviation of the noise in grey levels (Immerkaer 1996, on the luminance)."""
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32)
    response = cv2.filter2D(grey, -1, np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32))
    return float(np.sqrt(np.pi / 2) / 6 * np.abs(response).mean())


def _denoised(picture: Picture, chain: Chain) -> Picture:
    level = noise_level(picture)
    if chain.denoise <= 0 or level < chain.quiet:
        return picture
    h = chain.denoise * level
    return np.asarray(cv2.fastNlMeansDenoisingColored(picture, None, h, h, 5, 15), np.uint8)


def _levels(picture: Picture, chain: Chain) -> NDArray[np.uint8]:
    """(1, 256, 3) lookup table from the picture's own statistics."""
    small = cv2.resize(picture, (STATISTICS_SIDE, STATISTICS_SIDE), interpolation=cv2.INTER_AREA)
    values = small.reshape(-1, 3).astype(np.float64) / 255
    black = chain.black * np.percentile(values, 1, axis=0)
    values = np.clip((values - black) / (1 - black), 1e-4, 1)
    target = np.array(chain.mean)
    ratio = (target / values.mean(axis=0)) ** chain.balance
    ratio /= float((values * ratio).mean(axis=0) @ LUMA) / float(values.mean(axis=0) @ LUMA)
    luminance = np.clip(np.clip(values * ratio, 1e-4, 1) @ LUMA, 1e-4, 1)
    exponent = _exponent(luminance, float(target @ LUMA)) ** chain.gamma
    ramp = np.arange(256)[:, None] / 255
    table = np.clip(np.clip((ramp - black) / (1 - black), 0, 1) * ratio, 0, 1) ** exponent
    return np.asarray(np.clip(table * 255 + 0.5, 0, 255), np.uint8)[None]


def _exponent(luminance: NDArray[np.float64], target: float) -> float:
    """The exponent that brings the mean to the target, by bisection (the mean falls as the exponent grows)."""
    low, high = 0.2, 4.0
    for _ in range(20):
        middle = np.sqrt(low * high)
        low, high = (middle, high) if float((luminance**middle).mean()) > target else (low, middle)
    return float(np.sqrt(low * high))


class ClassicalChain:
    """The chain as a method under test."""

    name = "grey-world + gamma + non-local means"

    def __init__(self, chain: Chain) -> None:
        self._chain = chain

    def reset(self) -> None:
        """There is no past."""

    def step(self, frame: Picture) -> Prediction:
        """Enhance one frame."""
        return Prediction(enhanced=enhance(frame, self._chain))


def tune(clips: Sequence[Window], start: Chain, rounds: int = 2) -> tuple[Chain, float]:
    """Coordinate search for the chain of the best mean PSNR on the clips' last frames; colours first, at small size."""
    pairs = [(clip.degraded[-1], clip.clean[-1]) for clip in clips]
    small = [
        (cv2.resize(d, None, fx=0.25, fy=0.25, interpolation=3), cv2.resize(c, None, fx=0.25, fy=0.25, interpolation=3))
        for d, c in pairs
    ]
    mean = np.mean([c.reshape(-1, 3).mean(axis=0) / 255 for _, c in small], axis=0)
    best = replace(start, mean=(float(mean[0]), float(mean[1]), float(mean[2])), denoise=0.0)
    for _ in range(rounds):
        for name, values in SEARCH.items():
            tried = [replace(best, **{name: value}) for value in values]  # type: ignore[arg-type]  # all are floats
            best = max(tried, key=lambda chain: _score(small, chain))
    some = pairs[::DENOISE_EVERY]
    tried = [replace(best, denoise=denoise, quiet=quiet) for denoise, quiet in DENOISE_SEARCH]
    best = max(tried, key=lambda chain: _score(some, chain))
    return best, _score(pairs, best)


def _score(pairs: Sequence[tuple[Picture, Picture]], chain: Chain) -> float:
    return float(np.mean([psnr(enhance(degraded, chain), clean) for degraded, clean in pairs]))
