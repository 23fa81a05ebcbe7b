"""Liveness, bypass hysteresis and the state machine: pure logic on given times."""

from __future__ import annotations

import numpy as np
import pytest

from engine.bypass import BypassGovernor
from engine.events import EventLog
from engine.liveness import LivenessJudge, PlaybackJudge
from engine.machine import TRANSITIONS, SessionState, StateMachine
from engine.values import Frame, Liveness

MS = 1_000_000


def frame(seq: int, at_ms: float, content: int | None = None) -> Frame:
    pixels = np.random.default_rng(seq if content is None else content).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    return Frame(pixels, seq, round(at_ms * MS))


def test_it_waits_until_the_first_frame() -> None:
    assert LivenessJudge().verdict(10**12) is Liveness.WAITING


@pytest.mark.parametrize(
    ("age_ms", "verdict"),
    [
        (0, Liveness.LIVE),
        (200, Liveness.LIVE),
        (250, Liveness.STALE),
        (450, Liveness.STALE),
        (500, Liveness.NO_LIVE_IMAGE),
    ],
)
def test_amber_by_250_ms_and_no_live_image_by_500_ms(age_ms: int, verdict: Liveness) -> None:
    judge = LivenessJudge()
    judge.see(frame(0, 1000), 1000 * MS)
    assert judge.verdict((1000 + age_ms) * MS) is verdict


def test_a_frozen_picture_with_new_numbers_and_times_is_not_live() -> None:
    judge = LivenessJudge()
    for seq in range(20):
        judge.see(frame(seq, 33 * seq, content=5), 33 * seq * MS)
    assert judge.verdict(33 * 19 * MS) is Liveness.NO_LIVE_IMAGE


def test_a_ring_of_old_buffers_played_again_is_not_live() -> None:
    judge = LivenessJudge()
    for seq in range(40):
        judge.see(frame(seq, 33 * seq, content=seq % 8), 33 * seq * MS)
    assert judge.verdict(33 * 39 * MS) is Liveness.NO_LIVE_IMAGE


def test_old_numbers_do_not_refresh_the_picture() -> None:
    judge = LivenessJudge()
    judge.see(frame(9, 0), 0)
    judge.see(frame(3, 400, content=77), 400 * MS)
    assert judge.verdict(510 * MS) is Liveness.NO_LIVE_IMAGE


def test_a_frame_that_was_taken_long_ago_is_not_live() -> None:
    judge = LivenessJudge()
    judge.see(frame(0, 0), 600 * MS)
    assert judge.verdict(600 * MS) is Liveness.NO_LIVE_IMAGE


def test_a_time_in_the_future_buys_no_credit() -> None:
    judge = LivenessJudge()
    judge.see(frame(0, 3_600_000), 0)
    assert judge.verdict(500 * MS) is Liveness.NO_LIVE_IMAGE


def test_every_second_frame_doubled_is_still_live() -> None:
    judge = LivenessJudge()
    for seq in range(40):
        judge.see(frame(seq, 33 * seq, content=seq // 2), 33 * seq * MS)
        assert judge.verdict(33 * seq * MS) is Liveness.LIVE


def test_a_paused_file_is_no_alarm() -> None:
    judge = PlaybackJudge()
    judge.see(frame(0, 0), 0)
    assert judge.verdict(10**12) is Liveness.LIVE


def test_five_late_frames_in_25_bypass_and_four_do_not() -> None:
    governor = BypassGovernor()
    for index in range(25):
        governor.note(index in (1, 7, 13, 19), index * 33 * MS, "late")
    assert not governor.is_bypassed
    governor.note(True, 26 * 33 * MS, "late")
    assert governor.is_bypassed
    assert governor.is_automatic
    assert governor.reason == "late (5 of the last 25 frames)"


def test_the_engine_is_back_after_three_healthy_seconds_and_not_before() -> None:
    governor = BypassGovernor()
    for index in range(5):
        governor.note(True, index * MS, "late")
    governor.note(False, 100 * MS, "")
    governor.note(False, 3_000 * MS, "")
    assert governor.is_bypassed
    governor.note(True, 3_050 * MS, "late")
    governor.note(False, 3_100 * MS, "")
    governor.note(False, 6_050 * MS, "")
    assert governor.is_bypassed
    governor.note(False, 6_100 * MS, "")
    assert not governor.is_bypassed


def test_silence_is_not_health() -> None:
    governor = BypassGovernor()
    for index in range(5):
        governor.note(True, index * MS, "late")
    governor.note(False, 60_000 * MS, "")
    assert governor.is_bypassed


def test_a_hand_on_the_switch_bypasses_at_once_and_takes_it_back() -> None:
    governor = BypassGovernor()
    governor.set_manual(True)
    assert governor.is_bypassed
    assert governor.reason == "bypassed by hand"
    governor.set_manual(False)
    assert not governor.is_bypassed


def test_every_state_can_go_idle_and_no_way_leads_round_opening() -> None:
    assert all(SessionState.IDLE in ways for state, ways in TRANSITIONS.items() if state is not SessionState.IDLE)
    assert TRANSITIONS[SessionState.LOST] == {SessionState.OPENING, SessionState.IDLE}


def test_a_forbidden_transition_is_refused_and_leaves_no_event() -> None:
    events = EventLog()
    machine = StateMachine(events)
    assert not machine.go(SessionState.LIVE)
    assert machine.go(SessionState.OPENING)
    assert machine.state is SessionState.OPENING
    assert [event.sentence for event in events.drain()] == ["opening"]
