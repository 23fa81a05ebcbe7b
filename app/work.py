"""Slow work on the worker pool [W], its result back on the window's thread."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QRunnable, QThreadPool, Signal, Slot

from engine.errors import EngineError

log = logging.getLogger(__name__)


class Work(QObject):
    """One piece of work. It calls back while its parent lives; a parent that has gone hears nothing."""

    done = Signal(object)  # what the function returned
    refused = Signal(str, str)  # sentence, remedy of an EngineError
    progressed = Signal(float, str)  # 0..1 and what is being done; emitted by the function through `report`

    def __init__(self, function: Callable[[Work], Any], parent: QObject) -> None:
        """`function` runs on a worker and gets this object, to `report` progress and to ask `is_cancelled`."""
        super().__init__(parent)
        self._function = function
        self.is_cancelled = False
        self.is_over = False
        self.done.connect(self._finish)
        self.refused.connect(self._finish)

    def start(self, pool: QThreadPool) -> None:
        """Queue it."""
        pool.start(_Runner(self, self._function))

    def report(self, share: float, what: str) -> None:
        """From the worker: 0..1 and what is being done."""
        self.progressed.emit(share, what)

    def cancel(self) -> None:
        """Ask the function to give up; it decides when."""
        self.is_cancelled = True

    @Slot()
    def _finish(self) -> None:
        self.is_over = True


class _Runner(QRunnable):
    """The worker's side."""

    def __init__(self, work: Work, function: Callable[[Work], Any]) -> None:
        super().__init__()
        self._work, self._function = work, function

    def run(self) -> None:
        """This worker's top frame: a bug is logged here and told as one sentence."""
        try:
            result = self._function(self._work)
        except EngineError as error:
            self._tell("refused", error.sentence, error.remedy)
        except Exception:
            log.exception("worker")
            self._tell("refused", "This failed with a fault of this program.", "The log file says more.")
        else:
            self._tell("done", result)

    def _tell(self, signal: str, *values: object) -> None:
        try:
            getattr(self._work, signal).emit(*values)
        except RuntimeError:  # the window has closed meanwhile, and the Qt object with it
            log.debug("result of finished work came too late")
