"""Camera movement with a known truth: tremor, intent, jumps of the jaw and walks along the arch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Series = NDArray[np.float64]


@dataclass(frozen=True)
class Movement:
    """Where the scene lies in the picture, frame by frame, about the picture's centre."""

    shift: NDArray[np.complex128]  # (N,) pixels
    angle: Series  # (N,) radians
    log_zoom: Series  # (N,)
    is_away: NDArray[np.bool_]  # (N,) the tooth is out of view


def _tones(draw: np.random.Generator, t: Series, low: float, high: float, count: int, fall: float) -> Series:
    """A sum of sines between two frequencies, amplitude falling as f^-fall, with unit RMS."""
    frequency = np.exp(draw.uniform(np.log(low), np.log(high), count))
    phase = draw.uniform(0, 2 * np.pi, count)
    strength = frequency**-fall * draw.uniform(0.5, 1.0, count)
    wave = (strength[:, None] * np.sin(2 * np.pi * frequency[:, None] * t + phase[:, None])).sum(axis=0)
    return wave / np.sqrt((strength**2).sum() / 2)


def hand(draw: np.random.Generator, t: Series, tremor_px: float, intent_px: float) -> Movement:
    """A held handpiece: 6 to 12 Hz tremor that waxes and wanes, some 1 to 5 Hz unrest, slow intended movement."""
    swell = 1 + 0.4 * _tones(draw, t, 0.1, 0.5, 4, 0.0)

    def axis() -> Series:
        return (
            tremor_px * swell * _tones(draw, t, 6.0, 12.0, 9, 0.5)
            + 0.45 * tremor_px * _tones(draw, t, 1.0, 5.0, 8, 1.0)
            + intent_px * _tones(draw, t, 0.05, 0.35, 5, 0.5)
            + 0.12 * tremor_px * _tones(draw, t, 12.0, 20.0, 6, 0.5)
        )

    shift = axis() + 1j * axis()
    angle = 0.006 * _tones(draw, t, 0.05, 0.4, 4, 0.5) + 0.002 * _tones(draw, t, 6.0, 11.0, 5, 0.5)
    log_zoom = 0.010 * _tones(draw, t, 0.05, 0.4, 4, 0.5) + 0.0008 * _tones(draw, t, 6.0, 11.0, 5, 0.5)
    return Movement(shift - shift[0], angle - angle[0], log_zoom - log_zoom[0], np.zeros(len(t), dtype=np.bool_))


def with_jumps(draw: np.random.Generator, t: Series, base: Movement, reach_px: float) -> Movement:
    """The jaw leaps away within a fifth of a second, stays for a second or two, and comes back."""
    away = np.zeros(len(t))
    direction = np.ones(len(t), dtype=np.complex128)
    start = 3.0 + draw.uniform(0, 1)
    while start < t[-1] - 4:
        stay = draw.uniform(1.0, 2.0)
        rise = np.clip((t - start) / 0.2, 0, 1)
        fall = np.clip((t - start - stay) / 0.2, 0, 1)
        away = np.maximum(away, _smooth(rise) - _smooth(fall))
        direction[(t >= start) & (t < start + stay + 1)] = np.exp(
            1j * draw.choice([0.15, np.pi - 0.15, np.pi + 0.15, -0.15])
        )
        start += stay + draw.uniform(3.0, 4.5)
    return Movement(base.shift + reach_px * away * direction, base.angle, base.log_zoom, away > 0.5)


def with_walk(draw: np.random.Generator, t: Series, base: Movement, reach_px: float) -> Movement:
    """An intended walk along the arch and back, at about 40 px a second, with rests."""
    stops = [0.0]
    times = [0.0, draw.uniform(1.5, 2.5)]
    place, way = 0.0, float(draw.choice([-1.0, 1.0]))
    stops.append(0.0)
    while times[-1] < t[-1]:
        target = place + way * draw.uniform(60, 130)
        if abs(target) > reach_px:
            way = -way
            target = place + way * draw.uniform(60, 130)
        times += [times[-1] + abs(target - place) / draw.uniform(25, 50), 0.0]
        times[-1] = times[-2] + draw.uniform(0.3, 1.2)
        stops += [target, target]
        place = target
    steps = np.interp(t, times, stops)
    width = max(3, round(0.4 / (t[1] - t[0])))
    kernel = np.hanning(width + 2)[1:-1]
    smooth = np.convolve(np.pad(steps, width, mode="edge"), kernel / kernel.sum(), mode="same")[width:-width]
    return Movement(base.shift + smooth - smooth[0], base.angle, base.log_zoom, base.is_away)


def _smooth(x: Series) -> Series:
    return x * x * (3 - 2 * x)
