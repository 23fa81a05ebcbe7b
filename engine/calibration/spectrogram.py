"""A running spectrogram of a motion: one column every few frames, as high as half the frame rate."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import signal

WINDOW = 64  # frames a column looks back on: two seconds at 30 a second, lines half a hertz wide
HOP = 4  # frames between columns
COLUMNS = 160
MOST_GAPS = 4  # lost frames that a column may bridge


@dataclass(frozen=True, slots=True)
class SpectrogramView:
    """What is drawn."""

    raw_px: NDArray[np.float32]  # (columns, bins) amplitude of a sine in pixels, oldest first; NaN where it was lost
    held_px: NDArray[np.float32]  # the same of the stabilized picture
    nyquist_hz: float  # of the highest bin
    column_s: float  # seconds between columns


class Spectrogram:
    """Fed with a path of `channels` columns: pairs of x and y."""

    def __init__(self, fps: float, channels: int = 4) -> None:
        self._fps = fps
        self._times: deque[float] = deque(maxlen=WINDOW)
        self._path: deque[tuple[float, ...]] = deque(maxlen=WINDOW)
        self._columns: deque[NDArray[np.float32]] = deque(maxlen=COLUMNS)
        self._channels = channels
        self._fed = 0

    def feed(self, at_s: float, place: tuple[float, ...]) -> bool:
        """One frame's place in pixels, NaN where it was lost; True if a column was added."""
        self._times.append(at_s)
        self._path.append(place)
        self._fed += 1
        if len(self._times) < WINDOW or self._fed % HOP:
            return False
        self._columns.append(self._column())
        return True

    def view(self) -> SpectrogramView:
        """Everything so far."""
        bins = WINDOW // 2 + 1
        columns = np.stack(self._columns) if self._columns else np.zeros((0, 2, bins), np.float32)
        return SpectrogramView(columns[:, 0], columns[:, 1], self._fps / 2, HOP / self._fps)

    def _column(self) -> NDArray[np.float32]:
        """(pairs, bins) amplitude in pixels, both axes together."""
        times, path = np.array(self._times), np.array(self._path)
        seen = np.isfinite(path).all(1)
        bins = WINDOW // 2 + 1
        if (~seen).sum() > MOST_GAPS:
            return np.full((self._channels // 2, bins), np.nan, np.float32)
        even_s = times[-1] - np.arange(WINDOW)[::-1] / self._fps  # a busy machine skips frames
        even = np.stack([np.interp(even_s, times[seen], column[seen]) for column in path.T], axis=1)
        window = signal.windows.hann(WINDOW)
        steady = signal.detrend(even, axis=0)
        spectrum = np.abs(np.fft.rfft(steady * window[:, None], axis=0)) / window.sum() * 2
        pairs = spectrum.reshape(bins, -1, 2)
        return np.asarray(np.sqrt((pairs**2).sum(2)).T, np.float32)
