"""Taking an offset to nothing so that the eye sees no jump: less than a pixel a frame, whatever the frame rate."""

from __future__ import annotations

from engine.stabilization.similarity import Offset

_MOST_PX = 0.95  # a frame, at the corner of what is shown
_START_PX = 0.12  # and it gathers speed by no more than this a frame
_DONE_PX = 0.02


class Easing:
    """Gently off, steadily on, gently home."""

    def __init__(self, radius: float) -> None:
        self._radius = radius
        self._step_px = 0.0

    def restart(self) -> None:
        """From rest."""
        self._step_px = 0.0

    def step(self, rest: Offset, dt_s: float, over_s: float) -> Offset:
        """One frame -> what still remains of `rest`; about `over_s` where the limit on the speed allows it."""
        reach = rest.reach(self._radius)
        if reach < _DONE_PX:
            return Offset()
        wanted = min(_MOST_PX, reach * min(1.0, 4.0 * dt_s / over_s) + _DONE_PX, reach)
        self._step_px = min(wanted, self._step_px + _START_PX)
        return rest * (1 - self._step_px / reach)
