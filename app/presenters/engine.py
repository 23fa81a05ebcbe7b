"""The engine dialog: back ends are tried on a worker, GPU engines are built in a process of their own."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from itertools import takewhile
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.desk import Desk
from app.dialogs.engine import EngineDialog, ListedEngine
from app.opening import EngineChoice
from app.strength import stabilizer_options
from app.views.notices import Notice
from app.work import Work
from engine.inference.choose import BackendOptions

if TYPE_CHECKING:
    from engine.diagnosis import Finding  # imports every runtime, so only the workers import it

ARCHITECTURES = ("sm75", "sm80", "sm86", "sm89", "sm90", "sm120")


class EnginePresenter(QObject):
    """The choice is remembered and goes to the session at once; a running build outlives the dialog."""

    def __init__(self, desk: Desk, options: BackendOptions) -> None:
        super().__init__(desk.pump)
        self._desk = desk
        self._options = options
        self._dialog: EngineDialog | None = None
        self._trial: Work | None = None
        self._build: Work | None = None
        desk.actions["engine"].triggered.connect(self.show)

    def show(self) -> EngineDialog:
        """Open the dialog and try the back ends."""
        dialog = EngineDialog(self._desk.theme, ARCHITECTURES, self._desk.stage.window())
        dialog.backend_chosen.connect(self.choose_backend)
        dialog.model_chosen.connect(self.choose_model)
        dialog.build_requested.connect(self.build)
        dialog.cancel_requested.connect(self.cancel_build)
        dialog.destroyed.connect(self._forget_dialog)
        self._dialog = dialog
        dialog.open()
        if self._build is not None and not self._build.is_over:
            dialog.show_build(0.0, self.tr("under way"))
        self._trial = Work(partial(_tried, self._options.model), dialog)
        self._trial.done.connect(self._list)
        self._trial.refused.connect(self._tell)
        self._trial.start(self._desk.workers)
        return dialog

    def choose_backend(self, name: str) -> None:
        """Run on another back end."""
        self._desk.preferences.change("engine", backend=name)
        self._change(replace(self._options, backend=name, may_build=None))

    def choose_model(self, name: str) -> None:
        """Run another network."""
        self._desk.preferences.change("engine", model=name)
        self._change(replace(self._options, model=name))

    def build(self, architecture: str) -> None:
        """Build a TensorRT engine for an architecture, or for this machine's GPU."""
        if self._build is not None and not self._build.is_over:
            return
        self._build = Work(partial(_built, self._options.model, architecture), self)
        self._build.progressed.connect(self._show_build)
        self._build.done.connect(self._end_build)
        self._build.refused.connect(self._refuse_build)
        self._show_build(0.0, self.tr("starting"))
        self._build.start(self._desk.workers)

    def cancel_build(self) -> None:
        """Give up the build under way."""
        if self._build is not None:
            self._build.cancel()

    def close(self) -> None:
        """The window closes: neither a build nor a trial outlives it."""
        self.cancel_build()
        if self._trial is not None:
            self._trial.cancel()

    def _change(self, options: BackendOptions) -> None:
        self._options = options
        settings = self._desk.preferences.settings
        choice = EngineChoice(options, stabilizer_options(settings.picture), settings.engine.has_own_process)
        self._desk.session.set_engine(choice)
        name = self.tr("{model} on {backend}").format(model=options.model, backend=options.backend)
        text = self.tr("The engine changes to {name}.").format(name=name)
        self._desk.shell.tell(Notice(text, topic="engine"))

    def _list(self, found: tuple[list[Finding], list[Finding]]) -> None:
        if self._dialog is not None:
            tried, networks = found
            self._dialog.show_backends([_listed(each) for each in tried], self._options.backend)
            self._dialog.show_models([_listed(each) for each in networks], self._options.model)

    def _show_build(self, share: float, phase: str) -> None:
        if self._dialog is not None:
            self._dialog.show_build(share, phase)

    def _end_build(self, sentence: str) -> None:
        if self._dialog is not None:
            self._dialog.show_build_end(sentence)
        self._desk.shell.tell(Notice(sentence, topic="build"))

    def _refuse_build(self, sentence: str, remedy: str) -> None:
        if self._dialog is not None:
            self._dialog.show_build_end(f"{sentence} {remedy}")
        self._desk.shell.tell(Notice(sentence, remedy, "caution", "build"))

    def _tell(self, sentence: str, remedy: str) -> None:
        self._desk.shell.tell(Notice(sentence, remedy, "caution", "engine"))

    def _forget_dialog(self) -> None:
        self._dialog = None


def _listed(finding: Finding) -> ListedEngine:
    detail = finding.detail if finding.is_well else f"{finding.detail} {finding.remedy}".strip()
    return ListedEngine(finding.name, detail, finding.is_well)


def _tried(model: str, work: Work) -> tuple[list[Finding], list[Finding]]:
    from engine.diagnosis import backends, weights

    return list(takewhile(lambda _: not work.is_cancelled, backends(model))), list(weights())


def _built(model: str, architecture: str, work: Work) -> str:
    """Build every plan of the order, one after the other; the sentence says what came out."""
    from engine.inference.plan_orders import Order, requests_of
    from engine.inference.plan_process import build_in_process

    order = Order(model, (architecture,) if architecture else ())
    megabytes = seconds = 0.0
    for request in requests_of(order):
        facts = build_in_process(request, work.report, lambda: work.is_cancelled)
        megabytes += facts.size_bytes / 2**20
        seconds += facts.seconds
    return f"The engine is built: {megabytes:.1f} MiB in {seconds:.0f} s."
