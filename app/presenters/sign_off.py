"""Signing a finished bench: the profile and its report on disk, and the correction that follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QObject, QUrl, Signal
from PySide6.QtGui import QDesktopServices

from app.calibrated import Calibrated, calibration_of, kept, standard_folder
from app.desk import Desk
from app.presenters.bench_panel import sign_off_words
from app.presenters.camera_controls import CameraControlsPresenter
from app.views.notices import Notice
from app.views.sign_off import SignOffBox
from app.work import Work
from engine.calibration.bench import Bench
from engine.calibration.profile import Profile, file_name, save
from engine.calibration.report import write_report
from engine.capture.controls import Adjustable
from engine.capture.source import SourceInfo


@dataclass(frozen=True, slots=True)
class Signed:
    """What a signature came to."""

    profile: Profile
    report: Path  # HTML, beside the profile
    found: Calibrated | None  # what the live path makes of it; None without a source


def sign(bench: Bench, operator: str, camera: Adjustable | None, info: SourceInfo | None, folder: Path) -> Signed:
    """With the camera as it stands. Writes files and asks the driver: call it on a worker. Raises CalibrationError."""
    stands = kept(camera.settings()) if camera is not None else {}
    profile = bench.sign_off(operator, datetime.now().astimezone(), stands)
    path = folder / file_name(profile.identity)
    save(profile, path)
    write_report(profile, path.with_suffix(".html"))
    return Signed(profile, path.with_suffix(".html"), calibration_of(info, folder) if info is not None else None)


class SignOffPresenter(QObject):
    """Tells how the bench stands, and what the last signature came to."""

    signed = Signal(object)  # Profile

    def __init__(self, desk: Desk, box: SignOffBox, controls: CameraControlsPresenter, parent: QObject) -> None:
        super().__init__(parent)
        self._desk, self._box, self._controls = desk, box, controls
        self._bench = Bench("", "", (0, 0))
        self._said = ""  # what a signature came to, until the bench goes on
        self._report: Path | None = None  # of that signature
        self._kept_clear = 0  # of notices, on the page before
        box.sign_requested.connect(self.sign)
        box.report_requested.connect(self.show_report)

    def enter(self) -> None:
        """The bench is shown: no notice may lie over the box."""
        self._kept_clear = self._desk.shell.keep_clear(self._box.reserved_px)

    def leave(self) -> None:
        """Another page is shown: notices may lie where they did before."""
        self._desk.shell.keep_clear(self._kept_clear)

    def show_bench(self, bench: Bench) -> None:
        """Whether it can be signed; the report of another bench is none of this one."""
        if bench is not self._bench:
            self._bench, self._report = bench, None
        self._box.show_standing(not bench.open_steps, self._said or sign_off_words(bench), self._report is not None)

    def go_on(self) -> None:
        """The bench goes on: what the signature came to has been read."""
        self._said = ""

    def sign(self, operator: str) -> None:
        """Save the profile with the camera as it stands; from now on the live path uses it."""
        info, camera, bench = self._desk.session.source_info, self._controls.source, self._bench

        def write(_: Work) -> Signed:
            return sign(bench, operator, camera, info, standard_folder())

        work = Work(write, self)
        work.done.connect(self._take_signed)
        work.refused.connect(self._tell)
        work.start(self._desk.workers)

    def show_report(self) -> None:
        """In the browser."""
        if self._report is not None and not QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._report))):
            self._tell(f"No program shows the report {self._report}.", "Open it with a web browser.")

    def _take_signed(self, signed: Signed) -> None:
        profile, bench = signed.profile, self._bench
        if (profile.identity, profile.image_size) == (bench.identity, bench.image_size):
            self._put_to_use(signed)
        self.signed.emit(profile)

    def _put_to_use(self, signed: Signed) -> None:
        """Not called for a camera that was unplugged while its profile was being written."""
        found, self._report = signed.found, signed.report
        if found is not None:
            self._desk.session.set_correction(found.correction)
        in_use = self.tr("The profile of {name} is signed and in use.").format(name=signed.profile.name)
        # Said where it was signed: a notice would lie over it.
        self._said = found.reason if found is not None and found.reason else in_use
        self.show_bench(self._bench)
        if self._box.isVisible():
            self._desk.shell.keep_clear(self._box.reserved_px)  # the report's button has come

    def _tell(self, sentence: str, remedy: str) -> None:
        self._desk.shell.tell(Notice(sentence, remedy, "caution", "calibration"))
