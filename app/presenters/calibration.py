"""The technician's bench: runs the chosen step on live frames and keeps the results."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QPointF, Signal
from PySide6.QtWidgets import QWidget

from app.desk import Desk, Page
from app.presenters.bench_panel import WITH_CONTROLS, blemishes_of, panel_of, rows_of, spread_of
from app.presenters.bench_steps import make_meter, make_step
from app.presenters.camera_controls import CameraControlsPresenter
from app.presenters.latency import LatencyRun
from app.presenters.sign_off import SignOffPresenter
from app.views.bench_page import BenchPage
from app.views.notices import Notice
from app.work import Work
from engine.calibration.bench import Bench
from engine.calibration.board import Board
from engine.calibration.colour_step import ColourStep
from engine.calibration.correction import PictureCorrection
from engine.calibration.profile import STEPS, Profile, correction_of
from engine.calibration.steps import BenchStep, StepView
from engine.errors import CalibrationError
from engine.events import Event, EventKind
from engine.values import Frame, StabilizedFrame

BOARD = "charuco:10x8:2:1.5:4X4_50"


def build(desk: Desk) -> Page:
    """See app/pages.py."""
    return CalibrationPresenter(desk)


class CalibrationPresenter(QObject):
    """One bench a camera; another source begins a new one."""

    step_ended = Signal(str, dict)  # name, result

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk.pump)
        self._desk = desk
        self.board = Board.parse(BOARD)
        self.bench = Bench("", "", (0, 0))
        self.chosen = STEPS[0]
        self.step: BenchStep | None = None
        self.meter: BenchStep | None = None  # runs while no step does
        self._focus: BenchStep | None = None
        self.is_busy = False
        self._output: StabilizedFrame | None = None
        self._preview: PictureCorrection | None = None
        self.page = BenchPage(desk.theme, rows_of(self.bench))
        self.page.step_chosen.connect(self.choose)
        self.page.start_requested.connect(self.start)
        self.page.finish_requested.connect(self.finish)
        self.page.next_requested.connect(self.go_on)
        self.page.skip_requested.connect(self.skip)
        self.page.preview_requested.connect(self.preview)
        self.page.surface.tapped.connect(self.tap)
        self._latency = LatencyRun(desk, self)
        self._latency.measured.connect(self._take_result)
        self._latency.refused.connect(self._refuse)
        self._latency.ended.connect(self._end_flash)
        self.controls = CameraControlsPresenter(desk, self.page.controls, self)
        self.sign_off = SignOffPresenter(desk, self.page.sign_off, self.controls, self)
        self._show()

    @property
    def widget(self) -> QWidget:
        """The page."""
        return self.page

    def enter(self) -> None:
        """Begin a bench for the camera that runs now, unless it is the same."""
        self._desk.pump.raw_arrived.connect(self.take_frame)
        self._desk.pump.output_arrived.connect(self.take_output)
        self._desk.pump.event_happened.connect(self.hear)
        self.sign_off.enter()
        self._take_source()
        self.choose(self.chosen)

    def leave(self) -> None:
        """Another page is shown: a running step rests."""
        self._desk.pump.raw_arrived.disconnect(self.take_frame)
        self._desk.pump.output_arrived.disconnect(self.take_output)
        self._desk.pump.event_happened.disconnect(self.hear)
        self.sign_off.leave()
        self.controls.hide()

    def close(self) -> None:
        """Nothing outlives the window."""
        self.step = self.meter = None
        self.controls.hide()
        self._latency.stop()

    def hear(self, event: Event) -> None:
        """A source opened: another camera, or another format of this one, begins anew."""
        if event.kind is EventKind.SOURCE_OPENED and self._take_source():
            self.choose(self.chosen)

    def choose(self, name: str) -> None:
        """Show another step; what ran is stopped."""
        self._stop()
        self.chosen = name
        info = self._desk.session.source_info
        if info is not None and name == "picture":  # it remembers the best focus
            self._focus = self._focus or make_meter(name, info)
            self.meter = self._focus
        elif info is not None:
            self.meter = make_meter(name, info)
        self.controls.show() if name in WITH_CONTROLS else self.controls.hide()
        self._show()

    def start(self) -> None:
        """Run the chosen step from its beginning."""
        info = self._desk.session.source_info
        if info is None:
            self._tell("There is no picture to calibrate with.", "Choose a source first.")
            return
        if self.chosen == "latency":
            self.bench.running = "latency"
            self._latency.start(info.fps or 30.0, self.page.window())
            self._show()
            return
        step = make_step(self.chosen, info, self.board, self._um_per_px, self.meter, self.controls.source)
        self.step, self.meter = step, None
        self.bench.running = self.chosen
        self._show()

    def finish(self) -> None:
        """Take what was collected so far."""
        step, self.step = self.step, None
        if step is None:
            return

        def judge(_: Work) -> dict[str, Any]:
            return step.result()

        self._work(judge, self._take_result)

    def skip(self, reason: str) -> None:
        """Leave the chosen step out."""
        try:
            self.bench.skip(self.chosen, reason)
        except CalibrationError as error:
            self._tell(error.sentence, error.remedy)
            return
        self.go_on()

    def preview(self, is_on: bool) -> None:
        """Show the picture through the chosen step's correction, or as it is."""
        name, bench = self.chosen, self.bench
        steps = {name: bench.results[name]} if is_on and name in bench.results else {}
        made = Profile(bench.identity, bench.name, bench.image_size, "", "", steps)
        self._preview = correction_of(made) if steps else None

    def go_on(self) -> None:
        """To the first step that is open."""
        open_steps = [name for name in self.bench.open_steps if name != self.chosen]
        self.choose(open_steps[0] if open_steps else self.chosen)

    def tap(self, at: QPointF) -> None:
        """A corner of the colour chart, in the picture's pixels."""
        if isinstance(self.step, ColourStep):
            self.step.tap(at.x(), at.y())

    def take_frame(self, frame: Frame) -> None:
        """Show it; feed it to the running step unless the worker is still at the one before."""
        self.page.show_picture(frame.pixels if self._preview is None else self._preview.apply(frame.pixels))
        step, output = self.step or self.meter, self._output
        if step is None or self.is_busy:
            return
        self.is_busy = True

        def feed(_: Work) -> tuple[BenchStep, StepView]:
            return step, step.feed(frame, output)

        work = Work(feed, self)
        work.done.connect(self._take_view)
        work.refused.connect(self._refuse)
        work.start(self._desk.workers)

    def take_output(self, output: StabilizedFrame) -> None:
        """The newest output: the vibration step compares it with the raw picture."""
        self._output = output

    def _take_view(self, fed: tuple[BenchStep, StepView]) -> None:
        step, view = fed
        if step is not (self.step or self.meter):
            return  # stopped meanwhile; its busyness went with it
        self.is_busy = False
        if self.step is not None:
            self.page.surface.show_marks(view.points)
        self._show(view)
        if self.step is not None and self.step.is_done:
            self.finish()

    def _take_result(self, result: dict[str, Any]) -> None:
        name = self.bench.running or self.chosen
        self.bench.running = ""
        self.bench.take(name, result)
        self.choose(name)
        self.step_ended.emit(name, result)

    def _refuse(self, sentence: str, remedy: str) -> None:
        self.is_busy = False
        self._stop()
        self._tell(sentence, remedy)
        self._show()

    def _end_flash(self) -> None:
        self.bench.running = ""
        self._show()

    def _um_per_px(self) -> float | None:
        scale = self.bench.results.get("lens", {}).get("mm_per_px")
        return float(scale) * 1000 if scale else None

    def _take_source(self) -> bool:
        """A new bench if the source is another one, or gives another size; True if it is."""
        info = self._desk.session.source_info
        if info is None:
            return False
        size = (info.width, info.height)
        if (info.identity, size) == (self.bench.identity, self.bench.image_size):
            return False
        self.bench = Bench(info.identity, info.name, size)
        self.controls.forget()
        self._focus = None
        return True

    def _stop(self) -> None:
        self.step, self.meter, self.is_busy = None, None, False
        self.sign_off.go_on()
        self.bench.running = ""
        self._preview = None
        self.page.surface.show_marks(())

    def _show(self, view: StepView | None = None) -> None:
        name = self.chosen
        self.page.show_panel(panel_of(self.bench, name, self.board.name, view))
        self.page.spread.show_spread(spread_of(name, self.bench.results.get(name, {}), view))
        self.page.show_rows(rows_of(self.bench), name)
        self.sign_off.show_bench(self.bench)
        if view is not None:
            self._show_live(view)
            return
        if name == "picture":
            self.page.surface.show_marks(blemishes_of(self.bench), "caution")
        info = self._desk.session.source_info
        self.page.spectrogram.show_limit((info.fps if info is not None else 0.0) / 2)
        result = self.bench.results.get(name, {})
        raw, held = result.get("raw"), result.get("stabilized")
        if name == "vibration" and raw and held:
            self.page.show_spectra(raw["density_px2_per_hz"], held["density_px2_per_hz"], raw["hz"])
        else:
            self.page.show_spectra((), (), ())

    def _show_live(self, view: StepView) -> None:
        if view.picture is not None:
            seen = view.picture.exposure
            self.page.meters.histogram.show_levels(seen.histogram, seen.clipped_dark, seen.clipped_bright)
            self.page.meters.focus.show_focus(view.picture.sharpness, view.picture.best, view.picture.trail)
        if view.motion is not None:
            motion = view.motion
            self.page.spectrogram.show_columns(motion.raw_px, motion.held_px, motion.nyquist_hz, motion.column_s)

    def _tell(self, sentence: str, remedy: str) -> None:
        self._desk.shell.tell(Notice(sentence, remedy, "caution", "calibration"))

    def _work(self, function: Callable[[Work], Any], on_done: Callable[[Any], None]) -> None:
        work = Work(function, self)
        work.done.connect(on_done)
        work.refused.connect(self._refuse)
        work.start(self._desk.workers)
