"""The threads that a frame waits for ask for short turns on the processor."""

from __future__ import annotations

import ctypes
import os
import platform
import struct
import sys
from threading import Thread

import pytest

from engine.promptness import ATTRIBUTES, TURN_NS, be_prompt

SCHED_GETATTR = {"x86_64": 315, "aarch64": 275}
SETTABLE_SINCE = (6, 12)


def turn_ns() -> int:
    """Of the calling thread; 0 where the system knows no such thing."""
    told = ctypes.create_string_buffer(struct.calcsize(ATTRIBUTES))
    ctypes.CDLL(None).syscall(SCHED_GETATTR[platform.machine()], 0, told, len(told), 0)
    return int(struct.unpack(ATTRIBUTES, told.raw)[5])


def has_settable_turns() -> bool:
    """Is this Linux new enough?"""
    release = platform.release().split(".")
    return sys.platform == "linux" and tuple(int(part) for part in release[:2]) >= SETTABLE_SINCE


needs_turns = pytest.mark.skipif(
    not has_settable_turns() or platform.machine() not in SCHED_GETATTR, reason="turns can be set from Linux 6.12 on"
)


@needs_turns
def test_a_prompt_thread_and_what_it_starts_have_short_turns_and_nobody_else() -> None:
    found: dict[str, int] = {}

    def child() -> None:
        found["child"] = turn_ns()

    def parent() -> None:
        found["niceness before"] = os.getpriority(os.PRIO_PROCESS, 0)
        be_prompt()
        found["parent"] = turn_ns()
        found["niceness after"] = os.getpriority(os.PRIO_PROCESS, 0)
        starts = Thread(target=child)
        starts.start()
        starts.join()

    before = turn_ns()
    prompt = Thread(target=parent)
    prompt.start()
    prompt.join()
    assert (found["parent"], found["child"]) == (TURN_NS, TURN_NS)
    assert found["niceness after"] == found["niceness before"]
    assert turn_ns() == before != TURN_NS


def test_where_turns_cannot_be_set_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    be_prompt()


@needs_turns
def test_a_sandbox_that_forbids_it_is_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(_which: int, _who: int) -> int:
        raise PermissionError

    monkeypatch.setattr(os, "getpriority", forbidden)
    be_prompt()
