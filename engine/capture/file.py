"""A video file as a source: every frame in order with its true time, at full speed or paced, once or in a loop."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Event, Lock

import numpy as np

from engine.capture.decoder import FALLBACK_FPS, Decoder, Picture
from engine.capture.source import SourceInfo
from engine.clock import now_ns
from engine.errors import EndOfStream, SourceError, SourceTimeout
from engine.values import Frame, frozen

REBASE_AFTER_S = 0.1  # a paced reader this late shifts the clock instead of catching up in a rush
TRUNCATED_TOLERANCE_S = 0.5  # edit lists and rounding make honest files end this much early


class FileSource:
    """Reads a file with back-pressure: none of its frames is dropped.

    Not paced, `captured_ns` is the presentation time from 0. Paced (`realtime`), it is the monotonic time at which the
    frame was due, so that intervals are the file's own and latency means what it means for a camera.
    """

    def __init__(self, path: str | Path, realtime: bool = False, loop: bool = False) -> None:
        self._path = Path(path)
        self._is_paced, self._is_looped = realtime, loop
        self._closed = Event()
        self._reading = Lock()  # held while FFmpeg is at work; closing then is left to the reader
        self._decoder: Decoder | None = None
        self._pictures: Iterator[Picture] = iter(())
        self._pending: Picture | None = None
        self._seq = 0
        self._start_ns = 0
        self._round_s = 0.0  # where in the whole play the present round of the loop began
        self._last_s = 0.0

    @property
    def identity(self) -> str:
        """The file's absolute path."""
        return f"file:{self._path.resolve()}"

    def open(self) -> SourceInfo:
        """Open the file and decode its first picture."""
        with self._reading:
            self._free()
            self._closed.clear()
            self._start_decoder()
            assert self._decoder is not None
            self._seq, self._round_s, self._last_s, self._pending = 0, 0.0, 0.0, None
            self._start_ns = now_ns() if self._is_paced else 0
            return SourceInfo(
                identity=self.identity,
                name=self._path.name,
                width=self._decoder.width,
                height=self._decoder.height,
                fps=self._decoder.fps,
                is_live=False,
                frame_count=None if self._is_looped else self._decoder.frame_count,
            )

    def read(self, timeout_s: float) -> Frame:
        """The next frame; EndOfStream after the last, SourceError if the file breaks off before its stated end."""
        with self._reading:
            try:
                if self._closed.is_set() or self._decoder is None:
                    raise SourceError(f"{self._path.name} is closed.", "Open it again.")
                if self._pending is None:
                    self._pending = self._next_picture()
                captured_ns = self._due(self._round_s + self._pending.time_s, timeout_s)
                frame = Frame(np.asarray(frozen(self._pending.pixels), dtype=np.uint8), self._seq, captured_ns)
                self._pending, self._seq = None, self._seq + 1
                return frame
            finally:
                if self._closed.is_set():
                    self._free()

    def close(self) -> None:
        """Free the file now, or as soon as the reading thread lets go of it."""
        self._closed.set()
        if self._reading.acquire(blocking=False):
            self._free()
            self._reading.release()

    def _start_decoder(self) -> None:
        path = self._path
        if path.is_dir():
            raise SourceError(f"{path.name or path} is a folder.", "Choose a video file in it.")
        if not path.exists():
            raise SourceError(f"There is no file {path}.", "Check the name.")
        if not path.is_file():
            raise SourceError(f"{path} is not an ordinary file.", "Choose a video file, or use --url or --camera.")
        if path.stat().st_size == 0:
            raise SourceError(f"{path.name} is empty (0 bytes).", "Record or export it again.")
        self._decoder = Decoder(f"file:{path}", path.name, timeout_s=None)
        self._pictures = self._decoder.pictures()

    def _next_picture(self) -> Picture:
        """The next picture of this round; at the end the next round's first, if looped."""
        assert self._decoder is not None
        picture = next(self._pictures, None)
        if picture is None:
            self._refuse_if_truncated(self._decoder)
            if not self._is_looped:
                raise EndOfStream
            self._round_s += self._last_s + 1.0 / (self._decoder.fps or FALLBACK_FPS)
            self._free()
            self._start_decoder()
            picture = next(self._pictures)
        self._last_s = picture.time_s
        return picture

    def _refuse_if_truncated(self, decoder: Decoder) -> None:
        """The header promised more than came: say so, instead of taking a cut file for a whole one."""
        step_s = 1.0 / (decoder.fps or FALLBACK_FPS)
        promised_s = decoder.promised_s
        if promised_s is not None and self._last_s + step_s < promised_s - max(TRUNCATED_TOLERANCE_S, 2 * step_s):
            raise SourceError(
                f"{self._path.name} breaks off at {self._last_s:.1f} s of {promised_s:.1f} s; it is cut short.",
                "Copy or record it again; what came before is good.",
            )

    def _due(self, time_s: float, timeout_s: float) -> int:
        """The time to write on the frame, ns; paced, after waiting for it."""
        due_ns = self._start_ns + round(time_s * 1e9)
        if not self._is_paced:
            return due_ns
        wait_s = (due_ns - now_ns()) / 1e9
        if wait_s < -REBASE_AFTER_S:
            self._start_ns -= round(wait_s * 1e9)
            return now_ns()
        if wait_s > 0 and self._closed.wait(min(wait_s, timeout_s)):
            raise SourceError(f"{self._path.name} was closed.", "Open it again.")
        if wait_s > timeout_s:
            raise SourceTimeout(f"The next frame of {self._path.name} is not due yet.", "Wait a little longer.")
        return due_ns

    def _free(self) -> None:
        if self._decoder is not None:
            self._decoder.close()
        self._decoder, self._pictures = None, iter(())
