"""The session's state machine: one enum and one transition table."""

from __future__ import annotations

from enum import Enum
from threading import Lock

from engine.events import EventKind, EventLog


class SessionState(Enum):
    """Where a session stands."""

    IDLE = "idle"
    OPENING = "opening"
    LIVE = "live"
    DEGRADED = "degraded"  # pictures come, but old ones, or without the engine
    LOST = "lost"  # the source went away; it is tried again


_S = SessionState
TRANSITIONS: dict[SessionState, frozenset[SessionState]] = {
    _S.IDLE: frozenset({_S.OPENING}),
    _S.OPENING: frozenset({_S.LIVE, _S.DEGRADED, _S.LOST, _S.IDLE}),
    _S.LIVE: frozenset({_S.DEGRADED, _S.LOST, _S.IDLE}),
    _S.DEGRADED: frozenset({_S.LIVE, _S.LOST, _S.IDLE}),
    _S.LOST: frozenset({_S.OPENING, _S.IDLE}),
}


class StateMachine:
    """Holds the state and refuses what the table does not allow."""

    def __init__(self, events: EventLog) -> None:
        self._lock = Lock()
        self._events = events
        self.state = SessionState.IDLE

    def go(self, to: SessionState, reason: str = "") -> bool:
        """Move to `to`; True if the table allowed a change, False if we are there already or it is no way from here."""
        with self._lock:
            if to is self.state or to not in TRANSITIONS[self.state]:
                return False
            self.state = to
        self._events.add(EventKind.STATE, f"{to.value}{': ' + reason if reason else ''}")
        return True
