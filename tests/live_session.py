"""Waiting for what a running session shows, and a recorder that listens to it."""

from __future__ import annotations

import time
from collections.abc import Callable

from engine.session import Session
from engine.values import Frame, Mode, StabilizedFrame


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


class ListeningRecorder:
    """Counts what it is offered."""

    def __init__(self) -> None:
        self.raw: list[int] = []
        self.output: list[int] = []

    def offer_raw(self, frame: Frame) -> None:
        self.raw.append(frame.seq)

    def offer_output(self, result: StabilizedFrame) -> None:
        self.output.append(result.raw.seq)
