"""Figures of merit from the poses of the output: attenuation, gain, drift, jumps, re-acquisition, cover."""

from __future__ import annotations

import math

import numpy as np
import scipy.signal
from numpy.typing import NDArray

from engine.stabilization.similarity import Similarity
from tests.bench.stabilization.clips import CENTRE

Bools = NDArray[np.bool_]
Path = NDArray[np.complex128]

BANDS = {"1-5": (1.0, 5.0), "7-12": (7.0, 12.0), "12-20": (12.0, 20.0)}


def path_of(poses: list[Similarity]) -> Path:
    """Sum of what the picture's centre does from frame to frame, pixels: one definition for all clips, walks too."""
    path = np.zeros(len(poses), dtype=np.complex128)
    for k in range(1, len(poses)):
        path[k] = path[k - 1] + (poses[k] @ poses[k - 1].inverse())(CENTRE) - CENTRE
    return path


def stretches(is_good: Bools, skip: int, least: int) -> list[slice]:
    """Runs of good frames, each without its first `skip` (unless the clip begins with it), at least `least` long."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], is_good.astype(np.int8), [0]])))
    runs = []
    for start, stop in edges.reshape(-1, 2):
        begin = start + (skip if start > 0 else 0)
        if stop - begin >= least:
            runs.append(slice(int(begin), int(stop)))
    return runs


def _spectrum(path: Path, runs: list[slice], fps: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Welch density over the runs on one frequency axis, weighted by their length."""
    grid = np.linspace(0, fps / 2, 257)
    total = np.zeros_like(grid)
    for run in runs:
        part = path[run]
        length = min(128, len(part))
        for axis in (part.real, part.imag):
            frequency, density = scipy.signal.welch(axis, fps, "hann", nperseg=length, detrend="linear")
            total += np.interp(grid, frequency, density) * len(part)
    return grid, total / max(1, sum(r.stop - r.start for r in runs))


def attenuation(out: Path, into: Path, runs: list[slice], fps: float) -> dict[str, float]:
    """dB by band; more negative is steadier. NaN where the frame rate or the runs do not carry the band."""
    result = {}
    grid, before = _spectrum(into, runs, fps)
    _, after = _spectrum(out, runs, fps)
    for name, (low, high) in BANDS.items():
        band = (grid >= low) & (grid <= high)
        is_carried = bool(runs) and (high <= fps / 2 or name == "7-12")
        ratio = after[band].sum() / before[band].sum() if is_carried else math.nan
        result[name] = 10 * math.log10(max(ratio, 1e-9)) if is_carried else math.nan
    return result


def spectra(out: Path, into: Path, runs: list[slice], fps: float) -> tuple[NDArray[np.float64], ...]:
    """Frequency axis, density in, density out; for plots."""
    grid, before = _spectrum(into, runs, fps)
    return grid, before, _spectrum(out, runs, fps)[1]


def intent_gain(out: Path, into: Path, runs: list[slice], fps: float) -> float:
    """Least-squares gain of what is slower than 0.4 Hz over the longest run, allowing for the filter's delay."""
    run = max(runs, key=lambda r: r.stop - r.start, default=slice(0, 0))
    if run.stop - run.start < 6 * fps:
        return math.nan
    low = scipy.signal.butter(3, 0.4, fs=fps, output="sos")
    margin = int(fps)
    slow_in = scipy.signal.sosfiltfilt(low, into[run] - into[run].mean())
    slow_out = scipy.signal.sosfiltfilt(low, out[run] - out[run].mean())
    best, gain = -1.0, math.nan
    for lag in range(0, int(0.6 * fps)):
        a, b = slow_in[margin : len(slow_in) - margin - lag], slow_out[margin + lag : len(slow_out) - margin]
        a, b = a - a.mean(), b - b.mean()
        match = abs(np.vdot(a, b)) / math.sqrt(float(np.vdot(a, a).real * np.vdot(b, b).real) + 1e-12)
        if match > best:
            best, gain = match, math.sqrt(float(np.vdot(b, b).real / np.vdot(a, a).real))
    return gain


def view_lag_px(out: Path, into: Path, runs: list[slice]) -> float:
    """RMS distance of the shown content from where the camera sees it: the price of a causal filter."""
    parts = [np.abs((out - into)[r] - (out - into)[r].mean()) ** 2 for r in runs]
    return math.sqrt(float(np.concatenate(parts).mean())) if parts else math.nan


def stability(out: list[Similarity], runs: list[slice]) -> float:
    """NUS stability: energy in FFT bins 2 to 6 over bins from 2 on; least of translation and rotation, longest run."""
    run = max(runs, key=lambda r: r.stop - r.start, default=slice(0, 0))
    if run.stop - run.start < 64:
        return math.nan
    path = path_of(out)[run]
    angle = np.unwrap([math.atan2(p.turn.imag, p.turn.real) for p in out[run]])
    scores = []
    for series in (path.real, path.imag, angle):
        power = np.abs(np.fft.rfft(series - series.mean())[2:]) ** 2
        scores.append(float(power[:5].sum() / max(power.sum(), 1e-12)))
    return min(scores)


def cover(correction: Similarity, width: int, height: int) -> float:
    """Share of the output that holds real pixels of the raw picture (before any crop); sampled on a grid."""
    back = correction.inverse()
    x, y = np.meshgrid(np.linspace(0, width - 1, 64), np.linspace(0, height - 1, 48))
    seen = back.turn * (x + 1j * y) + back.shift
    inside = (seen.real > -0.51) & (seen.real < width - 0.49) & (seen.imag > -0.51) & (seen.imag < height - 0.49)
    return float(inside.mean())
