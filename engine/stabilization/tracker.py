"""Finds the tooth's pose in each frame: flow predicts, keyframes decide, a search brings it back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

import cv2
import numpy as np

from engine.stabilization.anchor import AnchorMemory, is_alike
from engine.stabilization.keyframe import Keyframe, Registration, register, remember
from engine.stabilization.motion import FlowMotion
from engine.stabilization.path import Picture
from engine.stabilization.similarity import Similarity, scaled
from engine.stabilization.tooth import Box, box_around, main_focus, moved_box, window_around
from engine.stabilization.view import View

_LEAST_INLIERS = 0.4  # of the flow's weight
_LEAST_AGREEMENT = 0.5  # correlation of two frames after the flow's motion
_LEAST_CANDIDATE_SUPPORT = 0.4  # of its points, for an unknown scene to count as the one just seen
_AGREED = 1.5 / 640  # of the picture's width: two witnesses tell the same pose
_KEYFRAME_SHIFT = 0.3  # of the picture's height: beyond it another keyframe is made
_KEYFRAME_ZOOM = 0.15  # logarithm
_UNVERIFIED_FRAMES = 15  # the flow alone may carry the pose so long before a new keyframe is made of it


class How(Enum):
    """What a pose rests on."""

    KEYFRAME = "keyframe"
    BRIDGE = "bridge"
    FLOW = "flow"
    FOUND = "found"


@dataclass(frozen=True, slots=True)
class Located:
    """The tooth's pose in this frame."""

    raw_from_scene: Similarity
    how: How
    skew: complex = 0j  # movement a pixel row while the shutter rolled


@dataclass(frozen=True, slots=True)
class _Told:
    """What one remembered view says of the tooth's pose."""

    pose: Similarity  # raw from the anchor's plane
    registration: Registration
    skew: complex  # the remembered view's own included


class Tracker:
    """Holds the anchors and the last pose. All transforms in camera pixels."""

    def __init__(self, picture: Picture, has_registration: bool, has_rows: bool) -> None:
        self._picture = picture
        self._has_registration = has_registration
        self._has_rows = has_rows
        self._skew = 0j  # in the last frame
        self.memory = AnchorMemory()
        self.pose = Similarity()  # raw from the anchor's plane, when last seen
        self._before: View | None = None  # the last frame's view, if the tooth was located in it
        self._unverified = 0  # frames since a keyframe was last confirmed
        self._candidate: Keyframe | None = None  # an unknown scene that may become an anchor
        self._candidate_pose = Similarity()
        self._candidate_s = 0.0

    @property
    def anchor_serial(self) -> int:
        """Counts anchors; 0 before the first."""
        return self.memory.present.serial if self.memory.present else 0

    @property
    def anchor_box(self) -> Box | None:
        """The locked tooth in camera pixels, where it was last seen."""
        return moved_box(self.memory.present.box, self.pose) if self.memory.present else None

    def plant(self, view: View, at: complex | None = None) -> bool:
        """Lock on to what is seen now; `at` is a chosen point in camera pixels. False where there is no tooth."""
        middle = view.levels[1]
        focus = main_focus(middle.usable, middle.factor) if at is None else at
        first = remember(view if at is None else narrowed(view, at), Similarity())
        if first is None:
            return False
        self.memory.plant(first, box_around(middle.usable, middle.factor, focus), at)
        self.pose, self._skew = Similarity(), 0j
        self._before, self._unverified = view, 0
        self._candidate = None
        return True

    def track(self, view: View, motion: FlowMotion | None) -> Located | None:
        """The pose, given that the tooth was seen in the frame before or a moment ago."""
        carried = motion.current_from_previous if motion is not None and self._is_carried(view, motion) else None
        guess = carried @ self.pose if carried is not None else self.pose
        located = self._placed(view, guess, carried is not None)
        return self._settle(view, located) if located is not None else self.search(view)

    def watch(self, view: View, dt_s: float) -> float:
        """Seconds for which an unknown scene has now been steadily seen; fog and drops never add up."""
        seen = register(self._candidate, view, self._candidate_pose, coarse=2) if self._candidate else None
        if seen is not None and seen.correlation > _LEAST_AGREEMENT and seen.support > _LEAST_CANDIDATE_SUPPORT:
            self._candidate_pose = seen.current_from_key
            self._candidate_s += dt_s
        else:
            self._candidate, self._candidate_pose, self._candidate_s = remember(view, Similarity()), Similarity(), 0.0
        return self._candidate_s

    def search(self, view: View) -> Located | None:
        """Look for a remembered tooth anywhere in the picture."""
        found = None
        if self._has_registration:
            found = self.memory.search(view, self.pose, self._picture.centre, self._picture.radius)
        if found is None:
            self._before = None
            return None
        self.memory.resume(found.anchor)
        found.anchor.note(found.registration)
        return self._settle(view, Located(found.raw_from_scene, How.FOUND))

    def _placed(self, view: View, guess: Similarity, is_carried: bool) -> Located | None:
        """The pose as the nearest keyframe tells it if it looks as usual; else what two witnesses agree on.

        Fog and spray can pull a registration or the flow by some pixels and leave it looking fair; they seldom pull
        the keyframe, the frame before and the flow the same way.
        """
        anchor = self.memory.present
        if anchor is None or not self._has_registration:
            return Located(guess, How.FLOW) if is_carried else None
        key = anchor.nearest(guess, self._picture.centre, self._picture.radius)
        told = self._told_by(key, view, guess, 1 if is_carried else 2)
        if told is not None and anchor.is_as_usual(told.registration):
            anchor.note(told.registration)
            anchor.recent = None
            return Located(told.pose, How.KEYFRAME, told.skew)
        return self._agreed(view, guess, is_carried, told)

    def _agreed(self, view: View, guess: Similarity, is_carried: bool, told: _Told | None) -> Located | None:
        """The pose that two of the keyframe, the last good frame and the flow tell; of the flow if none objects."""
        anchor = self.memory.present
        if anchor is None:
            return None
        if anchor.recent is None and self._before is not None:
            anchor.recent = remember(self._before, self.pose.inverse(), self._skew)
        # not from the guess: a witness that is led to a place says little of it
        recent = self._told_by(anchor.recent, view, self.pose, 2) if anchor.recent is not None else None
        if told is not None and recent is not None and self._is_near(told.pose, recent.pose, _AGREED):
            anchor.note(told.registration)
            return Located(told.pose, How.KEYFRAME, told.skew)
        by_flow = is_carried and recent is not None and self._is_near(recent.pose, guess, _AGREED)
        if recent is not None and (by_flow or anchor.is_as_usual(recent.registration)):
            return Located(recent.pose, How.BRIDGE, recent.skew)
        anchor.recent = None
        objects = any(other is not None and not self._is_near(other.pose, guess, _AGREED) for other in (told, recent))
        return Located(guess, How.FLOW) if is_carried and not objects else None

    def _told_by(self, key: Keyframe, view: View, guess: Similarity, coarse: int) -> _Told | None:
        """The pose by one remembered view, from `guess`; None where the two do not look alike."""
        found = register(key, view, guess @ key.scene_from_key, coarse, self._has_rows)
        if found is None or not is_alike(found):
            return None
        return _Told(found.current_from_key @ key.scene_from_key.inverse(), found, found.skew + key.skew)

    def _is_near(self, one: Similarity, other: Similarity, limit: float) -> bool:
        """Do two poses agree all over the picture to `limit` of its width?"""
        apart = (one @ other.inverse()).about(self._picture.centre).reach(self._picture.radius / 2)
        return apart < limit * self._picture.width

    def _settle(self, view: View, located: Located) -> Located:
        """Keep the pose; add a keyframe where the present ones are too far or have long not been confirmed."""
        self.pose, self._before, self._candidate = located.raw_from_scene, view, None
        self._skew = located.skew
        self._unverified = self._unverified + 1 if located.how in (How.FLOW, How.BRIDGE) else 0
        anchor = self.memory.present
        if anchor is None or not self._has_registration:
            return located
        centre, radius = self._picture.centre, self._picture.radius
        away = (self.pose @ anchor.nearest(self.pose, centre, radius).scene_from_key).about(centre)
        is_far = abs(away.shift) > _KEYFRAME_SHIFT * self._picture.height or abs(away.log_zoom) > _KEYFRAME_ZOOM
        if (is_far and located.how is How.KEYFRAME) or self._unverified >= _UNVERIFIED_FRAMES:
            meant = view if anchor.chosen is None else narrowed(view, self.pose(anchor.chosen))
            key = remember(meant, self.pose.inverse(), self._skew)
            if key is not None:
                anchor.add(key, centre, radius)
                self._unverified = 0
        return located

    def _is_carried(self, view: View, motion: FlowMotion) -> bool:
        """Do the frame before and this one look alike after the flow's motion?"""
        if self._before is None or motion.inliers < _LEAST_INLIERS:
            return False
        before, now = self._before.levels[1], view.levels[1]
        matrix = scaled(motion.current_from_previous, 1 / now.factor).matrix()[:2]
        size = (now.detail.shape[1], now.detail.shape[0])
        weight = cv2.warpAffine(before.usable, matrix, size) * now.usable
        moved = cv2.warpAffine(before.detail, matrix, size)
        seen = weight * moved
        power = float(np.vdot(seen, moved)) * float(np.vdot(weight * now.detail, now.detail))
        return bool(float(np.vdot(seen, now.detail)) > _LEAST_AGREEMENT * max(power, 1e-6) ** 0.5)


def narrowed(view: View, focus: complex) -> View:
    """The view with its weight kept on the tooth at `focus`."""
    levels = tuple(
        replace(level, usable=level.usable * window_around(level.usable.shape[:2], level.factor, focus))
        for level in view.levels
    )
    return replace(view, levels=levels)
