"""Hand-offs between threads: the newest value, or a bounded queue that counts what it had to refuse."""

from __future__ import annotations

from collections import deque
from threading import Condition
from typing import Generic, TypeVar

T = TypeVar("T")


class LatestSlot(Generic[T]):
    """Holds the newest value. `put` never waits and counts what it replaces; `take` gives each value at most once."""

    def __init__(self) -> None:
        self._condition = Condition()
        self._value: T | None = None
        self._is_closed = False
        self.replaced = 0

    def put(self, value: T) -> None:
        """Store `value`; an untaken older one is dropped and counted."""
        with self._condition:
            if self._value is not None:
                self.replaced += 1
            self._value = value
            self._condition.notify()

    def take(self, timeout_s: float) -> T | None:
        """The newest value, or None after `timeout_s` seconds or once closed and empty."""
        with self._condition:
            if self._value is None and not self._is_closed and timeout_s > 0:
                self._condition.wait(timeout_s)
            value, self._value = self._value, None
            return value

    def close(self) -> None:
        """Wake whoever waits; later takes return what is left, then None at once."""
        with self._condition:
            self._is_closed = True
            self._condition.notify_all()


class BoundedQueue(Generic[T]):
    """First in, first out, at most `capacity` values. `offer` never waits; `put` waits for room (files)."""

    def __init__(self, capacity: int) -> None:
        self._condition = Condition()
        self._values: deque[T] = deque()
        self._capacity = capacity
        self._is_closed = False
        self.refused = 0

    def __len__(self) -> int:
        return len(self._values)

    def offer(self, value: T) -> bool:
        """Append if there is room; False, counted in `refused`, if there is none or the queue is closed."""
        with self._condition:
            if len(self._values) >= self._capacity or self._is_closed:
                self.refused += 1
                return False
            self._values.append(value)
            self._condition.notify_all()
            return True

    def put(self, value: T, timeout_s: float) -> bool:
        """Append, waiting up to `timeout_s` for room; False if none came or the queue is closed."""
        with self._condition:
            self._condition.wait_for(lambda: len(self._values) < self._capacity or self._is_closed, timeout_s)
            if len(self._values) >= self._capacity or self._is_closed:
                return False
            self._values.append(value)
            self._condition.notify_all()
            return True

    def take(self, timeout_s: float) -> T | None:
        """The oldest value, or None after `timeout_s` seconds or once closed and empty."""
        with self._condition:
            self._condition.wait_for(lambda: bool(self._values) or self._is_closed, timeout_s)
            if not self._values:
                return None
            value = self._values.popleft()
            self._condition.notify_all()
            return value

    def close(self) -> None:
        """Refuse further values and wake whoever waits; what is queued can still be taken."""
        with self._condition:
            self._is_closed = True
            self._condition.notify_all()
