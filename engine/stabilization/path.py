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

    def skew_within(self, offset: Offset, skew: complex) -> complex:
        """As much of the rolling-shutter correction as the crop has room for beside `offset`."""
        for part in (1.0, 0.75, 0.5, 0.25):
            if room(offset.at(self.centre), self.width, self.height, self.crop, skew * part) >= 0:
                return skew * part
        return 0j

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


class _Spring:
    """Draws the steady path to the tooth's: exact steps of a critically calm second-order system (zeta = 1/sqrt(2))."""

    def __init__(self, picture: Picture) -> None:
        self._picture = picture
        self._speed = Offset()  # of the steady path, per second
        self._mean = Offset()  # of the lag: tremor must not change the spring, only intended movement may

    def used(self, lag: Offset, dt_s: float) -> float:
        """Share of the crop's budget that the mean lag uses."""
        self._mean = self._mean + (lag - self._mean) * (1 - math.exp(-dt_s / 0.15))
        return self._picture.used(self._mean)

    def pull(self, lag: Offset, frequency_hz: float, dt_s: float) -> Offset:
        """lag'' + 2 zeta w lag' + w^2 lag = 0 over `dt_s`."""
        omega = 2 * math.pi * frequency_hz
        decay = omega / math.sqrt(2)
        fade, sine, cosine = math.exp(-decay * dt_s), math.sin(decay * dt_s), math.cos(decay * dt_s)
        speed = self._speed
        moved = (lag * (cosine + sine) + speed * (sine / decay)) * fade
        self._speed = (speed * (cosine - sine) - lag * (omega * omega / decay * sine)) * fade
        return moved

    def glide(self, lag: Offset, dt_s: float) -> Offset:
        """No pull: what speed is left dies away within a fifth of a second."""
        fade = math.exp(-dt_s / 0.1)
        moved = lag + self._speed * (0.1 * (1 - fade))
        self._speed = self._speed * fade
        return moved

    def restart(self) -> None:
        """Start from rest."""
        self._speed = Offset()
        self._mean = Offset()


def _opening(used: float) -> float:
    """How much the spring stiffens as the budget is used: 1 up to half, 3.5 at the edge."""
    over = max(0.0, used - 0.5) * 2
    return 1 + 2.5 * over * over


class Follow:
    """Two-pole Butterworth low-pass of the tooth's path; its cut-off rises as the mean lag eats the crop's budget."""

    def __init__(self, cutoff_hz: float, picture: Picture) -> None:
        self._cutoff_hz = cutoff_hz
        self._spring = _Spring(picture)

    def advance(self, lag: Offset, dt_s: float) -> Offset:
        """One step of the filter."""
        return self._spring.pull(lag, self._cutoff_hz * _opening(self._spring.used(lag, dt_s)), dt_s)

    def restart(self) -> None:
        """Start from rest."""
        self._spring.restart()


class Lock:
    """Holds the tooth still; once the mean lag has used half of the budget, recentres gently until it is small."""

    def __init__(self, cutoff_hz: float, picture: Picture) -> None:
        self._cutoff_hz = cutoff_hz
        self._spring = _Spring(picture)
        self._is_recentring = False

    def advance(self, lag: Offset, dt_s: float) -> Offset:
        """Within the dead band the lag stays as it is; beyond it the path follows as FOLLOW would."""
        used = self._spring.used(lag, dt_s)
        self._is_recentring = used > (0.15 if self._is_recentring else 0.55)
        if not self._is_recentring:
            return self._spring.glide(lag, dt_s)
        return self._spring.pull(lag, self._cutoff_hz * _opening(used), dt_s)

    def restart(self) -> None:
        """Start from rest."""
        self._spring.restart()
        self._is_recentring = False


def held(lag: Offset, current_from_previous: Similarity, centre: complex) -> Offset:
    """The lag that keeps the steady picture where it was although the tooth has moved."""
    return (lag.at(centre) @ current_from_previous.inverse()).about(centre)
