"""A source that misbehaves on command does just what it was told."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest

from engine.capture.faults import CLOCK_JUMP_NS, Fault, FaultySource, ScheduledFault
from engine.errors import SourceError
from tests.fakes import ScriptedSource


def faulty(fault: Fault, duration_s: float = 60.0) -> FaultySource:
    pictures = [np.full((96, 128, 3), 10 * index, np.uint8) for index in range(8)]
    source = FaultySource(ScriptedSource(pictures), [ScheduledFault(fault, 0.0, duration_s)])
    if fault is not Fault.UNPLUGGED:
        source.open()
    return source


def test_frozen_frames_have_new_numbers_and_one_picture() -> None:
    source = faulty(Fault.FROZEN)
    one, two = source.read(1.0), source.read(1.0)
    assert (one.seq, two.seq) == (0, 1)
    assert one.pixels is two.pixels
    assert Fault.FROZEN in source.began_ns


def test_a_repeated_frame_is_the_very_same_one() -> None:
    source = faulty(Fault.REPEATED)
    assert source.read(1.0) is source.read(1.0)


def test_a_wrong_size_and_a_clock_jump_and_black_are_delivered() -> None:
    assert faulty(Fault.WRONG_SIZE).read(1.0).pixels.shape == (48, 64, 3)
    assert faulty(Fault.CLOCK_JUMP).read(1.0).captured_ns >= CLOCK_JUMP_NS
    source = faulty(Fault.BLACK)
    source.read(1.0)
    assert not source.read(1.0).pixels.any()


def test_an_unplugged_source_refuses_until_it_is_plugged_in_again() -> None:
    source = faulty(Fault.UNPLUGGED, 0.15)
    with pytest.raises(SourceError, match="unplugged"):
        source.open()
    with pytest.raises(SourceError, match="unplugged"):
        source.read(1.0)
    time.sleep(0.16)
    source.open()
    assert source.read(1.0).seq == 0


def test_a_hang_ignores_the_timeout_and_ends_with_its_fault() -> None:
    source = faulty(Fault.HANG, 0.3)
    begin = time.monotonic()
    assert source.read(0.01).seq == 0
    assert time.monotonic() - begin > 0.25


def test_a_hang_can_be_let_go() -> None:
    source = faulty(Fault.HANG)
    threading.Timer(0.1, source.release_hang).start()
    with pytest.raises(SourceError, match="hung"):
        source.read(0.01)
