"""The technician's look at the raw picture: exposure, focus, noise, flicker, dust and dead pixels."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.values import Image

CLIPPED_LOW, CLIPPED_HIGH = 2, 253
MAINS_HZ = (50.0, 60.0)
FLICKER_FLOOR = 0.004  # relative banding below this cannot be seen
DUST_DEPTH = 0.06  # a spot this much darker than its surroundings, wherever the scene moves, is on the sensor
STAYS_PERCENTILE = 75
STUCK_LEVELS = 40.0
TRAIL = 120  # readings of the focus that are remembered


@dataclass(frozen=True, slots=True)
class Exposure:
    """Histogram and clipping of one picture."""

    histogram: NDArray[np.int64]  # (3, 256) red, green, blue
    clipped_dark: float  # share of pixels with all channels at the bottom
    clipped_bright: float  # share of pixels with any channel at the top
    mean: float  # 0..255


def measure_exposure(pixels: Image) -> Exposure:
    """Of (H, W, 3) uint8 RGB."""
    counts = [cv2.calcHist([pixels], [channel], None, [256], [0, 256]).ravel() for channel in range(3)]
    histogram = np.stack(counts).astype(np.int64)
    dark = float((pixels.max(-1) <= CLIPPED_LOW).mean())
    bright = float((pixels.max(-1) >= CLIPPED_HIGH).mean())
    return Exposure(histogram, dark, bright, float(pixels.mean()))


def sharpness(pixels: Image) -> float:
    """A focus figure that neither noise nor exposure moves much: gradient energy after a small blur, by contrast.

    Tenengrad (Krotkov 1987) on the grey picture, the noise's own gradient taken off, divided by the variance.
    """
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(np.float32)
    soft = cv2.GaussianBlur(grey, (0, 0), 1.0)
    gx, gy = cv2.Sobel(soft, cv2.CV_32F, 1, 0, scale=0.125), cv2.Sobel(soft, cv2.CV_32F, 0, 1, scale=0.125)
    noise_share = 0.02 * noise_sigma(pixels) ** 2  # what white noise of that sigma adds through blur and Sobel
    energy = max(float((gx * gx + gy * gy).mean()) - noise_share, 0.0)
    return energy / max(float(soft.var()), 1.0)


class FocusMeter:
    """Sharpness now, and the best that was seen."""

    def __init__(self) -> None:
        self.best = 0.0

    def read(self, pixels: Image) -> tuple[float, float]:
        """Sharpness of (H, W, 3) uint8 RGB, and its share of the best seen so far."""
        now = sharpness(pixels)
        self.best = max(self.best, now)
        return now, now / self.best if self.best > 0 else 0.0


@dataclass(frozen=True, slots=True)
class PictureReading:
    """What the live meters show of one picture."""

    exposure: Exposure
    noise_levels: float
    sharpness: float
    best: float  # sharpness seen so far
    trail: tuple[float, ...]  # sharpness of the last readings, newest last

    @property
    def share(self) -> float:
        """Of the best focus seen so far, 0..1."""
        return self.sharpness / self.best if self.best > 0 else 0.0


class PictureMeters:
    """Live meters over a run of pictures."""

    def __init__(self) -> None:
        self._focus = FocusMeter()
        self._trail: deque[float] = deque(maxlen=TRAIL)

    def read(self, pixels: Image) -> PictureReading:
        """Of (H, W, 3) uint8 RGB."""
        now, _ = self._focus.read(pixels)
        self._trail.append(now)
        return PictureReading(measure_exposure(pixels), noise_sigma(pixels), now, self._focus.best, tuple(self._trail))


def noise_sigma(pixels: Image) -> float:
    """Standard deviation of the noise in grey levels (Immerkaer 1996, with a median so that edges do not count)."""
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(np.float32)
    kernel = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
    response = np.abs(cv2.filter2D(grey, cv2.CV_32F, kernel))[2:-2, 2:-2]
    return float(np.median(response) / 0.6745 / 6.0)


@dataclass(frozen=True, slots=True)
class Flicker:
    """Banding of lamps on the mains, seen by a rolling shutter."""

    amplitude: float  # relative, 0.01 is 1 %
    bands: float  # per picture height
    mains_hz: float | None  # 50 or 60 if the bands fit, None if not
    is_visible: bool


def measure_flicker(frames: Sequence[Image], fps: float) -> Flicker:
    """From ten or more frames (H, W, 3) of a still scene. Lamps flicker at twice the mains frequency.

    Bands that stand still (50 Hz at 25 frames a second) cannot be told from the scene.
    """
    rows = np.stack([frame.mean((1, 2), dtype=np.float64) for frame in frames])
    ratio = rows / np.maximum(rows.mean(0), 1.0)
    ratio -= ratio.mean(1, keepdims=True)  # the picture's own brightening and darkening is no banding
    window = np.hanning(ratio.shape[1])
    spectrum = np.abs(np.fft.rfft(ratio * window, n=8 * ratio.shape[1], axis=1)).mean(0) / window.sum() * 2
    frequency = np.arange(len(spectrum)) / 8.0  # cycles per picture height
    band = (frequency >= 0.75) & (frequency <= 40)
    peak = int(np.flatnonzero(band)[spectrum[band].argmax()])
    amplitude = float(spectrum[peak])
    bands = float(frequency[peak])
    fits = [mains for mains in MAINS_HZ if abs(2 * mains / fps - bands) <= max(0.15 * bands, 0.4)]
    is_visible = amplitude > max(FLICKER_FLOOR, 6 * float(np.median(spectrum[band])))
    return Flicker(amplitude, bands, fits[0] if fits and is_visible else None, is_visible)


@dataclass(frozen=True, slots=True)
class Blemishes:
    """What stays at its place while the scene moves."""

    dead_pixels: tuple[tuple[int, int], ...]  # (x, y), stuck or dead
    dust: tuple[tuple[int, int, int], ...]  # (x, y, radius)


def find_blemishes(frames: Sequence[Image]) -> Blemishes:
    """From twenty or more frames (H, W, 3) of a scene that moves behind them."""
    grey = np.stack([cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) for frame in frames])
    local = np.stack([cv2.medianBlur(frame, 5) for frame in grey]).astype(np.float32)
    off = np.median(grey - local, axis=0)
    ys, xs = np.nonzero(np.abs(off) > STUCK_LEVELS)
    dust = _dust(grey)
    return Blemishes(tuple(zip(xs.tolist(), ys.tolist(), strict=True)), dust)


def _dust(grey: NDArray[np.uint8]) -> tuple[tuple[int, int, int], ...]:
    """Spots of (N, H, W) frames that are darker than their surroundings in three frames of four; half size is enough.

    A mean over the frames would do for a scene that moves far; of one that moves a little its own dark places remain.
    """
    small = [cv2.resize(frame, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA).astype(np.float32) for frame in grey]
    shadows = [cv2.GaussianBlur(one, (0, 0), 1) / np.maximum(cv2.GaussianBlur(one, (0, 0), 12.5), 8.0) for one in small]
    spots = (np.percentile(np.stack(shadows), STAYS_PERCENTILE, axis=0) < 1 - DUST_DEPTH).astype(np.uint8)
    count, _, stats, centres = cv2.connectedComponentsWithStats(spots)
    return tuple(
        (
            round(2 * centres[index][0]),
            round(2 * centres[index][1]),
            max(1, round(2 * float(np.sqrt(stats[index][4] / np.pi)))),
        )
        for index in range(1, count)
        if 3 <= stats[index][4] <= 0.01 * spots.size
    )
