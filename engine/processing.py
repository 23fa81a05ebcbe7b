"""Thread P: opens the engine, takes the newest frame, runs the pipeline, hands the result over or bypasses it."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from threading import Thread

import numpy as np

from engine.bypass import LATE_MS
from engine.capture.source import Foretelling
from engine.clock import now_ns
from engine.errors import EngineError
from engine.events import EventKind
from engine.exchange import Arrival
from engine.machine import SessionState
from engine.pipeline import Pipeline, Running, passthrough
from engine.promptness import be_prompt
from engine.run import ENGINE_LOADING, Run
from engine.values import Frame, Mode, StabilizedFrame

PipelineOpener = Callable[[tuple[int, int]], Running]  # (height, width) of the camera; called on this thread
Command = Callable[[Pipeline], None]
SIZE_CHANGE_FRAMES = 5  # a single odd frame is a broken frame; five are a new format
FAILURES_BEFORE_REOPEN = 5
FIRST_BACKOFF_NS = 1_000_000_000
LONGEST_BACKOFF_NS = 30_000_000_000

log = logging.getLogger(__name__)


class ProcessingLoop:
    """One pipeline thread. The engine is opened, used and freed on it."""

    def __init__(self, run: Run, open_pipeline: PipelineOpener) -> None:
        self._run = run
        self._open_pipeline = open_pipeline
        self._pipeline: Running | None = None
        self._size: tuple[int, int] = (0, 0)  # (height, width) that the engine was opened for
        self._has_worked = False  # a frame was given to the engine: its size is the camera's, not a guess
        self._commands: deque[Command] = deque()
        self._settings: dict[str, Command] = {}  # sent again to every engine that is opened later
        self._wants_other = False
        self._ahead: Arrival | None = None  # taken while the frame before was stabilized; the next to be worked on
        self._failures = 0
        self._odd_frames = 0
        self._backoff_ns = FIRST_BACKOFF_NS
        self._next_open_ns = 0
        self._thread = Thread(target=self._top, name="pipeline", daemon=True)

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def join(self, timeout_s: float) -> bool:
        """True if the thread ended within `timeout_s`."""
        if self._thread.is_alive():
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def send(self, command: Command) -> None:
        """Run `command` between two frames; lost if no engine runs."""
        self._commands.append(command)

    def keep(self, name: str, command: Command) -> None:
        """As `send`, and again for every engine opened later."""
        self._settings.pop(name, None)  # the newest wish goes last
        self._settings[name] = command
        self._commands.append(command)

    def change_engine(self, open_pipeline: PipelineOpener) -> None:
        """Open another engine in place of the present one."""
        self._open_pipeline = open_pipeline
        self._wants_other = True

    def _top(self) -> None:
        exchange = self._run.exchange
        be_prompt()  # before the engine starts threads of its own, for they take after this one
        try:
            self._open_ahead()
            while not exchange.is_stopping.is_set():
                arrival, self._ahead = self._ahead or exchange.take(0.1), None
                if arrival is not None:
                    self._work(arrival)
                elif exchange.has_ended.is_set():
                    self._run.machine.go(SessionState.IDLE)
                    self._run.events.add(EventKind.ENDED, "The file has ended.")
                    return
        except Exception:
            log.exception("pipeline thread")
            self._run.engine_status = "the engine stopped with a fault of this program"
            self._run.has_failed = not exchange.is_live
            self._run.events.add(EventKind.ENGINE_FAILED, "The engine stopped.", "The log file says more.")
        finally:
            self._close()

    def _open_ahead(self) -> None:
        """Load the engine while the source is still opening, where the source says what is to come."""
        source = self._run.source
        size = source.expected_size if isinstance(source, Foretelling) else None
        if size is not None:
            self._open(Frame(np.zeros((*size, 3), np.uint8), 0, now_ns()))

    def _work(self, arrival: Arrival) -> None:
        exchange = self._run.exchange
        self._obey()
        if not self._has_worked and arrival.frame.pixels.shape[:2] != self._size:
            self._close()  # it was opened for a size that did not come
        self._has_worked = True
        if self._pipeline is None:
            pipeline = self._open(arrival.frame)
            if pipeline is None:
                if not exchange.is_live:  # a live frame was shown by capture; a file's must not be lost
                    self._show(passthrough(arrival.frame, self._run.engine_status), arrival)
                return
            if exchange.is_live:
                return  # this frame is old by now
            self._obey()
        exchange.busy_since_ns = arrival.at_ns
        try:
            output = self._step(arrival.frame)
        except Exception as error:
            log.exception("pipeline step")
            output = passthrough(arrival.frame, f"the engine failed: {error}")
        finally:
            exchange.busy_since_ns = None
        self._judge(output, arrival)
        self._mend(output)

    def _obey(self) -> None:
        """Run the commands that came since the last frame."""
        if self._wants_other:
            self._wants_other = False
            self._run.engine_status = ENGINE_LOADING
            self._next_open_ns = 0
            self._close()
        while self._commands and self._pipeline is not None:
            try:
                self._pipeline.obey(self._commands.popleft())
            except EngineError as error:
                self._run.events.add(EventKind.NOTICE, error.sentence, error.remedy)

    def _step(self, frame: Frame) -> StabilizedFrame:
        if self._pipeline is None:
            return passthrough(frame, self._run.engine_status)
        return self._pipeline.step(frame, self._upcoming)

    def _upcoming(self) -> Frame | None:
        """The next frame if it waits already: the network may begin with it. Commands go first."""
        if self._commands or self._wants_other:
            return None
        self._ahead = self._run.exchange.take(0)
        return self._ahead.frame if self._ahead is not None else None

    def _judge(self, output: StabilizedFrame, arrival: Arrival) -> None:
        """Bypass what came late, book the outcome, hand over."""
        run = self._run
        now = now_ns()
        latency_ms = (now - arrival.at_ns) / 1e6
        was_bypassed = run.governor.is_bypassed
        has_failed = output.mode is Mode.PASSTHROUGH
        is_odd = output.raw.pixels.shape[:2] != self._size  # the camera's doing, not the engine's
        if run.exchange.is_live and not is_odd:
            is_late = latency_ms > LATE_MS
            why = "the engine failed" if has_failed else "the engine was late"
            run.governor.note(is_bad=has_failed or is_late, now=now, why=why)
            run.say_if_bypass_changed(was_bypassed)
            if is_late and not has_failed:
                output = bypassed(output, f"the engine was late: {latency_ms:.0f} ms")
        if run.governor.is_bypassed:
            output = bypassed(output, run.governor.reason)
        self._show(output, arrival)

    def _show(self, output: StabilizedFrame, arrival: Arrival) -> None:
        now = now_ns()
        self._run.exchange.show(output)
        self._run.meters.count_processed(output, (now - arrival.at_ns) / 1e6, now)

    def _mend(self, output: StabilizedFrame) -> None:
        """Open the engine again after repeated failures, or when the camera has changed its format for good."""
        if output.mode is not Mode.PASSTHROUGH:
            self._failures = self._odd_frames = 0
            self._backoff_ns = FIRST_BACKOFF_NS
            return
        if output.raw.pixels.shape[:2] != self._size:
            self._odd_frames += 1
            if self._odd_frames >= SIZE_CHANGE_FRAMES:
                self._reopen("the picture changed its size, the engine is opened again", wait_ns=0)
            return
        self._failures += 1
        if self._failures >= FAILURES_BEFORE_REOPEN:
            self._reopen("the engine failed and is opened again", self._backoff_ns)
            self._backoff_ns = min(2 * self._backoff_ns, LONGEST_BACKOFF_NS)

    def _reopen(self, reason: str, wait_ns: int) -> None:
        self._run.engine_status = reason
        self._next_open_ns = now_ns() + wait_ns
        self._failures = self._odd_frames = 0
        self._close()

    def _open(self, frame: Frame) -> Running | None:
        """The engine for frames like this, or None while it refuses or rests after a failure."""
        run = self._run
        if now_ns() < self._next_open_ns:
            return None
        self._size = (frame.pixels.shape[0], frame.pixels.shape[1])
        try:
            pipeline = self._open_pipeline(self._size)
            if run.exchange.is_live:  # the first step of many a runtime is slow: it must not count as late
                pipeline.step(frame)
                pipeline.obey(Pipeline.reset)
        except EngineError as error:
            run.engine_status = f"no engine runs: {error.sentence}"
            run.events.add(EventKind.ENGINE_FAILED, error.sentence, error.remedy)
            self._next_open_ns = now_ns() + LONGEST_BACKOFF_NS
            return None
        self._pipeline = pipeline
        self._commands.extendleft(reversed(self._settings.values()))
        run.engine_name, run.model_name, run.engine_status = pipeline.engine_name, pipeline.model_name, ""
        run.events.add(EventKind.ENGINE_READY, f"{run.model_name} runs on {run.engine_name}.")
        return pipeline

    def _close(self) -> None:
        pipeline, self._pipeline = self._pipeline, None
        if pipeline is not None:
            pipeline.close()


def bypassed(output: StabilizedFrame, reason: str) -> StabilizedFrame:
    """The same frame shown raw; what the engine found stays attached to nothing that is shown."""
    return replace(passthrough(output.raw, reason), stage_ms=output.stage_ms)
