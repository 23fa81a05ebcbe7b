"""The remembered views of the locked tooth: which one to register on, when to add one, and how to find it again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.stabilization.keyframe import Keyframe, Registration, register
from engine.stabilization.relocate import candidates, tilts
from engine.stabilization.similarity import Offset, Similarity
from engine.stabilization.tooth import Box
from engine.stabilization.view import View

_MOST_KEYFRAMES = 8
_MOST_ANCHORS = 3
_LEAST_CORRELATION = 0.4
_LEAST_SUPPORT = 0.22  # of the keyframe's points must be seen
_SETTLED = 2 / 640  # of the width: how far a second registration may move the first
_USUAL = 0.9  # of the correlation that is usual: in spray, poses off by 3 px still reach 0.88 of it
_LEAST_CORRELATION_AFRESH = 0.5  # after a search: other teeth reach 0.5, the same tooth 0.75 and more


@dataclass(frozen=True, slots=True)
class Found:
    """The tooth's pose as a keyframe tells it."""

    raw_from_scene: Similarity
    registration: Registration
    keyframe: Keyframe
    anchor: Anchor


class Anchor:
    """One tooth (or stretch of teeth) in a fixed plane of its own, seen in a few keyframes."""

    def __init__(self, serial: int, first: Keyframe, box: Box, chosen: complex | None) -> None:
        self.serial = serial
        self.keyframes = [first]
        self.box = box  # of the tooth that is meant, in the anchor's plane
        self.chosen = chosen  # the point that the user chose, in the anchor's plane; None: all teeth count
        self.recent: Keyframe | None = None  # a stand-in from the last good frame while the others are not recognised
        self.usual = 0.0  # correlation that registration usually reaches

    def nearest(self, raw_from_scene: Similarity, centre: complex, radius: float) -> Keyframe:
        """The keyframe that was seen most like this pose."""

        def distance(key: Keyframe) -> float:
            return (raw_from_scene @ key.scene_from_key).about(centre).reach(radius)

        return min(self.keyframes, key=distance)

    def add(self, key: Keyframe, centre: complex, radius: float) -> None:
        """Remember one more; the first stays, of the others the farthest goes."""
        self.keyframes.append(key)
        if len(self.keyframes) > _MOST_KEYFRAMES:
            here = key.scene_from_key.inverse()
            middle = self.keyframes[1:-1]
            farthest = max(middle, key=lambda k: (here @ k.scene_from_key).about(centre).reach(radius))
            self.keyframes = [k for k in self.keyframes if k is not farthest]

    def is_as_usual(self, registration: Registration) -> bool:
        """Does the picture look as much like what is remembered as it lately did? Fog and strange teeth do not."""
        return is_alike(registration) and registration.correlation > _USUAL * self.usual

    def is_found(self, registration: Registration | None) -> bool:
        """The stricter question after a search, where a neighbouring tooth may look alike."""
        if registration is None or registration.support < _LEAST_SUPPORT:
            return False
        return registration.correlation > self.least_afresh

    @property
    def least_afresh(self) -> float:
        """The correlation that is needed after a search."""
        return max(_LEAST_CORRELATION_AFRESH, 0.8 * self.usual)

    def note(self, registration: Registration) -> None:
        """Learn what correlation is usual here."""
        rate = 0.1 if self.usual else 1.0
        self.usual += rate * (registration.correlation - self.usual)


def is_alike(registration: Registration) -> bool:
    """Do two views look alike at all? Too little to go by alone: half a spray lets 0.6 stand at 3 px."""
    return registration.support >= _LEAST_SUPPORT and registration.correlation > _LEAST_CORRELATION


def _twice(key: Keyframe, view: View, guess: Similarity) -> Registration | None:
    """Register, and again from where that led: a pose that still moves is no pose."""
    first = register(key, view, guess, coarse=2)
    if first is None or first.correlation < _LEAST_CORRELATION:
        return None
    second = register(key, view, first.current_from_key, coarse=1)
    if second is None:
        return None
    height, width = (view.levels[0].factor * side for side in view.levels[0].detail.shape)
    middle = complex(width, height) / 2
    moved = (second.current_from_key @ first.current_from_key.inverse()).about(middle)
    return second if moved.reach(width / 3) < _SETTLED * width else None


class AnchorMemory:
    """The present anchor and the few before it, newest last."""

    def __init__(self) -> None:
        self.anchors: list[Anchor] = []
        self._serials = 0
        self._attempt = 0

    @property
    def present(self) -> Anchor | None:
        """The anchor that is locked, if any."""
        return self.anchors[-1] if self.anchors else None

    def plant(self, first: Keyframe, box: Box, chosen: complex | None) -> Anchor:
        """A new anchor, whose plane is the picture of its first keyframe."""
        self._serials += 1
        anchor = Anchor(self._serials, first, box, chosen)
        self.anchors = [*self.anchors[-(_MOST_ANCHORS - 1) :], anchor]
        self._attempt = 0
        return anchor

    def resume(self, anchor: Anchor) -> None:
        """An older anchor was found again and is the present one."""
        self.anchors = [other for other in self.anchors if other is not anchor] + [anchor]

    def search(self, view: View, expected: Similarity, centre: complex, radius: float) -> Found | None:
        """Find a remembered keyframe anywhere in the view; one turn-and-zoom and a few keyframes per call."""
        tries = self._order(expected, centre, radius)
        self._attempt += 1
        for anchor, key, tilt in tries:
            for guess in candidates(key, view, tilt):
                registration = _twice(key, view, guess)
                if registration is not None and anchor.is_found(registration):
                    self._attempt = 0
                    pose = registration.current_from_key @ key.scene_from_key.inverse()
                    return Found(pose, registration, key, anchor)
        return None

    def _order(self, expected: Similarity, centre: complex, radius: float) -> Sequence[tuple[Anchor, Keyframe, Offset]]:
        """What to try at this attempt: the nearest keyframe upright, and with it all others and tilted ones in turn.

        The first clear frame may come at any attempt, for fog is searched too.
        """
        present = self.present
        if present is None:
            return []
        nearest = present.nearest(expected, centre, radius)
        upright = (present, nearest, Offset())
        if self._attempt < 2:
            return [upright]
        pool = [(anchor, key) for anchor in reversed(self.anchors) for key in anchor.keyframes]
        anchor, key = pool[self._attempt % len(pool)]
        other = (anchor, key, tilts(self._attempt // len(pool)))
        return [upright] if other == upright else [upright, other]
