"""From the pose of the tooth to the steadying correction: FOLLOW and LOCK as small types, within the crop's budget."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

from engine.stabilization.similarity import Offset, Similarity
from engine.stabilization.warp import room


@dataclass(frozen=True, slots=True)
class Picture:
    """Size of the camera's frame and the share of each side that the crop gives up."""

    width: int
    height: int
    crop: float

    @property
    def centre(self) -> complex:
        """The middle, in pixels."""
        return complex(self.width - 1, self.height - 1) / 2

    @property
    def radius(self) -> float:
        """Half the diagonal of what is shown."""
        return abs(self.centre) * (1 - self.crop)

    @property
    def budget_px(self) -> float:
        """Movement that the crop hides, at the narrower side."""
        return min(self.width, self.height) * self.crop / 2

    def used(self, offset: Offset) -> float:
        """0..1 share of the budget; beyond 1 the edge of the raw picture would show."""
        return 1 - max(-1.0, room(offset.at(self.centre), self.width, self.height, self.crop)) / self.budget_px

    def within(self, offset: Offset) -> Offset:
        """The offset, shrunk just so far that only real pixels are shown."""
        if room(offset.at(self.centre), self.width, self.height, self.crop) >= 0:
            return offset
        low, high = 0.0, 1.0
        for _ in range(12):
            middle = (low + high) / 2
            if room((offset * middle).at(self.centre), self.width, self.height, self.crop) >= 0:
                low = middle
            else:
                high = middle
        return offset * low


class Path(Protocol):
    """Where the tooth ought to be: told by the lag, the offset from the tooth's pose to the steady one."""

    def advance(self, lag: Offset, dt_s: float) -> Offset:
        """The new lag after `dt_s`, given the lag that holding the steady picture still would give."""
        ...

    def restart(self) -> None:
        """Forget speed and averages; the lag goes on from where it is."""
        ...


class Follow:
    """Two-pole Butterworth low-pass of the tooth's path; its cut-off rises as the mean lag eats the crop's budget."""

    def __init__(self, cutoff_hz: float, picture: Picture) -> None:
        self._cutoff_hz = cutoff_hz
        self._picture = picture
        self._speed = Offset()  # of the steady path, per second
        self._mean = Offset()  # of the lag: tremor must not open the filter, only intended movement

    def advance(self, lag: Offset, dt_s: float) -> Offset:
        """Exact step of lag'' + 2 zeta w lag' + w^2 lag = 0 over `dt_s`, with zeta = 1/sqrt(2)."""
        self._mean = self._mean + (lag - self._mean) * (1 - math.exp(-dt_s / 0.15))
        opening = max(0.0, self._picture.used(self._mean) - 0.5) * 2
        omega = 2 * math.pi * self._cutoff_hz * (1 + 2.5 * opening * opening)
        decay = omega / math.sqrt(2)
        fade, sine, cosine = math.exp(-decay * dt_s), math.sin(decay * dt_s), math.cos(decay * dt_s)
        speed = self._speed
        moved = (lag * (cosine + sine) + speed * (sine / decay)) * fade
        self._speed = (speed * (cosine - sine) - lag * (omega * omega / decay * sine)) * fade
        return moved

    def restart(self) -> None:
        """Start from rest."""
        self._speed = Offset()
        self._mean = Offset()


class Lock:
    """Holds the tooth still; once the mean lag has used most of the budget, recentres gently until it is small."""

    def __init__(self, picture: Picture) -> None:
        self._picture = picture
        self._mean = Offset()
        self._is_recentring = False
        self._rate_hz = 0.0  # share of the mean lag taken back per second, eased

    def advance(self, lag: Offset, dt_s: float) -> Offset:
        """Within the dead band the lag stays as it is; tremor never moves the path, only the mean lag does."""
        self._mean = self._mean + (lag - self._mean) * (1 - math.exp(-dt_s / 0.4))
        used = self._picture.used(self._mean)
        self._is_recentring = used > (0.15 if self._is_recentring else 0.6)
        wanted_hz = 1.6 if self._is_recentring else 0.0
        self._rate_hz += (wanted_hz - self._rate_hz) * (1 - math.exp(-dt_s / 0.25))
        if self._rate_hz < 1e-3:
            return lag
        step = self._mean * (1 - math.exp(-self._rate_hz * dt_s))
        self._mean = self._mean - step
        return lag - step

    def restart(self) -> None:
        """Start from rest."""
        self._mean = Offset()
        self._is_recentring = False
        self._rate_hz = 0.0


def held(lag: Offset, current_from_previous: Similarity, centre: complex) -> Offset:
    """The lag that keeps the steady picture where it was although the tooth has moved."""
    return (lag.at(centre) @ current_from_previous.inverse()).about(centre)
