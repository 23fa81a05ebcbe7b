"""The correction that is shown: the path's lag, kept inside the picture, eased out when lost and back in when found."""

from __future__ import annotations

from engine.stabilization.options import PathMode, StabilizerOptions
from engine.stabilization.path import Follow, Lock, Path, Picture, held
from engine.stabilization.similarity import Offset, Similarity

_EASE_PX = 0.95  # an eased offset moves less than a pixel a frame
_EASE_START_PX = 0.12  # and gathers speed by no more than this a frame
_EASE_IN_S = 0.6


def make_path(mode: PathMode, options: StabilizerOptions, picture: Picture) -> Path:
    """The path for a mode."""
    path = Follow if mode is PathMode.FOLLOW else Lock
    return path(options.cutoff_hz, picture)


class Correction:
    """Keeps raw -> steady as an offset about the picture's centre, without the crop's zoom."""

    def __init__(self, picture: Picture, options: StabilizerOptions) -> None:
        self._picture = picture
        self._ease_out_s = options.ease_out_s
        self._path = make_path(options.mode, options, picture)
        self._lag = Offset()  # from the tooth's pose to the path
        self._debt = Offset()  # what is shown beyond the lag, to be eased away
        self._ease_step_px = 0.0

    @property
    def lag(self) -> Offset:
        """From the tooth's pose to the path, without what is still being eased."""
        return self._lag

    @property
    def shown(self) -> Offset:
        """What the output uses."""
        return self._picture.within(self._lag + self._debt)

    def take(self, mode: PathMode, options: StabilizerOptions) -> None:
        """Change the path; the shown offset goes on from where it is."""
        self._lag, self._debt = self.shown, Offset()
        self._path = make_path(mode, options, self._picture)

    def follow(self, current_from_previous: Similarity, dt_s: float) -> None:
        """The tooth was seen and moved."""
        self._debt = self._eased(dt_s, _EASE_IN_S)
        lag = held(self._lag, current_from_previous, self._picture.centre)
        lag = self._path.advance(lag, dt_s)
        # While a debt is eased, only the sum must fit: cutting the lag alone would make the picture jump.
        self._lag = lag if self._debt != Offset() else self._picture.within(lag)

    def lose(self) -> None:
        """The tooth is lost: from now on the correction can only be taken back."""
        self._lag, self._debt = Offset(), self.shown
        self._ease_step_px = 0.0
        self._path.restart()

    def ease_out(self, dt_s: float) -> None:
        """One frame of taking the correction back."""
        self._debt = self._eased(dt_s, self._ease_out_s)

    def rejoin(self, lag: Offset | None) -> None:
        """The tooth was found again. `lag`: where the locked path wants to be; None goes on from what is shown."""
        shown = self.shown
        self._path.restart()
        self._lag, self._debt = (shown, Offset()) if lag is None else (lag, shown - lag)
        self._ease_step_px = 0.0

    def _eased(self, dt_s: float, over_s: float) -> Offset:
        """One frame of easing the debt: gently off, at most a pixel at the picture's corner, gently home."""
        reach = self._debt.reach(self._picture.radius)
        if reach < 0.02:
            return Offset()
        wanted = min(_EASE_PX, reach * min(1.0, 4.0 * dt_s / over_s) + 0.02, reach)
        self._ease_step_px = min(wanted, self._ease_step_px + _EASE_START_PX)
        return self._debt * (1 - self._ease_step_px / reach)
