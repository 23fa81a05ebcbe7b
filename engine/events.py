"""What happened in a session, kept until the window asks for it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import Enum
from threading import Lock

from engine.clock import now_ns

KEPT = 200  # nobody reads more; the oldest go first


class EventKind(Enum):
    """What sort of thing happened."""

    STATE = "state"
    SOURCE_OPENED = "source_opened"
    SOURCE_LOST = "source_lost"  # tried again by itself
    SOURCE_FAILED = "source_failed"  # given up: the source never opened, or a file broke
    ENDED = "ended"  # a file's last frame went through
    ENGINE_READY = "engine_ready"
    ENGINE_FAILED = "engine_failed"
    BYPASS_ON = "bypass_on"
    BYPASS_OFF = "bypass_off"
    NOTICE = "notice"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened, in words for the notice area."""

    kind: EventKind
    sentence: str
    remedy: str
    at_ns: int  # monotonic


class EventLog:
    """Written by any thread, drained by the window."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._events: deque[Event] = deque(maxlen=KEPT)

    def add(self, kind: EventKind, sentence: str, remedy: str = "") -> None:
        """Append an event stamped now."""
        with self._lock:
            self._events.append(Event(kind, sentence, remedy, now_ns()))

    def drain(self) -> list[Event]:
        """All events since the last call, oldest first."""
        with self._lock:
            drained = list(self._events)
            self._events.clear()
        return drained
