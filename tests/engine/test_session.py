"""The session with real threads and real time: views, bypass, loss and return, stop."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from engine.capture.faults import Fault, FaultySource, ScheduledFault
from engine.capture.source import Source, SourceInfo
from engine.errors import BackendRefused, SourceError
from engine.events import EventKind
from engine.machine import SessionState
from engine.off import NoStabilizer
from engine.pipeline import Pipeline
from engine.session import Session
from engine.values import Frame, Liveness, Mode, StabilizedFrame
from tests.fakes import HangingSource, NoisySource, ScriptedBackend, ScriptedSource


@pytest.fixture
def backend() -> ScriptedBackend:
    return ScriptedBackend()


@pytest.fixture
def session(backend: ScriptedBackend) -> Iterator[Session]:
    session = Session(lambda _: Pipeline(backend, NoStabilizer()))
    yield session
    session.stop()
    assert session.wait_until_stopped(3.0)


def eventually(condition: Callable[[], bool], within_s: float = 5.0) -> bool:
    deadline = time.monotonic() + within_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.002)
    return True


def next_output(session: Session, wanted: Callable[[StabilizedFrame], bool], within_s: float = 5.0) -> StabilizedFrame:
    found: list[StabilizedFrame] = []

    def look() -> bool:
        output = session.take_output()
        if output is not None and wanted(output):
            found.append(output)
        return bool(found)

    assert eventually(look, within_s)
    return found[0]


def is_enhanced(output: StabilizedFrame) -> bool:
    return output.mode is not Mode.PASSTHROUGH


def is_raw(output: StabilizedFrame) -> bool:
    return output.mode is Mode.PASSTHROUGH


def test_raw_and_enhanced_pictures_come_and_the_session_is_live(session: Session) -> None:
    session.start(NoisySource())
    output = next_output(session, is_enhanced)
    assert np.array_equal(output.enhanced, np.clip(output.raw.pixels.astype(int) + 10, 0, 255))
    assert eventually(lambda: session.take_raw() is not None)
    assert eventually(lambda: session.health().liveness is Liveness.LIVE)
    assert eventually(lambda: session.state is SessionState.LIVE)
    health = session.health()
    assert (health.backend, health.model, health.source) == ("scripted", "scripted", "Noisy")


def test_the_raw_picture_is_there_while_the_engine_loads(backend: ScriptedBackend) -> None:
    is_loaded = threading.Event()

    def slow_opening(_: tuple[int, int]) -> Pipeline:
        is_loaded.wait(2.0)
        return Pipeline(backend, NoStabilizer())

    session = Session(slow_opening)
    session.start(NoisySource())
    output = next_output(session, is_raw, within_s=0.5)
    assert output.reason == "the engine is loading"
    assert session.take_raw() is not None
    is_loaded.set()
    assert is_enhanced(next_output(session, is_enhanced))
    session.stop()
    assert session.wait_until_stopped(2.0)


class SlowToOpen(NoisySource):
    """A camera that says what it will show, and opens only when it may."""

    def __init__(self, expected_size: tuple[int, int] | None) -> None:
        super().__init__()
        self.expected_size = expected_size
        self.may_open = threading.Event()

    def open(self) -> SourceInfo:
        self.may_open.wait(3.0)
        return super().open()


@pytest.mark.parametrize(("expected", "opened"), [((64, 64), [(64, 64)]), ((48, 80), [(48, 80), (64, 64)])])
def test_the_engine_loads_while_the_camera_opens_and_again_if_another_size_comes(
    backend: ScriptedBackend, expected: tuple[int, int], opened: list[tuple[int, int]]
) -> None:
    sizes: list[tuple[int, int]] = []

    def opening(size: tuple[int, int]) -> Pipeline:
        sizes.append(size)
        return Pipeline(backend, NoStabilizer())

    source, session = SlowToOpen(expected), Session(opening)
    session.start(source)
    assert eventually(lambda: EventKind.ENGINE_READY in [event.kind for event in session.events()])
    assert sizes == [expected]
    source.may_open.set()
    assert is_enhanced(next_output(session, is_enhanced))
    assert sizes == opened
    session.stop()
    assert session.wait_until_stopped(2.0)


def test_a_refusing_engine_leaves_the_raw_picture_and_a_notice() -> None:
    def refuse(_: tuple[int, int]) -> Pipeline:
        raise BackendRefused("This processor is too old.", "Use another.")

    session = Session(refuse)
    session.start(NoisySource())
    assert "too old" in next_output(session, lambda output: "too old" in output.reason).reason
    assert EventKind.ENGINE_FAILED in [event.kind for event in session.events()]
    assert eventually(lambda: session.state is SessionState.DEGRADED)
    session.stop()
    assert session.wait_until_stopped(2.0)


def test_one_late_frame_is_bypassed_and_the_next_is_not(session: Session, backend: ScriptedBackend) -> None:
    backend.delays_s[20] = 0.15
    session.start(NoisySource())
    late = next_output(session, lambda output: "late" in output.reason)
    assert np.array_equal(late.pixels, late.raw.pixels)
    assert is_enhanced(next_output(session, is_enhanced, within_s=10.0))


def test_a_stuck_engine_keeps_nobody_waiting_and_comes_back_when_it_is_healthy(
    session: Session, backend: ScriptedBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.bypass.HEALTHY_NS", 500_000_000)  # the 3 s are tested without a clock
    backend.delays_s[20] = 0.6
    session.start(NoisySource())
    raw = next_output(session, lambda output: "late" in output.reason)
    assert time.monotonic_ns() - raw.raw.captured_ns < 50_000_000  # a fresh picture, though the engine hangs
    assert eventually(lambda: session.health().is_bypassed)
    assert eventually(lambda: session.state is SessionState.DEGRADED)
    assert eventually(lambda: not session.health().is_bypassed, within_s=15.0)
    kinds = [event.kind for event in session.events()]
    assert kinds.count(EventKind.BYPASS_ON) == kinds.count(EventKind.BYPASS_OFF) > 0
    assert eventually(lambda: session.state is SessionState.LIVE)


def test_a_dying_engine_is_opened_again(backend: ScriptedBackend) -> None:
    backend.errors.update({step: RuntimeError("device lost") for step in range(10, 10_000)})
    opened: list[ScriptedBackend] = []

    def open_pipeline(_: tuple[int, int]) -> Pipeline:
        opened.append(backend if not opened else ScriptedBackend())
        return Pipeline(opened[-1], NoStabilizer())

    session = Session(open_pipeline)
    session.start(NoisySource())
    assert "device lost" in next_output(session, lambda output: "device lost" in output.reason).reason
    assert eventually(lambda: len(opened) == 2, within_s=3.0)
    assert backend.closed == 1
    session.stop()
    assert session.wait_until_stopped(2.0)


def test_bypass_by_hand_is_immediate_and_survives_a_new_source(session: Session) -> None:
    session.start(NoisySource())
    next_output(session, is_enhanced)
    session.set_bypass(True)
    seq = next_output(session, is_raw).raw.seq
    assert seq >= 0
    session.start(NoisySource())
    assert next_output(session, lambda output: output.reason == "bypassed by hand")
    session.set_bypass(False)
    assert is_enhanced(next_output(session, is_enhanced))


def test_outputs_never_run_backwards(session: Session, backend: ScriptedBackend) -> None:
    backend.delays_s.update(dict.fromkeys(range(5, 200, 7), 0.12))
    session.start(NoisySource())
    shown: list[int] = []
    deadline = time.monotonic() + 1.5
    while time.monotonic() < deadline:
        output = session.take_output()
        if output is not None:
            shown.append(output.raw.seq)
        time.sleep(0.001)
    assert len(shown) > 10
    assert shown == sorted(set(shown))


def test_an_unplugged_camera_is_opened_again_and_counts_on(session: Session) -> None:
    source = FaultySource(NoisySource(), [ScheduledFault(Fault.UNPLUGGED, 0.3, 1.0)])
    session.start(source)
    assert eventually(lambda: session.state is SessionState.LOST)
    last = session.take_raw()
    assert last is not None
    assert eventually(lambda: len(source.opened_ns) == 2, within_s=3.0)
    again: list[Frame] = []

    def look() -> bool:
        frame = session.take_raw()
        if frame is not None:
            again.append(frame)
        return bool(again)

    assert eventually(look)
    assert again[0].seq > last.seq
    assert session.health().fps_in > 0
    assert eventually(lambda: session.state is SessionState.LIVE)


def test_a_camera_that_stays_frozen_is_opened_again(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.watching.FIRST_DEAD_NS", 200_000_000)
    source = FaultySource(NoisySource(), [ScheduledFault(Fault.FROZEN, 0.2, 1.0)])
    session.start(source)
    assert eventually(lambda: session.health().liveness is Liveness.NO_LIVE_IMAGE)
    assert eventually(lambda: len(source.opened_ns) == 2, within_s=5.0)
    assert eventually(lambda: session.health().liveness is Liveness.LIVE)


def test_a_hung_driver_is_left_behind_and_stop_returns_at_once() -> None:
    source = HangingSource()
    session = Session(lambda _: Pipeline(ScriptedBackend(), NoStabilizer()))
    session.start(source)
    assert eventually(lambda: source.closed > 0, within_s=4.0)  # a second thread tries the device anew
    assert session.state in (SessionState.LOST, SessionState.OPENING)
    began = time.monotonic()
    session.stop()
    assert time.monotonic() - began < 0.05
    source.release()
    assert session.wait_until_stopped(3.0)


def test_a_source_that_never_opens_fails_with_its_sentence(session: Session) -> None:
    session.start(ScriptedSource([SourceError("No such camera.", "Plug it in.")]))
    assert eventually(lambda: session.has_failed)
    failed = [event for event in session.events() if event.kind is EventKind.SOURCE_FAILED]
    assert (failed[0].sentence, failed[0].remedy) == ("No such camera.", "Plug it in.")


def test_a_file_loses_no_frame_however_slow_the_engine(session: Session, backend: ScriptedBackend) -> None:
    backend.always_late_s = 0.12
    pictures = [np.full((64, 64, 3), value, dtype=np.uint8) for value in range(12)]
    session.start(ScriptedSource(pictures))
    assert eventually(lambda: EventKind.ENDED in [event.kind for event in session.events()], within_s=20.0)
    tally = session.tally()
    assert tally is not None
    assert tally.frames_in == tally.frames_processed == 12
    assert tally.modes == {"enhanced_only": 12}
    assert session.state is SessionState.IDLE
    assert not session.health().is_bypassed


def test_a_new_format_of_the_camera_opens_the_engine_anew(session: Session) -> None:
    session.start(FaultySource(NoisySource(), [ScheduledFault(Fault.WRONG_SIZE, 0.3, 60.0)]))
    small = next_output(session, lambda output: is_raw(output) and output.raw.pixels.shape[0] == 32)
    assert small.pixels.shape == (32, 32, 3)
    assert eventually(lambda: [event.kind for event in session.events()].count(EventKind.ENGINE_READY) >= 1)


def test_a_clock_that_jumps_is_noticed_and_does_not_alarm(session: Session) -> None:
    session.start(FaultySource(NoisySource(), [ScheduledFault(Fault.CLOCK_JUMP, 0.2, 60.0)]))
    assert eventually(lambda: any("clock jumped" in event.sentence for event in session.events()))
    time.sleep(0.1)
    health = session.health()
    assert health.liveness is Liveness.LIVE
    assert health.latency_ms.p99 < 1000


class ListeningRecorder:
    """Counts what it is offered."""

    def __init__(self) -> None:
        self.raw: list[int] = []
        self.output: list[int] = []

    def offer_raw(self, frame: Frame) -> None:
        self.raw.append(frame.seq)

    def offer_output(self, result: StabilizedFrame) -> None:
        self.output.append(result.raw.seq)


def test_a_recorder_hears_every_raw_frame_and_outputs_in_order(session: Session) -> None:
    recorder = ListeningRecorder()
    session.attach_recorder(recorder)
    session.start(NoisySource())
    assert eventually(lambda: len(recorder.output) > 20)
    assert recorder.raw == list(range(len(recorder.raw)))
    assert recorder.output == sorted(set(recorder.output))
    session.attach_recorder(None)
    count = len(recorder.raw)
    time.sleep(0.05)
    assert len(recorder.raw) <= count + 1


def test_a_silent_watcher_counts_as_no_live_image(session: Session) -> None:
    class DyingJudge:
        def see(self, frame: Frame, now: int) -> None:
            raise KeyError("a bug in the watcher")

        def verdict(self, now: int) -> Liveness:
            return Liveness.LIVE

        def changes_ns(self, now: int) -> int | None:
            return None

    session._make_judge = DyingJudge
    session.start(NoisySource())
    assert eventually(lambda: session.health().liveness is Liveness.NO_LIVE_IMAGE)


def test_any_number_of_sources_can_be_tried_in_a_row(session: Session) -> None:
    sources: list[Source] = [NoisySource() for _ in range(5)]
    for source in sources:
        session.start(source)
        next_output(session, is_enhanced)
    session.stop()
    assert session.wait_until_stopped(2.0)
    assert session.state is SessionState.IDLE


def test_the_rate_of_a_lost_camera_is_zero(session: Session) -> None:
    session.start(FaultySource(NoisySource(), [ScheduledFault(Fault.UNPLUGGED, 0.2, 60.0)]))
    assert eventually(lambda: session.health().fps_in > 0)
    assert eventually(lambda: session.health().fps_in == 0.0, within_s=3.0)
