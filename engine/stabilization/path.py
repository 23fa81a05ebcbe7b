"""From the pose of the tooth to the steadying correction: FOLLOW and LOCK as small types, within the crop's budget."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

from engine.stabilization.easing import Easing
from engine.stabilization.similarity import Offset, Similarity
from engine.stabilization.warp import room

_MEAN_S = 0.15  # over which the lag is averaged: tremor must not change the spring, only intended movement may
_SWAY_S = 1.0  # in which the remembered reach of the tremor fades
_SETTLING_S = 0.1  # one period of tremor: a mean of less says nothing
_OPEN_S = 7.0  # in which a path that had to open closes again: one that closes with every sway adds ripple of its own
_FOLLOW_OPENING = 3.0  # times the cut-off at the edge: more adds ripple, less lets fast moves reach the edge
_LOCK_OPENING = 3.5
_SLIP_BUDGETS = 2.5  # a lag of so many crops' budgets is a slip, and tells nothing of how the hand sways
_SLIP_S = 1.0  # after which nothing of a slip is left in the mean lag
_HOMING_S = 0.6
_CALM_PX_S = 28.0  # at 640 pixels of width: LOCK recentres by less than a pixel a frame at 30 fps
_CALM_S = 1.0  # after a re-lock in which it never recentres faster; over another second it may again


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

    @property
    def homeward(self) -> Offset:
        """How far it still is to the place to return to."""
        ...

    def advance(self, lag: Offset, dt_s: float) -> Offset:
        """The new lag after `dt_s`, given the lag that holding the steady picture still would give."""
        ...

    def restart(self, homeward: Offset, /) -> None:
        """Forget speed and averages; the lag goes on from where it is, and `homeward` if the path has a home."""
        ...


class _Spring:
    """Draws the steady path to the tooth's: exact steps of a critically calm second-order system (zeta = 1/sqrt(2))."""

    def __init__(self, picture: Picture) -> None:
        self._picture = picture
        self._speed = Offset()  # of the steady path, per second
        self._mean = Offset()  # of the lag
        self._sway_px = 0.0  # how far the lag lately was from its mean; a hand keeps its tremor, so a loss does too
        self._seen_s = 0.0

    def used(self, lag: Offset, dt_s: float) -> float:
        """Share of the crop's budget that the mean lag uses; 0 until there is a mean."""
        self._seen_s += dt_s
        self._mean = self._mean + (lag - self._mean) * max(1 - math.exp(-dt_s / _MEAN_S), dt_s / self._seen_s)
        self._sway_px = max(abs(lag.shift - self._mean.shift), self._sway_px * math.exp(-dt_s / _SWAY_S))
        return self._picture.used(self._mean) if self._seen_s > _SETTLING_S else 0.0

    @property
    def haste(self) -> float:
        """0 in the calm after a restart, 1 once that is long over."""
        return min(1.0, max(0.0, self._seen_s - _CALM_S))

    @property
    def swayed(self) -> float:
        """Share of the crop's budget that the tremor needs on either side of the mean."""
        return self._sway_px / self._picture.budget_px

    def pull(self, lag: Offset, frequency_hz: float, dt_s: float, most_px_s: float = math.inf) -> Offset:
        """lag'' + 2 zeta w lag' + w^2 lag = 0 over `dt_s`; no point of the picture goes faster than `most_px_s`."""
        omega = 2 * math.pi * frequency_hz
        decay = omega / math.sqrt(2)
        fade, sine, cosine = math.exp(-decay * dt_s), math.sin(decay * dt_s), math.cos(decay * dt_s)
        speed = self._speed
        moved = (lag * (cosine + sine) + speed * (sine / decay)) * fade
        self._speed = (speed * (cosine - sine) - lag * (omega * omega / decay * sine)) * fade
        slower = min(1.0, most_px_s * dt_s / max(1e-9, (moved - lag).reach(self._picture.radius)))
        self._speed = self._speed * slower
        return lag + (moved - lag) * slower

    def glide(self, lag: Offset, dt_s: float) -> Offset:
        """No pull: what speed is left dies away within a fifth of a second."""
        fade = math.exp(-dt_s / 0.1)
        moved = lag + self._speed * (0.1 * (1 - fade))
        self._speed = self._speed * fade
        return moved

    def restart(self) -> None:
        """Start from rest."""
        self._speed = Offset()
        self._seen_s = 0.0


def _opening(used: float, at_edge: float) -> float:
    """How much the spring stiffens as the budget is used: 1 up to half, `at_edge` where it is used up."""
    over = max(0.0, used - 0.5) * 2
    return 1 + (at_edge - 1) * over * over


class Follow:
    """Two-pole Butterworth low-pass of the tooth's path; its cut-off rises as the mean lag eats the crop's budget.

    It rises at once and falls slowly: under a hand that sways the filter stays the same, and adds little of its own.
    After a slip it falls at once.
    """

    homeward = Offset()  # goes on from wherever it is

    def __init__(self, cutoff_hz: float, picture: Picture) -> None:
        self._cutoff_hz = cutoff_hz
        self._slip_px = _SLIP_BUDGETS * picture.budget_px
        self._spring = _Spring(picture)
        self._opened = 1.0
        self._since_slip_s = _SLIP_S

    def advance(self, lag: Offset, dt_s: float) -> Offset:
        """One step of the filter."""
        closing = 1 + (self._opened - 1) * math.exp(-dt_s / _OPEN_S)
        self._since_slip_s = 0.0 if abs(lag.shift) > self._slip_px else self._since_slip_s + dt_s
        opening = _opening(self._spring.used(lag, dt_s), _FOLLOW_OPENING)
        self._opened = opening if self._since_slip_s < _SLIP_S else max(opening, closing)
        return self._spring.pull(lag, self._cutoff_hz * self._opened, dt_s)

    def restart(self, _homeward: Offset, /) -> None:
        """Start from rest; the hand still moves as it did, so the opening stays."""
        self._spring.restart()


class Lock:
    """Holds the tooth still; recentres gently once the mean lag leaves the tremor too little of the crop's budget."""

    def __init__(self, cutoff_hz: float, picture: Picture) -> None:
        self._cutoff_hz = cutoff_hz
        self._picture = picture
        self._spring = _Spring(picture)
        self._easing = Easing(picture.radius)
        self._is_recentring = False
        self._homeward = Offset()

    @property
    def homeward(self) -> Offset:
        """How far it still is to the place to return to."""
        return self._homeward

    def advance(self, lag: Offset, dt_s: float) -> Offset:
        """Within the dead band the lag stays as it is or goes home; beyond it the path follows as FOLLOW would."""
        used = self._spring.used(lag, dt_s)
        swayed = self._spring.swayed
        most = min(0.55, max(0.25, 0.85 - swayed))
        self._is_recentring = used > (0.15 if self._is_recentring else most)
        if self._is_recentring:
            self._homeward = Offset()
            faster = 1 + self._spring.haste * (_opening(used + swayed - 0.3, _LOCK_OPENING) - 1)
            most_px_s = _CALM_PX_S * self._picture.width / 640 * faster
            return self._spring.pull(lag, self._cutoff_hz * _opening(used, _LOCK_OPENING), dt_s, most_px_s)
        return self._spring.glide(lag, dt_s) + self._gone_home(used < 0.9 * most, dt_s)

    def _gone_home(self, has_room: bool, dt_s: float) -> Offset:
        """One frame's way towards the old place, as far as the crop has room."""
        before = self._homeward
        self._homeward = self._easing.step(before, dt_s, _HOMING_S) if has_room else Offset()
        return before - self._homeward if has_room else Offset()

    def restart(self, homeward: Offset, /) -> None:
        """Start from rest, towards the place where the tooth was held before a loss."""
        self._spring.restart()
        self._easing.restart()
        self._is_recentring = False
        self._homeward = homeward


def held(lag: Offset, current_from_previous: Similarity, centre: complex) -> Offset:
    """The lag that keeps the steady picture where it was although the tooth has moved."""
    return (lag.at(centre) @ current_from_previous.inverse()).about(centre)
