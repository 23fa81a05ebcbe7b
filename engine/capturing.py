"""Thread C: opens the source, reads it, hands every frame on at once, and opens it again when it was lost."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from threading import Event, Thread
from time import thread_time_ns

import psutil

from engine.clock import now_ns
from engine.errors import EndOfStream, SourceError, SourceTimeout
from engine.events import EventKind
from engine.machine import SessionState
from engine.pipeline import passthrough
from engine.run import Run
from engine.values import Frame

READ_TIMEOUT_S = 0.25
READ_LIMIT_S = 2.0  # a read that takes longer hangs in the driver
OPEN_LIMIT_S = 12.0  # some drivers need seconds to start a stream
WORKING_SHARE = 0.02  # of the time in the driver: a thread that had as much of a processor computes, it does not hang
SPINNING_LIMITS = 5  # after so many times the limit it is left behind all the same
SILENCE_NS = 2_000_000_000  # a camera that times out for so long is opened again
REOPEN_EVERY_S = 0.8
REPEATED_REST_S = 0.002  # a driver that repeats itself without waiting must not take a whole core
PREDECESSOR_LIMIT_S = 2.0
NONSENSE_NS = 2_000_000_000  # a time stamp farther off than this is a clock's fault, not a delay

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DriverCall:
    """When the capture thread entered the driver, how long it may stay, and the processor time it had had by then."""

    since_ns: int
    limit_ns: int
    worked_before_ns: int


class CaptureLoop:
    """One capture thread. It may hang in a driver for ever; then it is abandoned, and another takes its place."""

    def __init__(
        self, run: Run, last_seq: int = -1, predecessor: CaptureLoop | None = None, *, has_to_close_first: bool = False
    ) -> None:
        self._run = run
        self._source = run.source
        self.last_seq = last_seq
        self._offset = 0
        self._has_warned_of_clock = False
        self.is_abandoned = Event()
        self.should_reopen = Event()  # set by the watcher: reads succeed, but nothing fresh comes
        self._call: DriverCall | None = None  # that the thread is in
        self._predecessor = predecessor
        self._has_to_close_first = has_to_close_first  # a hung thread still holds the device
        self._thread = Thread(target=self._top, name="capture", daemon=True)

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def join(self, timeout_s: float) -> bool:
        """True if the thread ended within `timeout_s`; never call it on the window's thread."""
        if self._thread.is_alive():
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def is_hung(self, now: int) -> bool:
        """Has the driver kept this thread longer than it may, and idle? A busy machine is none that hangs."""
        call = self._call
        if call is None or now - call.since_ns <= call.limit_ns:
            return False
        is_spinning = now - call.since_ns > SPINNING_LIMITS * call.limit_ns
        is_idle = self._processor_ns() - call.worked_before_ns < WORKING_SHARE * (now - call.since_ns)
        return (is_spinning or is_idle) and self._call is call  # it may have returned while its time was asked for

    def _processor_ns(self) -> int:
        """Processor time that the thread has had; 0 where the system does not tell."""
        threads = {one.id: one for one in psutil.Process().threads()}
        mine = threads.get(self._thread.native_id or 0)
        return 0 if mine is None else round((mine.user_time + mine.system_time) * 1e9)

    @property
    def _is_over(self) -> bool:
        return self.is_abandoned.is_set() or self._run.exchange.is_stopping.is_set()

    def _top(self) -> None:
        try:
            if self._predecessor is not None:  # a device opens only after the one before has let go of it
                self._predecessor.join(PREDECESSOR_LIMIT_S)
                self.last_seq = max(self.last_seq, self._predecessor.last_seq)  # a recording may go on through both
                self._predecessor = None
            if self._has_to_close_first:
                self._close()
            while not self._is_over and self._open_and_read():
                self._run.exchange.is_stopping.wait(REOPEN_EVERY_S)
        except Exception:
            log.exception("capture thread")
            if self.is_abandoned.is_set():
                return
            self._give_up("Reading the source failed with a fault of this program.", "The log file says more.")
        finally:
            if not self.is_abandoned.is_set():
                self._close()

    def _open_and_read(self) -> bool:
        """One life of the source; True if it shall be opened again."""
        run = self._run
        run.machine.go(SessionState.OPENING)
        try:
            self._open()
            self._read_until_over()
        except EndOfStream:
            run.exchange.end()
            return False
        except SourceError as error:
            if self._is_over:
                return False
            if run.info is None or not run.info.is_live:
                self._give_up(error.sentence, error.remedy)
                return False
            if run.machine.go(SessionState.LOST, error.sentence):
                run.events.add(EventKind.SOURCE_LOST, error.sentence, f"{error.remedy} It is tried again by itself.")
        if not self._is_over:
            self._close()
        return True

    def _open(self) -> None:
        self._enter_driver(OPEN_LIMIT_S)
        info = self._source.open()
        self._call = None
        if self._is_over:
            return
        run = self._run
        run.exchange.is_live = info.is_live
        run.info = info
        self._offset = 0
        self.should_reopen.clear()
        run.events.add(EventKind.SOURCE_OPENED, f"{info.name}, {info.width}x{info.height}.")

    def _read_until_over(self) -> None:
        is_first = True
        silent_since_ns = now_ns()
        while not self._is_over:
            self._enter_driver(READ_LIMIT_S)
            try:
                frame = self._source.read(READ_TIMEOUT_S)
            except SourceTimeout:
                if now_ns() - silent_since_ns > SILENCE_NS:
                    raise
                continue
            finally:
                self._call = None
            if self._is_over:
                return
            if self.should_reopen.is_set():
                self.should_reopen.clear()
                raise SourceError("The camera delivers no fresh picture.", "Unplug it and plug it in again.")
            silent_since_ns = now_ns()
            if is_first and frame.seq <= self.last_seq:
                self._offset = self.last_seq + 1 - frame.seq
            is_first = False
            self._hand_on(frame, silent_since_ns)

    def _hand_on(self, frame: Frame, now: int) -> None:
        run = self._run
        seq = frame.seq + self._offset
        if seq <= self.last_seq:
            run.repeated += 1
            self.is_abandoned.wait(REPEATED_REST_S)
            return
        self.last_seq = seq
        captured_ns = self._trusted_time(frame.captured_ns, now) if run.exchange.is_live else frame.captured_ns
        if seq != frame.seq or captured_ns != frame.captured_ns:
            frame = replace(frame, seq=seq, captured_ns=captured_ns)
        run.meters.count_in(now)
        run.exchange.give(frame, captured_ns if run.exchange.is_live else now)
        if run.exchange.is_live:
            self._cover(frame)

    def _trusted_time(self, captured_ns: int, now: int) -> int:
        """The frame's own time, unless its clock is off; never in the future."""
        if abs(now - captured_ns) <= NONSENSE_NS:
            return min(captured_ns, now)
        if not self._has_warned_of_clock:
            self._has_warned_of_clock = True
            self._run.events.add(EventKind.NOTICE, "The camera's clock jumped; frames are timed as they arrive.")
        return now

    def _cover(self, frame: Frame) -> None:
        """Show this frame raw while the engine loads or is bypassed; one that is stuck is the watcher's business."""
        run = self._run
        reason = run.engine_status or run.governor.reason
        if reason and run.exchange.show(passthrough(frame, reason)):
            run.meters.count_covered()

    def _enter_driver(self, limit_s: float) -> None:
        self._call = DriverCall(now_ns(), round(limit_s * 1e9), thread_time_ns())

    def _close(self) -> None:
        self._enter_driver(READ_LIMIT_S)
        self._source.close()
        self._call = None

    def _give_up(self, sentence: str, remedy: str) -> None:
        run = self._run
        run.has_failed = True
        run.machine.go(SessionState.LOST, sentence)
        run.events.add(EventKind.SOURCE_FAILED, sentence, remedy)
