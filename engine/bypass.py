"""When to step back and show the raw picture, and when to trust the engine again."""

from __future__ import annotations

from collections import deque
from threading import Lock

LATE_MS = 100.0
LATE_LIMIT = 5
WINDOW = 25
HEALTHY_NS = 3_000_000_000


class BypassGovernor:
    """5 late or failed frames in 25 switch to BYPASS; 3 s without one switch back. A hand on the switch goes first."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._outcomes: deque[bool] = deque(maxlen=WINDOW)  # True: late or failed
        self._healthy_since_ns: int | None = None
        self._automatic_reason = ""
        self._is_manual = False

    @property
    def is_bypassed(self) -> bool:
        """Is the raw picture to be shown now?"""
        return self._is_manual or bool(self._automatic_reason)

    @property
    def is_automatic(self) -> bool:
        """Did the engine's lateness or failure cause it?"""
        return bool(self._automatic_reason)

    @property
    def reason(self) -> str:
        """Why the raw picture is shown; empty when it is not."""
        return "bypassed by hand" if self._is_manual else self._automatic_reason

    def set_manual(self, is_on: bool) -> None:
        """Bypass at once, or give the choice back."""
        with self._lock:
            self._is_manual = is_on

    def note(self, is_bad: bool, now: int, why: str) -> None:
        """One frame's outcome at `now` (monotonic ns); `why` names the fault if it was bad."""
        with self._lock:
            self._outcomes.append(is_bad)
            if is_bad:
                self._healthy_since_ns = None
            elif self._healthy_since_ns is None:
                self._healthy_since_ns = now
            count = sum(self._outcomes)
            if not self._automatic_reason and count >= LATE_LIMIT:
                self._automatic_reason = f"{why} ({count} of the last {len(self._outcomes)} frames)"
            elif self._automatic_reason and self._healthy_since_ns is not None:
                if now - self._healthy_since_ns < HEALTHY_NS:
                    return
                self._automatic_reason = ""
                self._outcomes.clear()
