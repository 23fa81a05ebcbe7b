"""Stand-ins that tests script by hand; each says what it promises."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Event

import numpy as np

from engine.capture.source import SourceInfo
from engine.errors import EndOfStream, SourceError, SourceTimeout
from engine.values import Frame, Image, frozen


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


def timeout() -> SourceTimeout:
    """For scripts: one read without a frame."""
    return SourceTimeout("No frame came in time.", "Check the cable.")
