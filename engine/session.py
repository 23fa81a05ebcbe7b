"""The running heart as the window sees it: start and stop a source, take pictures, ask for health, send commands."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from engine.calibration.correction import PictureCorrection
from engine.capture.source import Source, SourceInfo
from engine.capturing import CaptureLoop
from engine.clock import now_ns
from engine.events import Event, EventLog
from engine.exchange import RecorderTap
from engine.liveness import NO_LIVE_IMAGE_NS, Judge, LivenessJudge
from engine.machine import SessionState
from engine.meters import Tally
from engine.pipeline import Pipeline, StabilizerMode, Stabilizing
from engine.processing import PipelineOpener, ProcessingLoop
from engine.run import Run
from engine.values import Frame, Health, LatencyMs, Liveness, StabilizedFrame
from engine.watching import WatchLoop

NO_HEALTH = Health(0.0, 0.0, LatencyMs(0.0, 0.0, 0.0), {}, {}, "", "", Liveness.WAITING, is_bypassed=False)


class Session:
    """Every call returns at once and may come from the window's thread, except `wait_until_stopped`."""

    def __init__(self, open_pipeline: PipelineOpener, make_judge: Callable[[], Judge] = LivenessJudge) -> None:
        """`open_pipeline((height, width))` opens engine and stabilizer; it is called on the pipeline thread."""
        self._open_pipeline = open_pipeline
        self._make_judge = make_judge
        self._events = EventLog()
        self._run: Run | None = None
        self._processing: ProcessingLoop | None = None
        self._watch: WatchLoop | None = None
        self._recorder: RecorderTap | None = None
        self._is_bypassed = False
        self._settings: dict[str, Callable[[Pipeline], None]] = {}

    @property
    def state(self) -> SessionState:
        """Where the session stands."""
        return self._run.machine.state if self._run is not None else SessionState.IDLE

    @property
    def source_info(self) -> SourceInfo | None:
        """What the opened source said of itself; None before."""
        return self._run.info if self._run is not None else None

    @property
    def source(self) -> Source | None:
        """What is shown or tried; a camera among them can be adjusted (engine/capture/controls.py)."""
        return self._run.source if self._run is not None else None

    @property
    def has_failed(self) -> bool:
        """The source was given up for good; the reason is among the events."""
        return self._run is not None and self._run.has_failed

    def start(self, source: Source) -> None:
        """Show `source`. What ran before is told to stop; the new one opens after it has let go of its device."""
        before = self._watch.capture if self._watch is not None else None
        self.stop()
        run = Run(source, self._events)
        run.exchange.recorder = self._recorder
        run.governor.set_manual(self._is_bypassed)
        capture = CaptureLoop(run, predecessor=before)
        processing = ProcessingLoop(run, self._open_pipeline)
        for name, command in self._settings.items():
            processing.keep(name, command)
        watch = WatchLoop(run, capture, self._make_judge)
        self._run, self._processing, self._watch = run, processing, watch
        for loop in (watch, capture, processing):
            loop.start()

    def stop(self) -> None:
        """Tell the threads to go; they go by themselves, a hung driver is left behind."""
        if self._run is not None:
            self._run.exchange.stop()
            self._run.machine.go(SessionState.IDLE)

    def wait_until_stopped(self, timeout_s: float) -> bool:
        """After `stop`, at the end of the program: True if all threads went within about `timeout_s`."""
        deadline_ns = now_ns() + round(timeout_s * 1e9)
        loops = (self._processing, self._watch, self._watch and self._watch.capture)
        have_gone = [loop.join(max(0.0, (deadline_ns - now_ns()) / 1e9)) for loop in loops if loop is not None]
        return all(have_gone)

    def take_raw(self) -> Frame | None:
        """The newest raw frame, once; None if there is no newer one."""
        return self._run.exchange.raw.take(0) if self._run is not None else None

    def take_output(self) -> StabilizedFrame | None:
        """The newest output, once; None if there is no newer one."""
        return self._run.exchange.output.take(0) if self._run is not None else None

    def health(self) -> Health:
        """One look at everything that is measured."""
        run = self._run
        if run is None:
            return NO_HEALTH
        fps_in, fps_processed = run.meters.rates()
        latency_ms, stage_ms = run.meters.recent()
        return Health(
            fps_in=fps_in,
            fps_processed=fps_processed,
            latency_ms=latency_ms,
            stage_ms=stage_ms,
            dropped=self.dropped(),
            backend=run.engine_name,
            source=run.info.name if run.info is not None else run.source.identity,
            liveness=self._liveness(run),
            is_bypassed=run.governor.is_bypassed,
            reason=run.governor.reason or run.engine_status,
            model=run.model_name,
        )

    def dropped(self) -> dict[str, int]:
        """Frames lost at each hand-off."""
        run = self._run
        return {} if run is None else {**run.exchange.dropped(), "repeated": run.repeated}

    def tally(self) -> Tally | None:
        """Everything counted since `start`."""
        return self._run.meters.tally() if self._run is not None else None

    def events(self) -> list[Event]:
        """What happened since the last call."""
        return self._events.drain()

    def set_bypass(self, is_on: bool) -> None:
        """Show the raw picture at once, or give the choice back to the engine's health."""
        self._is_bypassed = is_on
        run = self._run
        if run is not None:
            was_bypassed = run.governor.is_bypassed
            run.governor.set_manual(is_on)
            run.say_if_bypass_changed(was_bypassed)

    def set_mode(self, mode: StabilizerMode) -> None:
        """FOLLOW passes intended movement, LOCK holds the tooth still."""

        self._keep("mode", partial(_set_mode, mode=mode))

    def set_stabilizer(self, make: Callable[[], Stabilizing]) -> None:
        """Steady with another stabilizer from now on (of another strength, say); it anchors anew."""

        self._keep("stabilizer", partial(_set_stabilizer, make=make))

    def reanchor(self) -> None:
        """Take the tooth that is seen now as the anchor."""
        self._send(_reanchor)

    def choose_tooth(self, x: float, y: float) -> None:
        """Lock on to the tooth at this point of the raw picture, in its pixels."""

        self._send(partial(_choose_tooth, x=x, y=y))

    def set_correction(self, correction: PictureCorrection) -> None:
        """Apply a calibrated camera's lens and colour correction from now on; `NoCorrection()` takes it away."""
        self._keep("correction", partial(_set_correction, correction=correction))

    def set_engine(self, open_pipeline: PipelineOpener) -> None:
        """Run another engine from now on; the raw picture covers while it loads."""
        self._open_pipeline = open_pipeline
        if self._processing is not None:
            self._processing.change_engine(open_pipeline)

    def attach_recorder(self, recorder: RecorderTap | None) -> None:
        """Let `recorder` listen to raw and output frames; None detaches it. It can slow neither."""
        self._recorder = recorder
        if self._run is not None:
            self._run.exchange.recorder = recorder

    def _send(self, command: Callable[[Pipeline], None]) -> None:
        if self._processing is not None:
            self._processing.send(command)

    def _keep(self, name: str, command: Callable[[Pipeline], None]) -> None:
        self._settings.pop(name, None)  # the newest wish goes last
        self._settings[name] = command
        if self._processing is not None:
            self._processing.keep(name, command)

    @staticmethod
    def _liveness(run: Run) -> Liveness:
        """The watcher's word, unless the watcher itself has fallen silent."""
        is_silent = now_ns() - run.judged_ns > NO_LIVE_IMAGE_NS
        return Liveness.NO_LIVE_IMAGE if is_silent and not run.exchange.is_stopping.is_set() else run.liveness


# Commands are functions of this module, not closures: they may have to travel to the engine's own process.


def _set_mode(pipeline: Pipeline, mode: StabilizerMode) -> None:
    pipeline.stabilizer.set_mode(mode)


def _set_stabilizer(pipeline: Pipeline, make: Callable[[], Stabilizing]) -> None:
    pipeline.stabilizer = make()


def _set_correction(pipeline: Pipeline, correction: PictureCorrection) -> None:
    pipeline.correction = correction


def _choose_tooth(pipeline: Pipeline, x: float, y: float) -> None:
    pipeline.stabilizer.choose_tooth(x, y)


def _reanchor(pipeline: Pipeline) -> None:
    pipeline.stabilizer.reanchor()
