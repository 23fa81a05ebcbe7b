"""The data flow on one page: Frame -> StabilizedFrame. A plain object without a thread."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal, Protocol

import numpy as np

from engine.calibration.correction import NoCorrection, PictureCorrection
from engine.clock import StageTimer
from engine.errors import EngineError
from engine.inference.backend import Answer, Backend
from engine.inference.preprocess import to_working_size
from engine.lift import Lift
from engine.stabilization.warp import Warp
from engine.values import Frame, Image, Inference, Matrix3, Mode, Motion, StabilizedFrame, Tracking, frozen

StabilizerMode = Literal["follow", "lock"]


class Step(Protocol):
    """What a stabilizer answers for one frame."""

    @property
    def stabilized_from_raw(self) -> Matrix3: ...  # camera pixels
    @property
    def motion(self) -> Motion | None: ...
    @property
    def tracking(self) -> Tracking: ...
    @property
    def reason(self) -> str: ...
    @property
    def anchor_box(self) -> tuple[float, float, float, float] | None: ...


class Stabilizing(Protocol):
    """What the pipeline needs of a stabilizer."""

    def step(self, frame: Frame, inference: Inference | None) -> Step: ...
    def reset(self) -> None: ...
    def set_mode(self, mode: StabilizerMode) -> None: ...
    def reanchor(self) -> None: ...
    def choose_tooth(self, x: float, y: float) -> None: ...


Upcoming = Callable[[], Frame | None]  # the frame that waits already, if one does; the next that `step` will get


def nothing_upcoming() -> None:
    """For frames that come one by one."""


class Running(Protocol):
    """A pipeline that works, here or in a process of its own."""

    @property
    def engine_name(self) -> str: ...
    @property
    def model_name(self) -> str: ...
    def step(self, frame: Frame, upcoming: Upcoming = nothing_upcoming) -> StabilizedFrame: ...
    def obey(self, command: Callable[[Pipeline], None]) -> None: ...
    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Begun:
    """A frame that the network works on."""

    frame: Frame  # as the camera gave it
    seen: Frame  # as network and stabilizer see it: lens and colour corrected
    small: Image  # (h, w, 3) of the working size
    answer: Answer
    timer: StageTimer


class Pipeline:
    """Preprocess, infer, lift, stabilize, warp; a failure is a PASSTHROUGH frame with its reason.

    While a frame is stabilized the network already works on the next, if that waits: on two cores a fifth of the time.
    """

    def __init__(self, backend: Backend, stabilizer: Stabilizing) -> None:
        self.backend = backend
        self.stabilizer = stabilizer
        self.correction: PictureCorrection = NoCorrection()  # lens and colour of a calibrated camera
        self._size: tuple[int, ...] = ()  # of the frames that the state of backend and stabilizer belongs to
        self._smalls: list[Image] = []  # taken in turn: one is being lifted while the network reads the other
        self._begun: Begun | None = None  # the frame that `step` will get next
        self._lift = Lift()
        self._warp = Warp()
        self._is_broken = False  # the backend failed on the frame before, so its past is in doubt

    def step(self, frame: Frame, upcoming: Upcoming = nothing_upcoming) -> StabilizedFrame:
        """The frame through every stage, each stage timed in milliseconds.

        `upcoming` is asked when the network is free again, and what it gives is begun while this frame is stabilized.
        """
        self._size = self._size or frame.pixels.shape
        if frame.pixels.shape != self._size:
            return odd_size(frame, (self._size[0], self._size[1]))
        timer = StageTimer()
        try:
            begun = self._take_begun(frame) or self._begin(frame)
            timer = begun.timer
            inference = begun.answer()
        except (EngineError, RuntimeError) as error:  # native runtimes report everything as RuntimeError
            self._is_broken = True
            self.stabilizer.step(frame, None)
            return passthrough(frame, f"the engine failed: {error}", timer)
        timer.lap("infer")
        self._begin_ahead(upcoming())
        return self._finish(begun, inference, timer)

    @property
    def engine_name(self) -> str:
        """The back end's name."""
        return self.backend.name

    @property
    def model_name(self) -> str:
        """The network's name."""
        return self.backend.model_name

    def obey(self, command: Callable[[Pipeline], None]) -> None:
        """Run `command` between two frames."""
        command(self)

    def reset(self) -> None:
        """Forget the past: the next frame is the first, of whatever size."""
        self._drop_begun()
        self._size = ()
        self._smalls = []
        self.backend.reset()
        self.stabilizer.reset()

    def close(self) -> None:
        """Free the backend; on the thread that ran `step`."""
        self._drop_begun()
        self.backend.close()

    def _begin(self, frame: Frame) -> Begun:
        """Let the network start on the frame."""
        timer = StageTimer()
        if self._is_broken:
            self.backend.reset()
            self._is_broken = False
        pixels = self.correction.apply(frame.pixels)
        seen = frame if pixels is frame.pixels else replace(frame, pixels=pixels)
        small = self._preprocess(pixels)
        timer.lap("preprocess")
        return Begun(frame, seen, small, self.backend.begin(small, frame.seq), timer)

    def _begin_ahead(self, frame: Frame | None) -> None:
        if frame is None or frame.pixels.shape != self._size:
            return
        with suppress(EngineError, RuntimeError):  # its own step will meet the same fault, and tell
            self._begun = self._begin(frame)

    def _take_begun(self, frame: Frame) -> Begun | None:
        """What was begun ahead, if it is this frame. Another would be gone for good: it is waited for and dropped."""
        begun, self._begun = self._begun, None
        if begun is None or begun.frame is frame:
            return begun
        begun.answer()
        return None

    def _drop_begun(self) -> None:
        begun, self._begun = self._begun, None
        if begun is not None:
            with suppress(EngineError, RuntimeError):
                begun.answer()

    def _finish(self, begun: Begun, inference: Inference, timer: StageTimer) -> StabilizedFrame:
        """Lift, stabilize, warp."""
        timer.skip()
        enhanced = self._lift(begun.seen.pixels, begun.small, inference.enhanced)
        frozen(enhanced)
        timer.lap("lift")
        step = self.stabilizer.step(begun.seen, inference)
        timer.lap("stabilize")
        pixels = self._warp(enhanced, step.stabilized_from_raw)
        frozen(pixels)
        timer.lap("warp")
        return StabilizedFrame(
            raw=begun.frame,
            inference=inference,
            enhanced=enhanced,
            pixels=pixels,
            stabilized_from_raw=step.stabilized_from_raw,
            motion=step.motion,
            tracking=step.tracking,
            mode=Mode.ENHANCED_ONLY if step.tracking is Tracking.LOST else Mode.STABILIZED,
            reason=step.reason,
            anchor_box=step.anchor_box,
            stage_ms=MappingProxyType(timer.stage_ms),
        )

    def _preprocess(self, pixels: Image) -> Image:
        size = self.backend.working_size
        if pixels.shape[:2] == size:
            return to_working_size(pixels, size)
        if not self._smalls:
            self._smalls = [np.empty((*size, 3), dtype=np.uint8) for _ in range(2)]
        self._smalls.reverse()
        return to_working_size(pixels, size, self._smalls[0])


def odd_size(frame: Frame, size: tuple[int, int]) -> StabilizedFrame:
    """A frame that is not of the (height, width) `size` that the engine was opened for, as it came."""
    found = f"{frame.pixels.shape[1]}x{frame.pixels.shape[0]}"
    return passthrough(frame, f"the picture is {found}, the engine was opened for {size[1]}x{size[0]}")


def passthrough(frame: Frame, reason: str, timer: StageTimer | None = None) -> StabilizedFrame:
    """The raw picture as it came, with the reason why nothing was done to it."""
    return StabilizedFrame(
        raw=frame,
        inference=None,
        enhanced=frame.pixels,
        pixels=frame.pixels,
        stabilized_from_raw=np.eye(3),
        motion=None,
        tracking=Tracking.LOST,
        mode=Mode.PASSTHROUGH,
        reason=reason,
        stage_ms=MappingProxyType(dict(timer.stage_ms) if timer else {}),
    )
