"""Stand-ins that tests script by hand; each says what it promises."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial
from threading import Event

import numpy as np

from engine.capture.source import SourceInfo
from engine.errors import EndOfStream, SourceError, SourceTimeout
from engine.inference.backend import Answer
from engine.values import Frame, Image, Inference, frozen


class ScriptedSource:
    """Gives a script of pictures and exceptions in order, then ends; needs no clock. `opened`, `closed` count calls."""

    def __init__(self, script: Sequence[Image | Exception], fps: float = 30.0, is_live: bool = False) -> None:
        self._script = list(script)
        self._fps, self._is_live = fps, is_live
        self._position = 0
        self.opened = self.closed = 0

    @property
    def identity(self) -> str:
        """Always the same."""
        return "scripted"

    def open(self) -> SourceInfo:
        """The size is that of the first picture; the script goes on where it was."""
        self.opened += 1
        pictures = [item for item in self._script if not isinstance(item, Exception)]
        height, width = pictures[0].shape[:2] if pictures else (480, 640)
        return SourceInfo(self.identity, "Scripted", width, height, self._fps, self._is_live)

    def read(self, timeout_s: float) -> Frame:
        """The next item: a frame, or its exception raised."""
        if self._position >= len(self._script):
            raise EndOfStream
        item, seq = self._script[self._position], self._position
        self._position += 1
        if isinstance(item, Exception):
            raise item
        return Frame(np.asarray(frozen(item), dtype=np.uint8), seq, round(seq * 1e9 / self._fps))

    def close(self) -> None:
        """Counted."""
        self.closed += 1


class HangingSource:
    """Opens, then `read` never returns until `release` is called, whatever the time-out: a hung driver."""

    def __init__(self) -> None:
        self._released = Event()
        self.closed = 0

    @property
    def identity(self) -> str:
        """Always the same."""
        return "hanging"

    def open(self) -> SourceInfo:
        """Fine as yet."""
        return SourceInfo(self.identity, "Hanging", 640, 480, 30.0, is_live=True)

    def read(self, timeout_s: float) -> Frame:
        """Hang."""
        self._released.wait()
        raise SourceError("The hung driver was let go.", "Nothing to do.")

    def close(self) -> None:
        """Counted; does not free the reader, as with a real driver."""
        self.closed += 1

    def release(self) -> None:
        """Let the reader go, so that the test leaves no thread behind."""
        self._released.set()


class NoisySource:
    """A live camera on real time: a new noisy picture every frame; `seq` and times are as promised."""

    def __init__(self, width: int = 64, height: int = 64, fps: float = 100.0) -> None:
        self._shape, self._fps = (height, width, 3), fps
        self._random = np.random.default_rng(7)
        self._seq = -1
        self._next_s = 0.0
        self.opened = self.closed = 0

    @property
    def identity(self) -> str:
        """Always the same."""
        return "noisy"

    def open(self) -> SourceInfo:
        """Counted; frames are numbered from 0 again, as drivers do."""
        self.opened += 1
        self._seq, self._next_s = -1, time.monotonic()
        return SourceInfo(self.identity, "Noisy", self._shape[1], self._shape[0], self._fps, is_live=True)

    def read(self, timeout_s: float) -> Frame:
        """The next picture, when it is due."""
        self._next_s += 1 / self._fps
        time.sleep(max(0.0, self._next_s - time.monotonic()))
        self._seq += 1
        pixels = self._random.integers(0, 256, self._shape, dtype=np.uint8)
        return Frame(np.asarray(frozen(pixels), dtype=np.uint8), self._seq, time.monotonic_ns())

    def close(self) -> None:
        """Counted."""
        self.closed += 1


class ScriptedBackend:
    """Brightens by `gain` levels; `delays_s` and `errors` say, by step, when it is late and when it dies."""

    name = "scripted"
    model_name = "scripted"

    def __init__(self, working_size: tuple[int, int] = (64, 64), gain: int = 10) -> None:
        self.working_size = working_size
        self.gain = gain
        self.delays_s: dict[int, float] = {}
        self.errors: dict[int, Exception] = {}
        self.always_late_s = 0.0
        self.steps = self.resets = self.closed = 0

    def infer(self, pixels: Image, seq: int) -> Inference:
        """One step of the script."""
        step, self.steps = self.steps, self.steps + 1
        time.sleep(self.delays_s.get(step, self.always_late_s))
        if step in self.errors:
            raise self.errors[step]
        grid = (self.working_size[0] // 4, self.working_size[1] // 4)
        enhanced = np.clip(pixels.astype(np.int16) + self.gain, 0, 255).astype(np.uint8)
        ones = np.ones(grid, dtype=np.float32)
        return Inference(seq, enhanced, np.zeros((*grid, 2), dtype=np.float32), ones, ones)

    def begin(self, pixels: Image, seq: int) -> Answer:
        """The step is done when its answer is asked for."""
        return partial(self.infer, pixels.copy(), seq)

    def reset(self) -> None:
        """Counted."""
        self.resets += 1

    def close(self) -> None:
        """Counted."""
        self.closed += 1


def timeout() -> SourceTimeout:
    """For scripts: one read without a frame."""
    return SourceTimeout("No frame came in time.", "Check the cable.")
