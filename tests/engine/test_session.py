"""The session with real threads and real time: views, bypass, loss and return, stop."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest

from engine.capture.source import SourceInfo
from engine.errors import BackendRefused
from engine.events import EventKind
from engine.machine import SessionState
from engine.off import NoStabilizer
from engine.pipeline import Pipeline
from engine.session import Session
from engine.values import Frame, Liveness
from tests.fakes import NoisySource, ScriptedBackend
from tests.live_session import ListeningRecorder, eventually, is_enhanced, is_raw, next_output


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
