"""The technician's bench: runs the chosen step on live frames, keeps the results, signs the profile."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from app.calibrated import calibration_of, standard_folder
from app.desk import Desk, Page
from app.dialogs.flash import FlashDialog
from app.presenters.bench_words import explanation_of, facts_of, title_of, word_of
from app.views.bench_page import BenchPage, StepPanel
from app.views.bench_widgets import StepRow
from app.views.notices import Notice
from app.work import Work
from engine.calibration.bench import Bench, StepState
from engine.calibration.board import Board
from engine.calibration.profile import STEPS, Profile, file_name, save
from engine.calibration.steps import BenchStep, ColourStep, LensStep, PictureStep, SourceStep, StepView, VibrationStep
from engine.errors import CalibrationError
from engine.values import Frame, StabilizedFrame

BOARD = "charuco:10x8:2:1.5:4X4_50"


def build(desk: Desk) -> Page:
    """See app/pages.py."""
    return CalibrationPresenter(desk)


class CalibrationPresenter(QObject):
    """One bench a camera; another source begins a new one."""

    step_ended = Signal(str, dict)  # name, result
    signed = Signal(object)  # Profile

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk.pump)
        self._desk = desk
        self.board = Board.parse(BOARD)
        self.bench = Bench("", "", (0, 0))
        self.chosen = STEPS[0]
        self.step: BenchStep | None = None
        self.is_busy = False
        self._output: StabilizedFrame | None = None
        self._flash: FlashDialog | None = None
        self.page = BenchPage(desk.theme, self._rows())
        self.page.step_chosen.connect(self.choose)
        self.page.start_requested.connect(self.start)
        self.page.finish_requested.connect(self.finish)
        self.page.skip_requested.connect(self.skip)
        self.page.sign_requested.connect(self.sign)
        self._show()

    @property
    def widget(self) -> QWidget:
        """The page."""
        return self.page

    def enter(self) -> None:
        """Begin a bench for the camera that runs now, unless it is the same."""
        info = self._desk.session.source_info
        if info is not None and info.identity != self.bench.identity:
            self.bench = Bench(info.identity, info.name, (info.width, info.height))
            self.step = None
        self._desk.pump.raw_arrived.connect(self.take_frame)
        self._desk.pump.output_arrived.connect(self.take_output)
        self._show()

    def leave(self) -> None:
        """Another page is shown: a running step rests."""
        self._desk.pump.raw_arrived.disconnect(self.take_frame)
        self._desk.pump.output_arrived.disconnect(self.take_output)

    def close(self) -> None:
        """Nothing outlives the window."""
        self.step = None
        if self._flash is not None:
            self._flash.stop()

    def choose(self, name: str) -> None:
        """Show another step; what ran is stopped."""
        self._stop()
        self.chosen = name
        self._show()

    def start(self) -> None:
        """Run the chosen step from its beginning."""
        info = self._desk.session.source_info
        if info is None:
            self._tell("There is no picture to calibrate with.", "Choose a source first.")
            return
        if self.chosen == "latency":
            self._start_flash(info.fps or 30.0)
            return
        makers: dict[str, Callable[[], BenchStep]] = {
            "source": lambda: SourceStep(info.fps),
            "picture": lambda: PictureStep(info.fps),
            "lens": lambda: LensStep(self.board),
            "colour": ColourStep,
            "vibration": lambda: VibrationStep(self._um_per_px),
        }
        self.step = makers[self.chosen]()
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
        self._stop()
        self._next()

    def sign(self, operator: str) -> None:
        """Save the profile; from now on the live path uses it."""
        try:
            profile = self.bench.sign_off(operator, datetime.now().astimezone())
        except CalibrationError as error:
            self._tell(error.sentence, error.remedy)
            return
        info = self._desk.session.source_info

        def write(_: Work) -> tuple[Profile, object]:
            save(profile, standard_folder() / file_name(profile.identity))
            return profile, calibration_of(info, standard_folder()) if info is not None else None

        self._work(write, self._take_saved)

    def take_frame(self, frame: Frame) -> None:
        """Show it; feed it to the running step unless the worker is still at the one before."""
        self.page.show_picture(frame.pixels)
        step, output = self.step, self._output
        if step is None or self.is_busy:
            return
        self.is_busy = True

        def feed(_: Work) -> StepView:
            return step.feed(frame, output)

        work = Work(feed, self)
        work.done.connect(self._take_view)
        work.refused.connect(self._refuse)
        work.start(self._desk.workers)

    def take_output(self, output: StabilizedFrame) -> None:
        """The newest output: the vibration step compares it with the raw picture."""
        self._output = output

    def _take_view(self, view: StepView) -> None:
        self.is_busy = False
        if self.step is None:
            return
        self.page.surface.show_marks(view.points)
        self._show(view)
        if self.step.is_done:
            self.finish()

    def _take_result(self, result: dict[str, Any]) -> None:
        name = self.bench.running or self.chosen
        self.bench.running = ""
        self.bench.take(name, result)
        self.step_ended.emit(name, result)
        self._next() if result["verdict"] == "pass" else self._show()

    def _take_saved(self, saved: tuple[Profile, Any]) -> None:
        profile, found = saved
        if found is not None:
            self._desk.session.set_correction(found.correction)
        words = self.tr("The profile of {name} is signed and in use.").format(name=profile.name)
        self._desk.shell.tell(Notice(words, topic="calibration"))
        self.signed.emit(profile)

    def _refuse(self, sentence: str, remedy: str) -> None:
        self.is_busy = False
        self._stop()
        self._tell(sentence, remedy)
        self._show()

    def _start_flash(self, fps: float) -> None:
        self.bench.running = "latency"
        self._flash = FlashDialog(self._desk.theme, fps, self.page.window())
        self._desk.pump.raw_arrived.connect(self._flash.see)
        self._flash.measured.connect(self._take_result)
        self._flash.refused.connect(self._refuse)
        self._flash.finished.connect(self._end_flash)
        self._flash.open()
        self._show()

    def _end_flash(self) -> None:
        self.bench.running = ""
        self._flash = None
        self._show()

    def _um_per_px(self) -> float | None:
        scale = self.bench.results.get("lens", {}).get("mm_per_px")
        return float(scale) * 1000 if scale else None

    def _next(self) -> None:
        """Go on to the first step that is open."""
        if self.bench.open_steps:
            self.chosen = self.bench.open_steps[0]
        self._show()

    def _stop(self) -> None:
        self.step, self.is_busy = None, False
        self.bench.running = ""
        self.page.surface.show_marks(())

    def _rows(self) -> list[StepRow]:
        states = {name: self.bench.state(name) for name in STEPS}
        return [
            StepRow(name, title_of(name), state.value, word_of(state), self.bench.reason(name))
            for name, state in states.items()
        ]

    def _show(self, view: StepView | None = None) -> None:
        name = self.chosen
        state = self.bench.state(name)
        is_running = state is StepState.RUNNING
        result = self.bench.results.get(name, {})
        panel = StepPanel(
            title=title_of(name),
            explanation=explanation_of(name, self.board.name),
            hint=view.hint if view else ("" if is_running else self.bench.reason(name)),
            bars=view.bars or (("", view.share),) if view else (),
            facts=view.facts if view else facts_of(name, result),
            start_text="" if is_running else self.tr("Do it again") if result else self.tr("Start"),
            finish_text=self.tr("Finish with what is there") if is_running and name == "lens" else "",
            can_skip=not is_running,
        )
        self.page.show_panel(panel)
        self.page.show_rows(self._rows(), name)
        spectra = result if name == "vibration" and result.get("raw") else None
        if spectra is not None and spectra["stabilized"]:
            raw, held = spectra["raw"], spectra["stabilized"]
            self.page.show_spectra(raw["density_px2_per_hz"], held["density_px2_per_hz"], raw["hz"])
        else:
            self.page.show_spectra((), (), ())
        missing = [title_of(step) for step in self.bench.open_steps]
        words = self.tr("Still open: {steps}.").format(steps=", ".join(missing)) if missing else ""
        self.page.show_sign_off(not missing, words or self.tr("All steps are done or skipped."))

    def _tell(self, sentence: str, remedy: str) -> None:
        self._desk.shell.tell(Notice(sentence, remedy, "caution", "calibration"))

    def _work(self, function: Callable[[Work], Any], on_done: Callable[[Any], None]) -> None:
        work = Work(function, self)
        work.done.connect(on_done)
        work.refused.connect(self._refuse)
        work.start(self._desk.workers)
