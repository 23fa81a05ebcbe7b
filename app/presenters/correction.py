"""Applies a camera's calibration when it opens, and says so when there is none to apply."""

from __future__ import annotations

from PySide6.QtCore import QObject

from app.calibrated import Calibrated, calibration_of, standard_folder
from app.desk import Desk
from app.views.notices import Notice
from app.work import Work
from engine.calibration.correction import NoCorrection
from engine.events import Event, EventKind


def attach(desk: Desk) -> CorrectionPresenter:
    """See app/pages.py."""
    return CorrectionPresenter(desk)


class CorrectionPresenter(QObject):
    """One look at the profiles for each source that opens."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk.pump)
        self._desk = desk
        desk.pump.event_happened.connect(self.hear)

    def hear(self, event: Event) -> None:
        """A source opened: nothing of the one before may stay applied."""
        info = self._desk.session.source_info
        if event.kind is not EventKind.SOURCE_OPENED or info is None:
            return
        self._desk.session.set_correction(NoCorrection())

        def look(_: Work) -> Calibrated:
            return calibration_of(info, standard_folder())

        work = Work(look, self)
        work.done.connect(self._apply)
        work.start(self._desk.workers)

    def close(self) -> None:
        """Nothing is held."""

    def _apply(self, found: Calibrated) -> None:
        self._desk.session.set_correction(found.correction)
        if found.reason:
            self._desk.shell.tell(
                Notice(found.reason, self.tr("Calibrate it on the Calibrate page."), "caution", "calibration")
            )
