"""Runs a driver call that may hang on a thread of its own, so that the reader's time-out always holds."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Thread

import numpy as np

from engine.clock import now_ns
from engine.errors import SourceError, SourceTimeout
from engine.slot import LatestSlot
from engine.values import Frame, Image, frozen

CLOSE_WAIT_S = 0.5  # a healthy driver returns within a frame or two; a hung one is left behind


class Grabber:
    """Grabs until told to stop; the reader gets the newest frame, and what it was too slow for shows as a gap in `seq`.

    `grab` returns one picture (H, W, 3) uint8 RGB or raises SourceError; `release` frees the device. Both run on the
    grabbing thread alone, so a device is never freed under a call that still uses it.
    """

    def __init__(self, name: str, grab: Callable[[], Image], release: Callable[[], None]) -> None:
        self._name = name
        self._grab, self._release = grab, release
        self._slot: LatestSlot[Frame | BaseException] = LatestSlot()
        self._stop = Event()
        self._end: BaseException | None = None
        self._thread = Thread(target=self._run, name=f"grab {name}", daemon=True)
        self._thread.start()

    def read(self, timeout_s: float) -> Frame:
        """The newest frame not yet read."""
        if self._end is not None:
            raise self._end
        item = self._slot.take(timeout_s)
        if self._stop.is_set():
            raise SourceError(f"{self._name} is closed.", "Open it again.")
        if item is None:
            raise SourceTimeout(f"{self._name} sent no picture for {timeout_s:g} s.", "Check cable and power.")
        if isinstance(item, BaseException):
            self._end = item
            raise item
        return item

    def close(self) -> None:
        """Stop; a thread that hangs in the driver is left to end and free the device by itself."""
        self._stop.set()
        self._slot.close()
        self._thread.join(CLOSE_WAIT_S)

    def _run(self) -> None:
        """The thread: its top frame hands every error to the reader."""
        seq = 0
        try:
            while not self._stop.is_set():
                pixels = self._grab()
                captured_ns = now_ns()
                self._slot.put(Frame(np.asarray(frozen(pixels), dtype=np.uint8), seq, captured_ns))
                seq += 1
        except Exception as error:
            self._slot.put(error)
        finally:
            self._release()
