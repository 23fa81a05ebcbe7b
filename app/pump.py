"""The only door from engine threads into Qt: a timer pulls what is new and judges the age of what is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from engine.clock import now_ns
from engine.events import Event
from engine.liveness import NO_LIVE_IMAGE_NS, STALE_NS
from engine.values import Frame, Health, Liveness, StabilizedFrame

TICK_MS = 8  # half of 60 Hz, so that a frame waits 4 ms on average
LOOK_EVERY_NS = 50_000_000  # how often health and events are read
SEVERITY = (Liveness.LIVE, Liveness.WAITING, Liveness.STALE, Liveness.NO_LIVE_IMAGE)


class Pullable(Protocol):
    """What the pump takes from a session; none of these calls waits."""

    def take_raw(self) -> Frame | None: ...
    def take_output(self) -> StabilizedFrame | None: ...
    def health(self) -> Health: ...
    def events(self) -> Sequence[Event]: ...


@dataclass(frozen=True, slots=True)
class Freshness:
    """How far the shown pictures are to be believed, judged here and not by the threads that may have died."""

    raw: Liveness
    output: Liveness
    age_ms: int  # since the newest raw picture came


class AgeJudge:
    """Judges one stream by when its last new picture came."""

    def __init__(self) -> None:
        self.arrived_ns: int | None = None
        self._seq = -1

    def see(self, seq: int, now: int) -> None:
        """A picture came at `now` (monotonic ns); one with an old number does not count."""
        if seq != self._seq:
            self._seq = seq
            self.arrived_ns = now

    def age_ns(self, now: int) -> int:
        """Nanoseconds since the last new picture; 0 before the first."""
        return now - self.arrived_ns if self.arrived_ns is not None else 0

    def verdict(self, now: int) -> Liveness:
        """WAITING before the first picture, then by age."""
        if self.arrived_ns is None:
            return Liveness.WAITING
        age_ns = self.age_ns(now)
        if age_ns >= NO_LIVE_IMAGE_NS:
            return Liveness.NO_LIVE_IMAGE
        return Liveness.STALE if age_ns >= STALE_NS else Liveness.LIVE


def worst(*verdicts: Liveness) -> Liveness:
    """The most severe of several judgements."""
    return max(verdicts, key=SEVERITY.index)


class Pump(QObject):
    """Pulls; never is pushed. Everything it emits is emitted on the window's thread."""

    raw_arrived = Signal(object)  # Frame
    output_arrived = Signal(object)  # StabilizedFrame
    health_read = Signal(object)  # Health
    event_happened = Signal(object)  # Event
    freshness_judged = Signal(object)  # Freshness

    def __init__(self, session: Pullable, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.is_playback = False  # files: a pause is no alarm
        self._raw = AgeJudge()
        self._output = AgeJudge()
        self._health: Health | None = None
        self._looked_ns = 0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self.tick)

    def start(self) -> None:
        """Begin pulling."""
        self._timer.start()

    def stop(self) -> None:
        """Stop pulling."""
        self._timer.stop()

    def forget(self) -> None:
        """Another source was chosen: what came before says nothing about it."""
        self._raw, self._output, self._health = AgeJudge(), AgeJudge(), None
        self.is_playback = False

    def tick(self) -> None:
        """One look at everything. A session that raises is as good as dead: its pictures age, and that is shown."""
        now = now_ns()
        try:
            self._pull(now)
        finally:
            self.freshness_judged.emit(self.judge(now))

    def _pull(self, now: int) -> None:
        frame = self._session.take_raw()
        if frame is not None:
            self._raw.see(frame.seq, now)
            self.raw_arrived.emit(frame)
        output = self._session.take_output()
        if output is not None:
            self._output.see(output.raw.seq, now)
            self.output_arrived.emit(output)
        if now - self._looked_ns >= LOOK_EVERY_NS:
            self._looked_ns = now
            self._health = self._session.health()
            self.health_read.emit(self._health)
            for event in self._session.events():
                self.event_happened.emit(event)

    def judge(self, now: int) -> Freshness:
        """Freshness at `now` (monotonic ns): the session's own verdict, or ours if that is worse."""
        told = self._health.liveness if self._health is not None else Liveness.WAITING
        if self.is_playback:
            has_picture = self._raw.arrived_ns is not None
            shown = Liveness.LIVE if has_picture else Liveness.WAITING
            return Freshness(shown, shown if self._output.arrived_ns is not None else Liveness.WAITING, 0)
        own = self._raw.verdict(now)
        raw = own if told is Liveness.WAITING else worst(told, own)
        return Freshness(raw, worst(raw, self._output.verdict(now)), self._raw.age_ns(now) // 1_000_000)
