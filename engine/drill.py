"""The safety drill: every fault through the real session, with what it must do, by when, and what it did."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from engine.bypass import HEALTHY_NS, LATE_MS, WINDOW
from engine.capture.faults import Fault, FaultySource, ScheduledFault
from engine.capture.source import Source
from engine.clock import now_ns
from engine.events import Event, EventKind
from engine.inference.faults import FaultyBackend
from engine.inference.preprocess import working_size
from engine.liveness import LIMIT_NO_LIVE_IMAGE_NS, LIMIT_STALE_NS, Judge, LivenessJudge
from engine.off import NoNetwork, NoStabilizer
from engine.pipeline import Pipeline
from engine.session import Session
from engine.values import Liveness, Mode, StabilizedFrame

POLL_S = 0.002
WARM_UP_S = 0.7  # of healthy pictures before a fault
FPS = 30.0
REOPEN_LIMIT_MS = 1000.0
BACK_LIMIT_MS = 5000.0
STALE_MS = LIMIT_STALE_NS / 1e6
NO_LIVE_IMAGE_MS = LIMIT_NO_LIVE_IMAGE_NS / 1e6
SWITCH_MS = WINDOW / FPS * 1000
RETURN_MS = HEALTHY_NS / 1e6 + 500
WINDOW_CALL_MS = 8.0  # the window's thread may be kept no longer by any call
SLOW_S = 0.25


@dataclass(frozen=True, slots=True)
class Row:
    """One reaction to one fault."""

    fault: str
    reaction: str
    limit_ms: float
    measured_ms: float
    verdict: str  # "pass" or "fail"


@dataclass(slots=True)
class _Trial:
    """One fault in one running session; looks as the window does, every two milliseconds."""

    fault: str
    session: Session
    source: FaultySource
    backends: list[FaultyBackend]
    rows: list[Row] = field(default_factory=list)
    output: StabilizedFrame | None = None  # newest
    raw_ns: dict[int, int] = field(default_factory=dict)  # capture times by number
    events: list[Event] = field(default_factory=list)

    def look(self) -> None:
        """Take what is new."""
        self.output = self.session.take_output() or self.output
        frame = self.session.take_raw()
        if frame is not None:
            self.raw_ns[frame.seq] = frame.captured_ns
        self.events += self.session.events()

    def wait(self, condition: Callable[[], bool], at_most_s: float) -> bool:
        """Look until `condition` holds; False after `at_most_s`."""
        deadline_ns = now_ns() + round(at_most_s * 1e9)
        while True:
            self.look()
            if condition():
                return True
            if now_ns() > deadline_ns:
                return False
            time.sleep(POLL_S)

    def expect(self, reaction: str, condition: Callable[[], bool], since_ns: int, limit_ms: float) -> None:
        """A row: `condition` within `limit_ms` of `since_ns`."""
        waited_ms = (now_ns() - since_ns) / 1e6
        self.wait(condition, max(0.0, 2 * limit_ms + 300 - waited_ms) / 1e3)
        self.book(reaction, (now_ns() - since_ns) / 1e6, limit_ms, has_happened=condition())

    def book(self, reaction: str, measured_ms: float, limit_ms: float, *, has_happened: bool = True) -> None:
        """A row from a measured time."""
        verdict = "pass" if has_happened and measured_ms <= limit_ms else "fail"
        self.rows.append(Row(self.fault, reaction, limit_ms, round(measured_ms, 1), verdict))

    def onset(self, fault: Fault) -> int:
        """Wait for the source's fault to show; its time in monotonic ns."""
        self.wait(lambda: fault in self.source.began_ns, WARM_UP_S + 3.0)
        return self.source.began_ns.get(fault, now_ns())

    def last_fresh(self, fault: Fault) -> int:
        """Wait for the picture that a frozen camera repeats, itself the last fresh one; its capture time in ns."""
        began_ns = self.onset(fault)
        self.wait(lambda: any(at_ns >= began_ns for at_ns in self.raw_ns.values()), 0.2)
        return min((at_ns for at_ns in self.raw_ns.values() if at_ns >= began_ns), default=began_ns)

    def engine_onset(self) -> int:
        """Wait for the engine's first faulty step; the capture time of its frame in monotonic ns."""
        backend = self.backends[0]
        self.wait(lambda: backend.began_ns is not None, 1.0)
        return self.raw_ns.get(backend.began_seq, backend.began_ns or now_ns())

    def happened(self, kind: EventKind, count: int = 1) -> bool:
        """Has this event come `count` times?"""
        return sum(event.kind is kind for event in self.events) >= count

    def count_openings(self) -> int:
        """How often the source was opened or tried."""
        return sum(event.kind is EventKind.STATE and event.sentence.startswith("opening") for event in self.events)

    def over_ns(self, fault: Fault) -> int:
        """When the source's fault ends, by its script."""
        scheduled = next(item for item in self.source.script if item.fault is fault)
        return self.source.opened_ns[0] + round((scheduled.start_s + scheduled.duration_s) * 1e9)

    def oldest_output_ms(self, for_s: float) -> float:
        """The greatest age that the shown picture reaches while looking for so long."""
        oldest_ns, until_ns = 0, now_ns() + round(for_s * 1e9)
        while now_ns() < until_ns:
            self.look()
            if self.output is not None:
                oldest_ns = max(oldest_ns, now_ns() - self.output.raw.captured_ns)
            time.sleep(POLL_S)
        return oldest_ns / 1e6

    def is_liveness(self, *wanted: Liveness) -> bool:
        """What the window would show now."""
        return self.session.health().liveness in wanted

    def is_enhanced(self) -> bool:
        """Does the newest output come from the engine?"""
        return self.output is not None and self.output.mode is not Mode.PASSTHROUGH


def _expect_alarm(trial: _Trial, since_ns: int) -> None:
    """Amber, then NO LIVE IMAGE."""
    stale_or_worse = (Liveness.STALE, Liveness.NO_LIVE_IMAGE)
    trial.expect("amber", lambda: trial.is_liveness(*stale_or_worse), since_ns, STALE_MS)
    trial.expect("NO LIVE IMAGE", lambda: trial.is_liveness(Liveness.NO_LIVE_IMAGE), since_ns, NO_LIVE_IMAGE_MS)


def _expect_raw_in_time(trial: _Trial, since_ns: int) -> None:
    """The very frame that the engine failed on is shown raw, or a newer one in its place."""
    seq = trial.backends[0].began_seq
    reaction = "that frame is shown raw"
    trial.expect(reaction, lambda: trial.output is not None and trial.output.raw.seq >= seq, since_ns, LATE_MS)
    trial.expect("BYPASS with its reason", lambda: trial.happened(EventKind.BYPASS_ON), since_ns, SWITCH_MS)


def _frozen(trial: _Trial) -> None:
    _expect_alarm(trial, trial.last_fresh(Fault.FROZEN))


def _repeated(trial: _Trial) -> None:
    _expect_alarm(trial, trial.last_fresh(Fault.REPEATED))


def _unplugged(trial: _Trial) -> None:
    began_ns = trial.onset(Fault.UNPLUGGED)
    _expect_alarm(trial, began_ns)
    trial.expect("opened again", lambda: trial.count_openings() >= 2, began_ns, REOPEN_LIMIT_MS)
    _expect_return(trial, Fault.UNPLUGGED)


def _hung(trial: _Trial) -> None:
    _expect_alarm(trial, trial.onset(Fault.HANG))
    longest_ns = 0
    for _ in range(20):
        began_ns = now_ns()
        trial.look()
        trial.session.health()
        longest_ns = max(longest_ns, now_ns() - began_ns)
    trial.book("the window's calls return", longest_ns / 1e6, WINDOW_CALL_MS)
    _expect_return(trial, Fault.HANG)


def _expect_return(trial: _Trial, fault: Fault) -> None:
    over_ns = trial.over_ns(fault)
    trial.wait(lambda: now_ns() >= over_ns, 10.0)
    trial.expect("live again", lambda: trial.is_liveness(Liveness.LIVE), over_ns, BACK_LIMIT_MS)


def _slow(trial: _Trial) -> None:
    trial.backends[0].delay_s = SLOW_S
    _expect_raw_in_time(trial, trial.engine_onset())
    oldest_ms = trial.oldest_output_ms(for_s=0.5)
    trial.book("the raw picture stays fresh", oldest_ms, LATE_MS)
    trial.backends[0].delay_s = 0.0
    trial.expect("the engine is back", lambda: trial.happened(EventKind.BYPASS_OFF), now_ns(), RETURN_MS)


def _dying(trial: _Trial) -> None:
    trial.backends[0].is_dying = True
    _expect_raw_in_time(trial, trial.engine_onset())
    began_ns = now_ns()
    trial.expect(
        "the engine is opened again", lambda: trial.happened(EventKind.ENGINE_READY, 2), began_ns, BACK_LIMIT_MS
    )
    trial.expect("the engine is back", trial.is_enhanced, now_ns(), RETURN_MS)


def _wrong_size(trial: _Trial) -> None:
    healthy = trial.output.pixels.shape if trial.output is not None else ()
    began_ns = trial.onset(Fault.WRONG_SIZE)

    def is_new() -> bool:
        return trial.output is not None and trial.output.pixels.shape not in (healthy, ())

    trial.expect("the picture is shown as it comes", is_new, began_ns, LATE_MS)
    trial.expect("the engine follows", lambda: is_new() and trial.is_enhanced(), began_ns, BACK_LIMIT_MS)


def _clock_jump(trial: _Trial) -> None:
    trial.onset(Fault.CLOCK_JUMP)
    oldest_ms = trial.oldest_output_ms(for_s=0.6)
    is_calm = trial.is_liveness(Liveness.LIVE) and trial.session.health().latency_ms.p99 < 1000
    trial.book("no false alarm", oldest_ms, STALE_MS, has_happened=is_calm)
    _expect_alarm(trial, trial.last_fresh(Fault.FROZEN))


@dataclass(frozen=True, slots=True)
class _Plan:
    """A fault's name, what the source does when, and what is expected."""

    fault: str
    script: tuple[ScheduledFault, ...]
    check: Callable[[_Trial], None]


def _from_warm_up(fault: Fault, duration_s: float = math.inf) -> tuple[ScheduledFault, ...]:
    return (ScheduledFault(fault, WARM_UP_S, duration_s),)


PLANS = (
    _Plan("frozen frames", _from_warm_up(Fault.FROZEN), _frozen),
    _Plan("repeated old frames", _from_warm_up(Fault.REPEATED), _repeated),
    _Plan("unplugged camera", _from_warm_up(Fault.UNPLUGGED, 1.3), _unplugged),
    _Plan("hung read", _from_warm_up(Fault.HANG, 2.6), _hung),
    _Plan("slow engine", (), _slow),
    _Plan("dying engine", (), _dying),
    _Plan("wrong frame size", _from_warm_up(Fault.WRONG_SIZE), _wrong_size),
    _Plan(
        "clock jump, then frozen frames",
        (ScheduledFault(Fault.CLOCK_JUMP, WARM_UP_S, 0.8), ScheduledFault(Fault.FROZEN, WARM_UP_S + 0.8, math.inf)),
        _clock_jump,
    ),
)


def run_drill(
    camera: Source, make_judge: Callable[[], Judge] = LivenessJudge, plans: tuple[_Plan, ...] = PLANS
) -> list[Row]:
    """Every plan on `camera`, one after another; a camera of about 30 fps. `make_judge` is the liveness watcher's."""
    rows: list[Row] = []
    for plan in plans:
        rows += _try(plan, camera, make_judge)
    return rows


def _try(plan: _Plan, camera: Source, make_judge: Callable[[], Judge]) -> list[Row]:
    backends: list[FaultyBackend] = []

    def open_pipeline(size: tuple[int, int]) -> Pipeline:
        backends.append(FaultyBackend(NoNetwork(working_size(*size, stride=2))))
        return Pipeline(backends[-1], NoStabilizer())

    session = Session(open_pipeline, make_judge)
    source = FaultySource(camera, plan.script)
    trial = _Trial(plan.fault, session, source, backends)
    session.start(source)
    try:
        trial.wait(trial.is_enhanced, 5.0)
        if not plan.script:
            trial.wait(lambda: False, WARM_UP_S)
        plan.check(trial)
    finally:
        session.stop()
        source.release_hang()
        session.wait_until_stopped(5.0)
    return trial.rows
