"""The state machine: a frame and its fields in, the steadying transform out, with zero look-ahead."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from engine.stabilization.classical import ClassicalFields
from engine.stabilization.correction import Correction
from engine.stabilization.motion import FlowMotion, estimate, gather
from engine.stabilization.options import PathMode, StabilizerOptions
from engine.stabilization.path import Picture
from engine.stabilization.similarity import Similarity
from engine.stabilization.still import StillMap
from engine.stabilization.tooth import Box
from engine.stabilization.tracker import How, Located, Tracker
from engine.stabilization.view import View, look
from engine.stabilization.warp import crop_zoom, straightened
from engine.values import Field, Frame, Inference, Matrix3, Motion, Tracking

_LONGEST_STEP_S = 0.5  # a longer gap between frames is a new beginning for the filters
_LEAST_SHARE = 0.03  # of the picture that must be usable tooth
_LEAST_CONTRAST = 0.6  # RMS of the details, see view.py; white-outs and fog have less
_REASONS = {
    How.KEYFRAME: "",
    How.BRIDGE: "held by the last good frame",
    How.FLOW: "held by the flow alone",
    How.FOUND: "found the anchor again",
}


@dataclass(frozen=True, slots=True)
class StabilizerStep:
    """What the stabilizer says about one frame."""

    stabilized_from_raw: Matrix3  # camera pixels -> output pixels of the same size, the crop's zoom included
    motion: Motion | None  # None where the tooth was not seen
    tracking: Tracking
    reason: str  # empty when all is well
    anchor_box: Box | None  # x, y, w, h of the locked tooth in camera pixels
    anchor: int  # counts anchors; a new number is another tooth or a new beginning


@dataclass(slots=True)
class _State:
    """What lives for one camera size."""

    picture: Picture
    tracker: Tracker
    correction: Correction
    still: StillMap
    tracking: Tracking = Tracking.LOST
    unseen_s: float = 0.0
    captured_ns: int | None = None
    lock_pose: Similarity | None = None  # where LOCK holds the tooth: steady from the anchor's plane
    lock_anchor: int = 0


class Stabilizer:
    """Feed every frame in order; single-threaded, deterministic."""

    def __init__(self, options: StabilizerOptions | None = None) -> None:
        self._options = options or StabilizerOptions()
        self._classical = ClassicalFields()
        self._state: _State | None = None
        self._wish: complex | None = None  # a point to choose, camera pixels
        self._wants_anchor = False

    @property
    def options(self) -> StabilizerOptions:
        """The settings now in force."""
        return self._options

    @property
    def raw_from_anchor(self) -> Similarity:
        """The tooth's pose when it was last seen: the present anchor's plane -> camera pixels."""
        return self._state.tracker.pose if self._state is not None else Similarity()

    def reset(self) -> None:
        """Forget every frame and anchor; the options stay."""
        self._state = None
        self._classical.reset()
        self._wish, self._wants_anchor = None, False

    def set_mode(self, mode: str) -> None:
        """Take the path "follow" or "lock"; what is shown does not jump."""
        self._options = replace(self._options, mode=PathMode(mode))
        if self._state is not None:
            self._state.correction.take(self._options.mode, self._options)
            self._state.lock_pose = None

    def reanchor(self) -> None:
        """Lock on to what the next frame shows."""
        self._wants_anchor, self._wish = True, None

    def choose_tooth(self, x: float, y: float) -> None:
        """Lock on to the tooth at (x, y), camera pixels of the newest frame."""
        self._wants_anchor, self._wish = True, complex(x, y)

    def step(self, frame: Frame, inference: Inference | None) -> StabilizerStep:
        """One frame. `inference` None: classical fields if the options ask for them, else the tooth is unseen."""
        state = self._prepared(frame)
        dt_s = _elapsed_s(state, frame)
        if inference is None and self._options.is_steady_without_network:
            inference = self._classical.infer(frame)
        if inference is None:
            return self._unseen(state, dt_s, False, "the network gave nothing for this frame")
        tooth = _moving_tooth(state.still, inference)
        view = look(frame.pixels, tooth, inference.trust)
        if not _is_visible(view):
            return self._unseen(state, dt_s, False, _why_blind(view))
        if self._wants_anchor and state.tracker.plant(view, self._wish):
            self._wants_anchor, self._wish = False, None
            return self._planted(state, frame, "a new anchor, as asked")
        before = state.tracker.pose
        motion = _flow_motion(inference, tooth, frame) if state.tracking is Tracking.TRACKING else None
        located = self._locate(state, view, motion)
        if located is not None:
            return self._seen(state, frame, dt_s, located, before, motion)
        return self._unmatched(state, frame, view, dt_s)

    def _unmatched(self, state: _State, frame: Frame, view: View, dt_s: float) -> StabilizerStep:
        """Teeth are seen but no keyframe fits: search on for a while, then begin a new anchor."""
        steady_s = state.tracker.watch(view, dt_s)
        if state.tracker.anchor_serial != 0 and steady_s < self._options.give_up_s:
            return self._unseen(state, dt_s, True, "looking for the anchor")
        if state.tracker.plant(view):
            return self._planted(state, frame, "a new anchor")
        return self._unseen(state, dt_s, True, "too little texture on the teeth to lock on")

    def _prepared(self, frame: Frame) -> _State:
        """The state for this camera size; a change of size begins anew."""
        height, width = frame.pixels.shape[:2]
        state = self._state
        if state is None or (state.picture.width, state.picture.height) != (width, height):
            picture = Picture(width, height, self._options.crop)
            tracker = Tracker(picture, self._options.has_registration, self._options.has_rolling_shutter)
            state = self._state = _State(picture, tracker, Correction(picture, self._options), StillMap())
            self._classical.reset()
        return state

    def _locate(self, state: _State, view: View, motion: FlowMotion | None) -> Located | None:
        if state.tracker.anchor_serial == 0:
            return None
        if state.tracking in (Tracking.TRACKING, Tracking.COASTING):
            return state.tracker.track(view, motion)
        return state.tracker.search(view)

    def _seen(
        self,
        state: _State,
        frame: Frame,
        dt_s: float,
        located: Located,
        before: Similarity,
        motion: FlowMotion | None,
    ) -> StabilizerStep:
        """The tooth is where `located` says."""
        was_lost = state.tracking in (Tracking.LOST, Tracking.REANCHORING)
        state.tracking, state.unseen_s = Tracking.TRACKING, 0.0
        moved = located.raw_from_scene @ before.inverse()
        if was_lost or state.lock_anchor != state.tracker.anchor_serial:
            self._rejoin(state, located)
        else:
            state.correction.follow(moved, dt_s)
        self._note_lock(state)
        told = Motion(
            frame.seq,
            moved.matrix(),
            motion.residual_px if motion else 0.0,
            motion.inliers if motion else 1.0,
        )
        return self._told(state, told, _REASONS[located.how], located.skew)

    def _rejoin(self, state: _State, located: Located) -> None:
        """Back on an anchor: LOCK returns to the old place if the crop has room for it, FOLLOW goes on from here."""
        home = None
        if state.lock_pose is not None and state.lock_anchor == state.tracker.anchor_serial:
            home = (state.lock_pose @ located.raw_from_scene.inverse()).about(state.picture.centre)
        state.correction.rejoin(home)

    def _note_lock(self, state: _State) -> None:
        """Remember where LOCK holds the tooth."""
        state.lock_anchor = state.tracker.anchor_serial
        if self._options.mode is PathMode.LOCK:
            state.lock_pose = state.correction.meant.at(state.picture.centre) @ state.tracker.pose

    def _planted(self, state: _State, frame: Frame, reason: str) -> StabilizerStep:
        """A new anchor was made of this frame; what is shown goes on from where it is."""
        state.tracking, state.unseen_s = Tracking.TRACKING, 0.0
        state.correction.rejoin(None)
        self._note_lock(state)
        return self._told(state, Motion(frame.seq, Similarity().matrix(), 0.0, 1.0), reason)

    def _unseen(self, state: _State, dt_s: float, is_visible: bool, reason: str) -> StabilizerStep:
        """The tooth's pose is unknown: coast for an instant, then take the correction back."""
        state.unseen_s += dt_s
        can_coast = state.tracking in (Tracking.TRACKING, Tracking.COASTING)
        if can_coast and state.unseen_s <= self._options.coast_s + 1e-6:
            state.tracking = Tracking.COASTING
            return self._told(state, None, reason)
        if can_coast:
            state.correction.lose()
        state.correction.ease_out(dt_s)
        is_searching = is_visible and state.tracker.anchor_serial > 0
        state.tracking = Tracking.REANCHORING if is_searching else Tracking.LOST
        return self._told(state, None, reason)

    def _told(self, state: _State, motion: Motion | None, reason: str, skew: complex = 0j) -> StabilizerStep:
        picture = state.picture
        shown = state.correction.shown
        steady = crop_zoom(picture.width, picture.height, picture.crop) @ shown.at(picture.centre)
        matrix = steady.matrix() @ straightened(picture.skew_within(shown, skew), picture.height)
        tracker = state.tracker
        return StabilizerStep(matrix, motion, state.tracking, reason, tracker.anchor_box, tracker.anchor_serial)


def _elapsed_s(state: _State, frame: Frame) -> float:
    """Seconds since the frame before; a first frame, a gap or a clock that stands still counts as a thirtieth."""
    before, state.captured_ns = state.captured_ns, frame.captured_ns
    elapsed = (frame.captured_ns - before) / 1e9 if before is not None else 0.0
    return elapsed if 0 < elapsed <= _LONGEST_STEP_S else 1 / 30


def _is_visible(view: View) -> bool:
    return float(view.levels[1].usable.mean()) > _LEAST_SHARE and view.contrast > _LEAST_CONTRAST


def _why_blind(view: View) -> str:
    """Whether the picture is blinded or simply shows no tooth."""
    return "the picture is blinded" if view.clear < 0.5 else "no tooth in view"


def _moving_tooth(still: StillMap, inference: Inference) -> Field:
    """The tooth mask without what stands still in the picture."""
    moves = 1 - still.learn(inference.flow, inference.trust, 640 / inference.enhanced.shape[1])
    tooth = cv2.resize(moves, inference.tooth.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.multiply(tooth, inference.tooth, dst=tooth), np.float32)


def _flow_motion(inference: Inference, tooth: Field, frame: Frame) -> FlowMotion | None:
    """The robust similarity of tooth pixels, in camera pixels."""
    height, width = frame.pixels.shape[:2]
    trust = inference.trust
    if tooth.shape != trust.shape:
        tooth = cv2.resize(tooth, (trust.shape[1], trust.shape[0]), interpolation=cv2.INTER_LINEAR)
    evidence = gather(inference.flow, trust * tooth, (width, height), inference.enhanced.shape[1])
    return estimate(evidence)
