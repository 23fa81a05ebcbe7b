"""A progress bar on standard error: a line that redraws itself on a terminal, a line each tenth elsewhere."""

from __future__ import annotations

import time
from typing import TextIO

WIDTH = 30
REDRAW_EVERY_S = 0.2


class Progress:
    """Counts frames; `total` is None where the length is unknown."""

    def __init__(self, total: int | None, stream: TextIO) -> None:
        self._total = total
        self._stream = stream
        self._is_terminal = stream.isatty()
        self._began_s = time.monotonic()
        self._drawn_s = 0.0
        self._tenth = 0

    def show(self, done: int) -> None:
        """Draw if it is time to."""
        now_s = time.monotonic()
        if self._is_terminal:
            if now_s - self._drawn_s >= REDRAW_EVERY_S:
                self._drawn_s = now_s
                self._stream.write(f"\r{self._line(done)}\x1b[K")
                self._stream.flush()
            return
        tenth = 10 * done // self._total if self._total else done // 300
        if tenth > self._tenth:
            self._tenth = tenth
            self._stream.write(f"{self._line(done)}\n")

    def finish(self, done: int) -> None:
        """Draw the last state and leave the line."""
        self._stream.write(f"{chr(13) if self._is_terminal else ''}{self._line(done)}\n")
        self._stream.flush()

    def _line(self, done: int) -> str:
        rate = done / max(time.monotonic() - self._began_s, 1e-6)
        if not self._total:
            return f"{done} frames, {rate:.1f} frames/s"
        filled = min(WIDTH, WIDTH * done // self._total)
        left_s = round(max(0, self._total - done) / rate) if done else 0
        bar = "#" * filled + "." * (WIDTH - filled)
        return f"[{bar}] {done}/{self._total} frames, {rate:.1f} frames/s, {left_s // 60}:{left_s % 60:02d} left"
