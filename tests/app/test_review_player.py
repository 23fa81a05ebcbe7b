"""Frames by time and the player's thread: exact seeks, steps, speed, the end."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.archive.frames import FrameReader, thumbnails
from engine.archive.player import Player, Shown
from engine.archive.reader import SessionView, open_session
from engine.errors import RecordingError
from tests.recorded_session import FRAMES, STEP_NS, number_of, record_session


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> SessionView:
    """Forty numbered frames."""
    return open_session(record_session(tmp_path_factory.mktemp("library")).root)


@pytest.fixture
def player(session: SessionView) -> Iterator[Player]:
    """A player that stands on the first frame."""
    made = Player(session, ["raw", "stabilized"])
    yield made
    made.close()


def shown(player: Player, condition: Callable[[Shown], bool]) -> Shown:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        one = player.shown.take(0.5)
        if one is not None and condition(one):
            return one
    raise AssertionError("the player never showed it")


def at(index: int) -> Callable[[Shown], bool]:
    return lambda one: one.index == index


def test_any_jump_lands_on_the_very_frame(session: SessionView) -> None:
    reader = FrameReader(session, "raw")
    jumps = random.Random(4).choices(range(FRAMES), k=60)
    assert [number_of(reader.at(index * STEP_NS + STEP_NS // 3)) for index in jumps] == jumps
    reader.close()


def test_every_frame_can_be_walked_backwards(session: SessionView) -> None:
    reader = FrameReader(session, "stabilized")
    walk = list(range(FRAMES - 1, -1, -1))
    assert [number_of(reader.at(index * STEP_NS)) for index in walk] == walk
    reader.close()


def test_a_stream_that_was_not_recorded_is_said(session: SessionView) -> None:
    with pytest.raises(RecordingError, match="no enhanced video"):
        FrameReader(session, "enhanced")


def test_thumbnails_are_spread_over_the_session(session: SessionView) -> None:
    pictures = list(thumbnails(session, "raw", 4, 30))
    assert [number_of(pixels) for _, pixels in pictures] == [4, 14, 24, 34]
    assert pictures[0][1].shape == (30, 40, 3)


def test_both_pictures_of_a_moment_belong_together(player: Player) -> None:
    player.seek(17 * STEP_NS)
    one = shown(player, at(17))
    assert {name: number_of(pixels) for name, pixels in one.pictures.items()} == {"raw": 17, "stabilized": 17}


def test_steps_stand_still_on_the_next_frame_and_the_one_before(player: Player) -> None:
    player.seek(10 * STEP_NS)
    player.step(1)
    assert not shown(player, at(11)).is_playing
    player.step(-2)
    assert shown(player, at(9)).t_ns == 9 * STEP_NS


def test_playing_stops_at_the_end_and_begins_anew(player: Player) -> None:
    player.set_speed(4.0)
    player.seek(30 * STEP_NS)
    player.play()
    assert shown(player, lambda one: one.index == FRAMES - 1 and not one.is_playing)
    player.play()
    assert shown(player, lambda one: one.is_playing and one.index < 30)


def test_half_speed_takes_twice_as_long(player: Player) -> None:
    shown(player, at(0))
    player.set_speed(0.5)
    player.play()
    begun = time.monotonic()
    shown(player, lambda one: one.index >= 10)
    assert time.monotonic() - begun >= 0.78


def test_a_video_that_is_gone_is_told(tmp_path: Path) -> None:
    folder = record_session(tmp_path, frames=5)
    session = open_session(folder.root)
    folder.video("raw").unlink()
    player = Player(session, ["raw"])
    problem = shown(player, lambda one: one.problem is not None).problem
    player.close()
    assert problem is not None
    assert "no raw video" in problem.sentence
