"""The correction that is shown: the path's lag while the tooth is seen, taken back while it is lost."""

from __future__ import annotations

from engine.stabilization.easing import Easing
from engine.stabilization.options import PathMode, StabilizerOptions
from engine.stabilization.path import Follow, Lock, Path, Picture, held
from engine.stabilization.similarity import Offset, Similarity

_NEAR_HOME = 0.6  # share of the crop's budget: a tooth farther from its old place stays where it was found


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
        self._easing = Easing(picture.radius)
        self._shown = Offset()

    @property
    def shown(self) -> Offset:
        """What the output uses: from the tooth's pose to the path. Always within the crop's budget."""
        return self._shown

    @property
    def meant(self) -> Offset:
        """What will be shown once the path has come home."""
        return self._shown + self._path.homeward

    def take(self, mode: PathMode, options: StabilizerOptions) -> None:
        """Change the path; the shown offset goes on from where it is."""
        self._path = make_path(mode, options, self._picture)
        self._path.restart(Offset())

    def follow(self, current_from_previous: Similarity, dt_s: float) -> None:
        """The tooth was seen and moved."""
        lag = held(self._shown, current_from_previous, self._picture.centre)
        self._shown = self._picture.within(self._path.advance(lag, dt_s))

    def lose(self) -> None:
        """The tooth is lost: from now on the correction can only be taken back."""
        self._easing.restart()

    def ease_out(self, dt_s: float) -> None:
        """One frame of taking the correction back."""
        self._shown = self._picture.within(self._easing.step(self._shown, dt_s, self._ease_out_s))

    def rejoin(self, home: Offset | None) -> None:
        """The tooth was found again. `home`: the offset that would show it where it was held before."""
        is_near = home is not None and self._picture.used(home) < _NEAR_HOME
        self._path.restart(home - self._shown if home is not None and is_near else Offset())
