"""Spectra of the estimated motion: tremor and everything up to half the frame rate, in pixels and micrometres."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from engine.errors import CalibrationError

SEGMENT_S = 8.0
TREMOR_HZ = (6.0, 12.0)
FEWEST_FRAMES = 64
PEAKS = 5
MOST_GAPS = 0.05  # of the frames
PEAK_OVER_FLOOR = 8.0
Path = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Peak:
    """One line of the spectrum."""

    hz: float
    amplitude_px: float  # of the sine behind it


@dataclass(frozen=True, slots=True)
class Spectrum:
    """Power spectral density of a path, both axes together."""

    hz: NDArray[np.float64]  # (F,)
    density: NDArray[np.float64]  # (F,) px^2/Hz
    peaks: tuple[Peak, ...]
    rms_px: float  # above 1 Hz
    tremor_rms_px: float
    nyquist_hz: float  # lines above it, a rotor's for one, alias into the picture below


def analyse(path: Path, fps: float) -> Spectrum:
    """Spectrum of an (N, 2) path in pixels, sampled at `fps`. Raises CalibrationError for too short a path."""
    if len(path) < FEWEST_FRAMES:
        raise CalibrationError(
            f"Only {len(path)} frames of motion; {FEWEST_FRAMES} are needed.",
            "Record ten seconds or more.",
        )
    path = _bridged(path)
    if fps <= 0:
        raise CalibrationError("The motion has no frame rate.", "Record again.")
    segment = min(len(path), round(SEGMENT_S * fps))
    hz, density = signal.welch(path, fps, "hann", segment, detrend="linear", axis=0)
    density = density.sum(1)
    return Spectrum(
        hz,
        density,
        find_peaks(path, fps),
        band_rms(hz, density, 1.0, fps / 2),
        band_rms(hz, density, *TREMOR_HZ),
        fps / 2,
    )


def _bridged(path: Path) -> Path:
    """Short gaps (NaN) interpolated. Raises CalibrationError where too much is missing."""
    seen = np.isfinite(path).all(1)
    if seen.mean() < 1 - MOST_GAPS:
        raise CalibrationError(
            f"The target was lost in {100 * (1 - seen.mean()):.0f} % of the frames.", "Record again, close and sharp."
        )
    index = np.arange(len(path))
    return np.stack([np.interp(index, index[seen], path[seen, axis]) for axis in range(2)], axis=1)


def band_rms(hz: NDArray[np.float64], density: NDArray[np.float64], low: float, high: float) -> float:
    """Root mean square in pixels of what lies between `low` and `high` Hz."""
    inside = (hz >= low) & (hz <= high)
    return float(np.sqrt(np.trapezoid(density[inside], hz[inside]))) if inside.sum() > 1 else 0.0


def find_peaks(path: Path, fps: float) -> tuple[Peak, ...]:
    """The strongest lines above 1 Hz: frequency by a zero-padded spectrum, amplitude by its window's gain."""
    steady = signal.detrend(path, axis=0)
    window = signal.windows.flattop(len(path))  # flat on top: an amplitude does not depend on where it falls
    fine = 16 * len(path)
    flat = np.abs(np.fft.rfft(steady * window[:, None], fine, axis=0)) / window.sum() * 2
    amplitude = np.sqrt((flat**2).sum(1))
    sharp_window = signal.windows.hann(len(path))
    sharp = np.sqrt((np.abs(np.fft.rfft(steady * sharp_window[:, None], fine, axis=0)) ** 2).sum(1))
    hz = np.fft.rfftfreq(fine, 1 / fps)
    usable = hz >= 1.0
    floor = float(np.median(sharp[usable]))
    distance = max(1, round(0.5 / (hz[1] - hz[0])))
    found, _ = signal.find_peaks(np.where(usable, sharp, 0), height=PEAK_OVER_FLOOR * floor, distance=distance)
    strongest = sorted(found, key=lambda index: -sharp[index])[:PEAKS]
    return tuple(Peak(float(hz[index]), float(amplitude[index])) for index in strongest)


def attenuation_db(raw: Spectrum, stabilized: Spectrum, low: float, high: float) -> float:
    """How much less the stabilized picture moves in a band, in dB (negative is better)."""
    before, after = (band_rms(one.hz, one.density, low, high) for one in (raw, stabilized))
    return float(20 * np.log10(max(after, 1e-9) / max(before, 1e-9)))
