"""The data flow on one page: Frame -> StabilizedFrame. A plain object without a thread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import MappingProxyType
from typing import Literal, Protocol

import numpy as np

from engine.calibration.correction import NoCorrection, PictureCorrection
from engine.clock import StageTimer
from engine.errors import EngineError
from engine.inference.backend import Backend
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


class Running(Protocol):
    """A pipeline that works, here or in a process of its own."""

    @property
    def engine_name(self) -> str: ...
    @property
    def model_name(self) -> str: ...
    def step(self, frame: Frame) -> StabilizedFrame: ...
    def obey(self, command: Callable[[Pipeline], None]) -> None: ...
    def close(self) -> None: ...


class Pipeline:
    """Preprocess, infer, lift, stabilize, warp; a failure is a PASSTHROUGH frame with its reason."""

    def __init__(self, backend: Backend, stabilizer: Stabilizing) -> None:
        self.backend = backend
        self.stabilizer = stabilizer
        self.correction: PictureCorrection = NoCorrection()  # lens and colour of a calibrated camera
        self._size: tuple[int, ...] = ()  # of the frames that the state of backend and stabilizer belongs to
        self._small: Image | None = None  # reused between frames; nothing outside keeps it
        self._lift = Lift()
        self._warp = Warp()
        self._is_broken = False  # the backend failed on the frame before, so its past is in doubt

    def step(self, frame: Frame) -> StabilizedFrame:
        """The frame through every stage, each stage timed in milliseconds."""
        timer = StageTimer()
        self._size = self._size or frame.pixels.shape
        if frame.pixels.shape != self._size:
            return odd_size(frame, (self._size[0], self._size[1]))
        try:
            seen, inference, enhanced = self._infer(frame, timer)
        except (EngineError, RuntimeError) as error:  # native runtimes report everything as RuntimeError
            self._is_broken = True
            self.stabilizer.step(frame, None)
            return passthrough(frame, f"the engine failed: {error}", timer)
        step = self.stabilizer.step(seen, inference)
        timer.lap("stabilize")
        pixels = self._warp(enhanced, step.stabilized_from_raw)
        frozen(pixels)
        timer.lap("warp")
        return StabilizedFrame(
            raw=frame,
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
        self._size = ()
        self._small = None
        self.backend.reset()
        self.stabilizer.reset()

    def close(self) -> None:
        """Free the backend; on the thread that ran `step`."""
        self.backend.close()

    def _infer(self, frame: Frame, timer: StageTimer) -> tuple[Frame, Inference, Image]:
        """The frame as network and stabilizer see it, the network's answer, and the enhanced picture at full size."""
        if self._is_broken:
            self.backend.reset()
            self._is_broken = False
        pixels = self.correction.apply(frame.pixels)
        seen = frame if pixels is frame.pixels else replace(frame, pixels=pixels)
        small = self._preprocess(pixels)
        timer.lap("preprocess")
        inference = self.backend.infer(small, frame.seq)
        timer.lap("infer")
        enhanced = self._lift(pixels, small, inference.enhanced)
        frozen(enhanced)
        timer.lap("lift")
        return seen, inference, enhanced

    def _preprocess(self, pixels: Image) -> Image:
        size = self.backend.working_size
        if pixels.shape[:2] != size and self._small is None:
            self._small = np.empty((*size, 3), dtype=np.uint8)
        return to_working_size(pixels, size, self._small)


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
