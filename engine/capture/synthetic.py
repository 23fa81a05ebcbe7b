"""The demo source: a seeded handpiece camera over a painted mouth (or a given photo), with exact ground truth."""

from __future__ import annotations

from pathlib import Path
from threading import Event

import numpy as np

from engine.capture.demo.conditions import KINDS
from engine.capture.demo.kept_scene import kept_or_painted
from engine.capture.demo.scene import Scene
from engine.capture.demo.studio import Studio, Truth
from engine.capture.source import SourceInfo
from engine.clock import now_ns
from engine.errors import EndOfStream, SourceError, SourceTimeout
from engine.values import Frame, Image, frozen

SMALLEST_SIDE = 64
MOST_PIXELS = 3840 * 2160


class SyntheticSource:
    """A demo camera. In real time it behaves like a camera, otherwise like a file that is read as fast as asked."""

    def __init__(
        self,
        seed: int = 7,
        fps: float = 30.0,
        size: tuple[int, int] = (640, 480),
        realtime: bool = True,
        kind: str = "demo",
        scene: Scene | None = None,
        frames: int | None = None,
        cache_dir: Path | None = None,
    ) -> None:
        """`cache_dir` keeps what was painted for the next time; without it every source paints."""
        if kind not in KINDS:
            raise SourceError(f"There is no demo scene '{kind}'.", f"Choose one of: {', '.join(KINDS)}.")
        if min(size) < SMALLEST_SIDE or size[0] * size[1] > MOST_PIXELS:
            raise SourceError(
                f"The demo cannot paint {size[0]}x{size[1]} pixels.",
                f"Choose a size from {SMALLEST_SIDE}x{SMALLEST_SIDE} to 3840x2160.",
            )
        if seed < 0:
            raise SourceError(f"The demo's seed {seed} is below 0.", "Use 0 or more.")
        self._seed, self._fps, self._size, self._kind = seed, fps, size, kind
        self._is_live, self._frames = realtime, frames
        self._scene = scene
        self._cache_dir = cache_dir
        self._studio: Studio | None = None
        self._closed = Event()
        self._start_ns = 0
        self._next_seq = 0
        self._pending: Image | None = None

    @property
    def identity(self) -> str:
        """Seed and kind: enough to have the very same pictures again."""
        scene = "" if self._scene is None else f",scene={self._scene.name}"
        return f"demo:seed={self._seed},kind={self._kind}{scene}"

    @property
    def expected_size(self) -> tuple[int, int] | None:
        """Known at once when live; painting takes a while."""
        return (self._size[1], self._size[0]) if self._is_live else None

    @property
    def studio(self) -> Studio:
        """The painted world; painted on first use, about a second at 640x480."""
        if self._studio is None:
            scene = self._scene or self._painted()
            self._studio = Studio(self._seed, self._fps, self._size, KINDS[self._kind], scene)
        return self._studio

    def _painted(self) -> Scene:
        if self._cache_dir is None:
            return Scene.paint(self._seed, self._size[0])
        return kept_or_painted(self._seed, self._size[0], self._cache_dir)

    def open(self) -> SourceInfo:
        """Paint the mouth and start the clock."""
        self._closed.clear()
        width, height = self.studio.size
        self._next_seq, self._pending, self._start_ns = 0, None, now_ns()
        return SourceInfo(
            identity=self.identity,
            name=f"Demo handpiece camera (seed {self._seed})",
            width=width,
            height=height,
            fps=self._fps,
            is_live=self._is_live,
            frame_count=self._frames,
        )

    def read(self, timeout_s: float) -> Frame:
        """The next frame, on its due time when live; a late reader finds the frames in between dropped."""
        if self._closed.is_set() or self._studio is None:
            raise SourceError("The demo camera is closed.", "Open it again.")
        if self._is_live and self._pending is None:
            self._next_seq = max(self._next_seq, int((now_ns() - self._start_ns) * self._fps / 1e9))
        if self._frames is not None and self._next_seq >= self._frames:
            raise EndOfStream
        if self._pending is None:
            self._pending = self._studio.draw(self._next_seq)
        captured_ns = self._wait_until_due(timeout_s) if self._is_live else self._due_ns()
        frame = Frame(np.asarray(frozen(self._pending), dtype=np.uint8), self._next_seq, captured_ns)
        self._pending, self._next_seq = None, self._next_seq + 1
        return frame

    def truth(self, seq: int) -> Truth:
        """Exact truth for frame `seq`; for tests, training and benchmarks, never for the live path."""
        return self.studio.truth(seq)

    def close(self) -> None:
        """Stop; a reader that waits for its frame is woken."""
        self._closed.set()

    def _due_ns(self) -> int:
        """Presentation time of the next frame; not live, the clip starts at 0."""
        offset_ns = round(self._next_seq * 1e9 / self._fps)
        return self._start_ns + offset_ns if self._is_live else offset_ns

    def _wait_until_due(self, timeout_s: float) -> int:
        """Sleep to the frame's due time and return the time then."""
        wait_s = (self._due_ns() - now_ns()) / 1e9
        if wait_s > 0 and self._closed.wait(min(wait_s, timeout_s)):
            raise SourceError("The demo camera was closed.", "Open it again.")
        if wait_s > timeout_s:
            raise SourceTimeout("The demo camera gave no frame in time.", "Wait a little longer.")
        return now_ns()
