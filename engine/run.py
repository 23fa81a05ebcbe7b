"""What the threads of one run share: from one `start` to the `stop` after it."""

from __future__ import annotations

from engine.bypass import BypassGovernor
from engine.capture.source import Source, SourceInfo
from engine.clock import now_ns
from engine.events import EventKind, EventLog
from engine.exchange import Exchange
from engine.machine import StateMachine
from engine.meters import Meters
from engine.values import Liveness

ENGINE_LOADING = "the engine is loading"


class Run:
    """Each field is written by one thread and read by any."""

    def __init__(self, source: Source, events: EventLog) -> None:
        self.source = source
        self.events = events
        self.machine = StateMachine(events)
        self.exchange = Exchange()
        self.meters = Meters()
        self.governor = BypassGovernor()
        self.info: SourceInfo | None = None  # capture
        self.has_failed = False  # given up for good
        self.repeated = 0  # capture: frames whose number was there before
        self.engine_status = ENGINE_LOADING  # pipeline: why it does not run; empty when it does
        self.engine_name = ""  # pipeline
        self.model_name = ""  # pipeline
        self.liveness = Liveness.WAITING  # watcher
        self.judged_ns = now_ns()  # watcher: when it said so

    def say_if_bypass_changed(self, was_bypassed: bool) -> None:
        """Put a change of the bypass into words, once."""
        governor = self.governor
        if governor.is_bypassed and not was_bypassed:
            self.events.add(EventKind.BYPASS_ON, f"The raw picture is shown: {governor.reason}.")
        elif was_bypassed and not governor.is_bypassed:
            self.events.add(EventKind.BYPASS_OFF, "The engine is back: the enhanced and stabilized picture is shown.")
