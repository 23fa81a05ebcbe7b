"""Where the handpiece camera is at any moment: sway, intended moves, slips and tremor, a pure function of time."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from engine.capture.demo.conditions import Conditions
from engine.values import Matrix3

TREMOR_HZ = (6.0, 12.0)
SWAY_HZ = (0.08, 0.6)
SHAKE_UNITS = np.array((1.0, 1.0, 1 / 260, 1 / 420))  # x, y in px; turn in rad and zoom in log per px of shake
SLIP_S = 0.55


class CameraPath:
    """The 3x3 similarity from scene to picture, known for every time in seconds; the same seed gives the same path."""

    def __init__(
        self,
        seed: int,
        conditions: Conditions,
        waypoints: NDArray[np.float64],
        start: int,
        size: tuple[int, int],
        view_px: float,
    ) -> None:
        rng = np.random.default_rng((seed, 0x9A7))
        self._seed = seed
        self._conditions = conditions
        self._waypoints = waypoints
        self._size = size
        self._zoom = size[0] / view_px
        self._px = size[0] / 640
        self._tremor = _Shake(rng, TREMOR_HZ, 14, conditions.tremor_px)
        self._sway = _Shake(rng, SWAY_HZ, 6, conditions.sway_px)
        self._start = start
        self._turn = float(rng.uniform(-0.2, 0.2))

    def frame_from_scene(self, t_s: float) -> Matrix3:
        """(3, 3) float64: scene pixels to picture pixels at time `t_s`."""
        shake = self._tremor.at(t_s) + self._sway.at(t_s)
        centre = self._intended(t_s)
        slip = self._slip(t_s)
        zoom = self._zoom * np.exp(shake[3])
        turn = self._turn + shake[2]
        cosine, sine = zoom * np.cos(turn), zoom * np.sin(turn)
        middle_x = self._size[0] / 2 + (shake[0] + slip[0]) * self._px
        middle_y = self._size[1] / 2 + (shake[1] + slip[1]) * self._px
        return np.array(
            (
                (cosine, -sine, middle_x - cosine * centre[0] + sine * centre[1]),
                (sine, cosine, middle_y - sine * centre[0] - cosine * centre[1]),
                (0.0, 0.0, 1.0),
            )
        )

    def _intended(self, t_s: float) -> NDArray[np.float64]:
        """The view centre (2,) the hand means to have, in scene pixels: rests, then moves of least jerk."""
        dwell, move = self._conditions.dwell_s, self._conditions.move_s
        if move == 0 or len(self._waypoints) < 2:
            return np.asarray(self._waypoints[self._start], dtype=np.float64)
        leg, within = divmod(t_s, dwell + move)
        here, there = self._waypoints[self._stop(int(leg))], self._waypoints[self._stop(int(leg) + 1)]
        tau = max(0.0, (within - dwell) / move)
        eased = tau**3 * (10 - 15 * tau + 6 * tau * tau)
        return np.asarray(here + (there - here) * eased, dtype=np.float64)

    def _stop(self, leg: int) -> int:
        """Index of the waypoint after `leg` moves, walking to and fro along the arch."""
        last = len(self._waypoints) - 1
        position = (self._start + leg) % (2 * last)
        return position if position <= last else 2 * last - position

    def _slip(self, t_s: float) -> NDArray[np.float64]:
        """A sudden offset (2,) in 640-wide pixels that is gone again after half a second."""
        rate = self._conditions.jumps_per_min
        if rate == 0:
            return np.zeros(2)
        number, within = divmod(max(0.0, t_s), 60 / rate)  # half an exposure before the first frame is below 0
        begin, heading, far = _slip_of(self._seed, int(number), 60 / rate)
        since = within - begin
        if not 0 <= since < SLIP_S:
            return np.zeros(2)
        shape = min(1.0, since / 0.06, (SLIP_S - since) / 0.06)
        return np.asarray(far * shape * np.array((np.cos(heading), np.sin(heading))), dtype=np.float64)


class _Shake:
    """A sum of sines with a given RMS an axis, inside one band."""

    def __init__(self, rng: np.random.Generator, band_hz: tuple[float, float], count: int, rms: float) -> None:
        self._angular = 2 * np.pi * rng.uniform(*band_hz, (count, 4))
        self._phase = rng.uniform(0, 2 * np.pi, (count, 4))
        weight = rng.uniform(0.4, 1.0, (count, 4))
        self._weight = weight * (rms * np.sqrt(2 / np.sum(weight**2, axis=0))) * SHAKE_UNITS

    def at(self, t_s: float) -> NDArray[np.float64]:
        """(4,) x, y, turn, log zoom."""
        return np.asarray(np.sum(self._weight * np.sin(self._angular * t_s + self._phase), axis=0), dtype=np.float64)


@lru_cache(maxsize=64)
def _slip_of(seed: int, number: int, every_s: float) -> tuple[float, float, float]:
    """Begin (s into its period), heading (rad) and distance (px) of one slip."""
    rng = np.random.default_rng((seed, 0x511B, number))
    return (
        float(rng.uniform(0.2, every_s - SLIP_S - 0.2)),
        float(rng.uniform(0, 2 * np.pi)),
        float(rng.uniform(90, 230)),
    )
