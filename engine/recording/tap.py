"""The recorder's ear on the live path: offering never waits, and each frame that it could not keep is remembered."""

from __future__ import annotations

from threading import Lock
from typing import Generic, TypeVar

from engine.slot import BoundedQueue

TAP_BYTES = 192 << 20  # memory one tap may hold while the disk is slow
MOST_FRAMES, FEWEST_FRAMES = 120, 15


R = TypeVar("R")


class Tap(Generic[R]):
    """A bounded queue of (seq, value) that is open only while recording."""

    def __init__(self) -> None:
        self._queue: BoundedQueue[tuple[int, R]] | None = None
        self._lock = Lock()
        self._refused: set[int] = set()
        self._pauses: list[int] = []  # the first number that each pause passed over
        self._is_paused = False
        self.refused_total = 0

    def open(self, frame_bytes: int) -> None:
        """Begin to take values of about `frame_bytes` each."""
        with self._lock:
            self._refused.clear()
            self._pauses, self._is_paused = [], False
            self._queue = BoundedQueue(max(FEWEST_FRAMES, min(MOST_FRAMES, TAP_BYTES // max(frame_bytes, 1))))

    def close(self) -> None:
        """Take no more; what is queued can still be read."""
        with self._lock:
            if self._queue is not None:
                self._queue.close()

    def offer(self, seq: int, value: R) -> None:
        """Called on the capture or pipeline thread. A full queue loses this frame, and says so later."""
        queue = self._queue
        self._is_paused = False
        if queue is not None and not queue.offer((seq, value)):
            self.refuse(seq)

    def refuse(self, seq: int) -> None:
        """Count this frame as lost by the recorder."""
        with self._lock:
            self._refused.add(seq)
            self.refused_total += 1

    def skip(self, seq: int) -> None:
        """Called there too, for a frame that is not recorded because of a pause."""
        if not self._is_paused:
            self._is_paused = True
            with self._lock:
                self._pauses.append(seq)

    def take(self, timeout_s: float) -> tuple[int, R] | None:
        """The oldest (seq, value), or None after `timeout_s` seconds or once closed and empty."""
        queue = self._queue
        return None if queue is None else queue.take(timeout_s)

    def refused_between(self, last_seq: int, seq: int) -> int:
        """How many of the frames strictly between the two were offered and refused; forgets them."""
        with self._lock:
            hits = {number for number in self._refused if last_seq < number < seq}
            self._refused -= hits
            return len(hits)

    def was_paused_between(self, last_seq: int, seq: int) -> bool:
        """Did a pause pass over frames strictly between the two?"""
        with self._lock:
            return any(last_seq < first < seq for first in self._pauses)
