"""Thread L: says whether the picture is live, stands in for an engine that is stuck, replaces a capture that hangs."""

from __future__ import annotations

import logging
from collections.abc import Callable
from threading import Thread

from engine.bypass import LATE_MS
from engine.capturing import CaptureLoop
from engine.clock import now_ns
from engine.events import EventKind
from engine.liveness import Judge, LivenessJudge, PlaybackJudge
from engine.machine import SessionState
from engine.pipeline import passthrough
from engine.run import ENGINE_LOADING, Run
from engine.values import Frame, Liveness

TICK_S = 0.04
STUCK_NS = 92_000_000  # a frame may be 100 ms late; it is given up early enough for the raw one to be in time
FIRST_PATIENCE_NS = (
    1_000_000_000  # between two replacements of a hung capture; doubles, for each leaves a thread behind
)
LONGEST_PATIENCE_NS = 30_000_000_000

FIRST_DEAD_NS = 3_000_000_000  # of NO LIVE IMAGE before the camera is opened again
LATE_NS = round(LATE_MS * 1e6)
LATE = "the engine is late"

log = logging.getLogger(__name__)


class WatchLoop:
    """One watcher. It never touches the camera: it looks at frames and clocks."""

    def __init__(self, run: Run, capture: CaptureLoop, make_judge: Callable[[], Judge] = LivenessJudge) -> None:
        self._run = run
        self.capture = capture
        self._make_judge = make_judge
        self._judge: Judge | None = None
        self._newest: Frame | None = None
        self._stuck_since_ns = 0
        self._stuck_marks = 0
        self._patience_ns = FIRST_PATIENCE_NS
        self._next_replacement_ns = 0
        self._dead_since_ns = now_ns()
        self._dead_limit_ns = FIRST_DEAD_NS
        self._thread = Thread(target=self._top, name="liveness", daemon=True)

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def join(self, timeout_s: float) -> bool:
        """True if the thread ended within `timeout_s`."""
        if self._thread.is_alive():
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _top(self) -> None:
        try:
            while not self._run.exchange.is_stopping.is_set():
                self._look()
        except Exception:  # a silent watcher counts as NO LIVE IMAGE: see Session.health
            log.exception("liveness thread")

    def _look(self) -> None:
        run = self._run
        frame = run.exchange.watch.take(self._rest_s())
        now = now_ns()
        if frame is not None:
            if self._judge is None:
                self._judge = self._make_judge() if run.exchange.is_live else PlaybackJudge()
            self._judge.see(frame, now)
            self._newest = frame
        run.liveness = self._judge.verdict(now) if self._judge is not None else Liveness.WAITING
        run.judged_ns = now
        self._stand_in(now)
        self._move(run.liveness)
        if self.capture.is_hung(now):
            self._replace_capture(now)
        self._reopen_if_stale(now)

    def _rest_s(self) -> float:
        """Until the next look: a tick, or less where a limit is about to be reached."""
        now = now_ns()
        since_ns = self._run.exchange.busy_since_ns
        due_ns = [since_ns + STUCK_NS] if since_ns is not None else []
        changes_ns = self._judge.changes_ns(now) if self._judge is not None else None
        due_ns += [changes_ns] if changes_ns is not None else []
        return min([TICK_S, *((at_ns - now) / 1e9 + 1e-4 for at_ns in due_ns if at_ns > now)])

    def _stand_in(self, now: int) -> None:
        """Show the newest raw picture while the engine sits on an older one; each 100 ms of that is a bad mark."""
        run = self._run
        since_ns = run.exchange.busy_since_ns
        if since_ns is None or self._newest is None or not run.exchange.is_live or now - since_ns < STUCK_NS:
            return
        if since_ns != self._stuck_since_ns:
            self._stuck_since_ns, self._stuck_marks = since_ns, 0
        if (now - since_ns) // LATE_NS > self._stuck_marks:
            self._stuck_marks += 1
            was_bypassed = run.governor.is_bypassed
            run.governor.note(is_bad=True, now=now, why=LATE)
            run.say_if_bypass_changed(was_bypassed)
        if run.exchange.show(passthrough(self._newest, LATE)):
            run.meters.count_covered()

    def _move(self, liveness: Liveness) -> None:
        run = self._run
        machine = run.machine
        if liveness is Liveness.LIVE and run.governor.is_automatic:
            machine.go(SessionState.DEGRADED, run.governor.reason)
        elif liveness is Liveness.LIVE and run.engine_status not in ("", ENGINE_LOADING):
            machine.go(SessionState.DEGRADED, run.engine_status)
        elif liveness is Liveness.LIVE:
            machine.go(SessionState.LIVE)
        elif machine.state is SessionState.LIVE and liveness is not Liveness.WAITING:
            machine.go(SessionState.DEGRADED, "no fresh picture")

    def _reopen_if_stale(self, now: int) -> None:
        """A camera that goes on to deliver, but nothing fresh, is opened again, ever less often."""
        if self._run.liveness is not Liveness.NO_LIVE_IMAGE:
            self._dead_since_ns = now
        if self._run.liveness is Liveness.LIVE:
            self._dead_limit_ns = FIRST_DEAD_NS
        if now - self._dead_since_ns > self._dead_limit_ns:
            self._dead_since_ns = now
            self._dead_limit_ns = min(2 * self._dead_limit_ns, LONGEST_PATIENCE_NS)
            self.capture.should_reopen.set()

    def _replace_capture(self, now: int) -> None:
        """Leave the hung thread to its driver, and try the device with a new one."""
        if now < self._next_replacement_ns:
            return
        run = self._run
        self.capture.is_abandoned.set()
        if run.machine.go(SessionState.LOST, "the camera's driver hangs"):
            run.events.add(
                EventKind.SOURCE_LOST, "The camera's driver hangs.", "Unplug the camera and plug it in again."
            )
        self._next_replacement_ns = now + self._patience_ns
        self._patience_ns = min(2 * self._patience_ns, LONGEST_PATIENCE_NS)
        self.capture = CaptureLoop(run, last_seq=self.capture.last_seq, has_to_close_first=True)
        self.capture.start()
