"""A source that misbehaves on schedule: the safety drill and the tests wrap a healthy source in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from threading import Event

import numpy as np

from engine.capture.source import Source, SourceInfo
from engine.clock import now_ns
from engine.errors import SourceError
from engine.values import Frame, frozen


class Fault(Enum):
    """What can go wrong between lens and driver."""

    FROZEN = "frozen"  # new numbers and times, but the very same picture: the sensor or the bridge hangs
    REPEATED = "repeated"  # the very same old frame again, number and time included: the driver's queue hangs
    HANG = "hang"  # read does not return, whatever time-out it was given
    UNPLUGGED = "unplugged"  # read fails and so does opening, until the fault is over
    WRONG_SIZE = "wrong_size"  # frames of another size arrive
    CLOCK_JUMP = "clock_jump"  # capture times leap ahead by CLOCK_JUMP_NS
    BLACK = "black"  # the lamp or the sensor dies: black pictures


CLOCK_JUMP_NS = 3_600_000_000_000
HANG_STEP_S = 0.05


@dataclass(frozen=True, slots=True)
class ScheduledFault:
    """One fault, from `start_s` after the first opening, for `duration_s` (math.inf: for good)."""

    fault: Fault
    start_s: float
    duration_s: float

    def is_on(self, elapsed_s: float) -> bool:
        """Whether the fault holds `elapsed_s` after the first opening."""
        return self.start_s <= elapsed_s < self.start_s + self.duration_s


class FaultySource:
    """Passes a source through, except while a fault of its script is on; `began_ns`: when each fault first showed."""

    def __init__(self, source: Source, script: Sequence[ScheduledFault]) -> None:
        self._source = source
        self._script = tuple(script)
        self._first_open_ns: int | None = None
        self._stuck: Frame | None = None
        self._hang_over = Event()
        self.began_ns: dict[Fault, int] = {}
        self.opened_ns: list[int] = []

    @property
    def identity(self) -> str:
        """The wrapped source's own."""
        return self._source.identity

    @property
    def script(self) -> tuple[ScheduledFault, ...]:
        """What goes wrong when."""
        return self._script

    def open(self) -> SourceInfo:
        """Open the wrapped source; refused while unplugged."""
        self._hang_over.clear()
        if self._first_open_ns is None:
            self._first_open_ns = now_ns()
        if self._fault_now() is Fault.UNPLUGGED:
            raise _unplugged()
        info = self._source.open()
        self.opened_ns.append(now_ns())
        return info

    def read(self, timeout_s: float) -> Frame:
        """The wrapped source's next frame, spoiled if a fault is on."""
        fault = self._fault_now()
        if fault is None:
            self._stuck = None
            return self._source.read(timeout_s)
        self.began_ns.setdefault(fault, now_ns())
        if fault is Fault.UNPLUGGED:
            raise _unplugged()
        if fault is Fault.HANG:
            return self._hang(timeout_s)
        return self._spoil(self._source.read(timeout_s), fault)

    def close(self) -> None:
        """Close the wrapped source; a hanging read stays hung, as in a real driver, until its fault is over."""
        self._source.close()

    def release_hang(self) -> None:
        """Let a hanging read go at once, so that a test leaves no thread behind."""
        self._hang_over.set()

    def _fault_now(self) -> Fault | None:
        """The fault of the script that holds now."""
        if self._first_open_ns is None:
            return None
        elapsed_s = (now_ns() - self._first_open_ns) / 1e9
        return next((item.fault for item in self._script if item.is_on(elapsed_s)), None)

    def _hang(self, timeout_s: float) -> Frame:
        """Do not come back before the fault is over, in disregard of the time-out."""
        opening = len(self.opened_ns)
        while self._fault_now() is Fault.HANG and not self._hang_over.wait(HANG_STEP_S):
            pass
        if self._hang_over.is_set() or opening != len(self.opened_ns):  # another reader has taken over meanwhile
            raise SourceError("The camera driver hung.", "Unplug the camera and plug it in again.")
        return self._source.read(timeout_s)

    def _spoil(self, frame: Frame, fault: Fault) -> Frame:
        """The frame as the fault delivers it."""
        if self._stuck is None:
            self._stuck = frame
        if fault is Fault.FROZEN:
            return replace(frame, pixels=self._stuck.pixels)
        if fault is Fault.REPEATED:
            return self._stuck
        if fault is Fault.WRONG_SIZE:
            return replace(frame, pixels=np.asarray(frozen(frame.pixels[::2, ::2].copy()), dtype=np.uint8))
        if fault is Fault.BLACK:
            return replace(frame, pixels=np.asarray(frozen(np.zeros_like(frame.pixels)), dtype=np.uint8))
        return replace(frame, captured_ns=frame.captured_ns + CLOCK_JUMP_NS)


def _unplugged() -> SourceError:
    return SourceError("The camera was unplugged.", "Plug it in again; it is reopened by itself.")
