"""Sources of a running session: lost, hung, frozen, changed, and how each is opened again."""

from __future__ import annotations

import time

import numpy as np
import pytest

from engine.capture.faults import Fault, FaultySource, ScheduledFault
from engine.capture.source import Source, SourceInfo
from engine.capturing import CaptureLoop, DriverCall
from engine.errors import SourceError
from engine.events import EventKind
from engine.machine import SessionState
from engine.off import NoStabilizer
from engine.pipeline import Pipeline
from engine.session import Session
from engine.values import Frame, Liveness
from tests.fakes import HangingSource, NoisySource, ScriptedBackend, ScriptedSource
from tests.live_session import ListeningRecorder, eventually, is_enhanced, is_raw, next_output


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


def test_frames_are_counted_on_when_another_source_is_shown(session: Session) -> None:
    recorder = ListeningRecorder()
    session.attach_recorder(recorder)
    for most in (20, 40):
        session.start(NoisySource())
        assert eventually(lambda most=most: len(recorder.raw) > most)
    session.stop()
    assert session.wait_until_stopped(2.0)
    assert recorder.raw == sorted(set(recorder.raw))


class HardWorking(NoisySource):
    """Opens slowly because the processor is busy, not because anything hangs."""

    def open(self) -> SourceInfo:
        until = time.thread_time() + 1.0
        while time.thread_time() < until:
            pass
        return super().open()


def test_a_source_that_computes_is_not_taken_for_one_that_hangs(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.capturing.OPEN_LIMIT_S", 0.6)
    monkeypatch.setattr("engine.capturing.SPINNING_LIMITS", 50)  # this machine may be busy with other tests
    source = HardWorking()
    session.start(source)
    next_output(session, is_enhanced, within_s=30.0)
    assert EventKind.SOURCE_LOST not in [event.kind for event in session.events()]
    assert source.opened == 1


def test_a_call_that_returns_while_it_is_judged_is_not_hung(monkeypatch: pytest.MonkeyPatch) -> None:
    loop, call = CaptureLoop.__new__(CaptureLoop), DriverCall(since_ns=0, limit_ns=1, worked_before_ns=0)
    next_call: list[DriverCall | None] = [call, None, DriverCall(9, 1, 0)]

    def asked(_: CaptureLoop) -> int:
        loop._call = next_call.pop(0)
        return 0

    monkeypatch.setattr(CaptureLoop, "_processor_ns", asked)
    verdicts = []
    for _ in range(3):
        loop._call = call
        verdicts.append(loop.is_hung(10))
    assert verdicts == [True, False, False]
