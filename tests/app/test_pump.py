"""The pump judges the age of what is shown by itself, whatever the session says."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from app.pump import Pump, worst
from engine.clock import now_ns
from engine.events import Event
from engine.values import Liveness
from tests.fakes_session import ScriptedSession, healthy, raw_frame, stabilized

MS = 1_000_000


def pumped(session: ScriptedSession) -> Pump:
    session.raw, session.output = raw_frame(1), stabilized(1)
    pump = Pump(session)
    pump.tick()
    return pump


def test_a_fresh_picture_is_live() -> None:
    pump = pumped(ScriptedSession())
    assert pump.judge(now_ns()).raw is Liveness.LIVE
    assert pump.judge(now_ns()).output is Liveness.LIVE


def test_nothing_is_claimed_before_the_first_picture() -> None:
    pump = Pump(ScriptedSession())
    assert pump.judge(now_ns()).raw is Liveness.WAITING


def test_it_turns_amber_after_a_quarter_of_a_second() -> None:
    pump = pumped(ScriptedSession())
    assert pump.judge(now_ns() + 200 * MS).raw is Liveness.LIVE
    assert pump.judge(now_ns() + 251 * MS).raw is Liveness.STALE


def test_it_says_no_live_image_after_half_a_second_though_the_session_swears_it_is_live() -> None:
    session = ScriptedSession()
    session.told = healthy(Liveness.LIVE)
    pump = pumped(session)
    judged = pump.judge(now_ns() + 501 * MS)
    assert judged.raw is Liveness.NO_LIVE_IMAGE
    assert judged.output is Liveness.NO_LIVE_IMAGE
    assert judged.age_ms >= 501


def test_the_sessions_word_counts_when_it_is_worse() -> None:
    session = ScriptedSession()
    session.told = healthy(Liveness.NO_LIVE_IMAGE)  # the same picture again and again, say
    assert pumped(session).judge(now_ns()).raw is Liveness.NO_LIVE_IMAGE


def test_the_same_frame_number_again_is_no_fresh_picture() -> None:
    session = ScriptedSession()
    pump = pumped(session)
    session.raw = raw_frame(1)
    pump.tick()
    assert pump.judge(now_ns() + 501 * MS).raw is Liveness.NO_LIVE_IMAGE


def test_a_dead_engine_does_not_take_the_raw_view_with_it() -> None:
    session = ScriptedSession()
    pump = pumped(session)
    later = now_ns() + 600 * MS
    pump._raw.see(2, later)
    judged = pump.judge(later)
    assert judged.raw is Liveness.LIVE
    assert judged.output is Liveness.NO_LIVE_IMAGE


def test_a_paused_file_raises_no_alarm() -> None:
    pump = pumped(ScriptedSession())
    pump.is_playback = True
    assert pump.judge(now_ns() + 5000 * MS).raw is Liveness.LIVE


def test_another_source_begins_without_a_past() -> None:
    pump = pumped(ScriptedSession())
    pump.forget()
    assert pump.judge(now_ns()).raw is Liveness.WAITING


def test_a_session_that_dies_lets_its_pictures_age(qtbot: QtBot) -> None:
    session = ScriptedSession()
    pump = pumped(session)

    def die() -> list[Event]:
        raise RuntimeError("the session is dead")

    session.events = die  # type: ignore[method-assign]
    pump._looked_ns = 0
    with qtbot.waitSignal(pump.freshness_judged), pytest.raises(RuntimeError):
        pump.tick()
    assert pump.judge(now_ns() + 501 * MS).raw is Liveness.NO_LIVE_IMAGE


def test_the_worst_of_several_judgements_wins() -> None:
    assert worst(Liveness.LIVE, Liveness.STALE) is Liveness.STALE
    assert worst(Liveness.NO_LIVE_IMAGE, Liveness.WAITING) is Liveness.NO_LIVE_IMAGE
