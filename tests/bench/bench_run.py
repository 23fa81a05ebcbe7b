"""One window with a simulated camera for a run through the calibration bench: feeds pictures, takes photographs."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np
from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop, QTimer
from PySide6.QtWidgets import QWidget

from app import calibrated
from app.compose import House, make_application
from app.preferences import Preferences
from app.presenters import correction, sign_off
from app.presenters.calibration import CalibrationPresenter
from engine.capture import v4l2
from engine.capture.discover import Camera
from engine.capture.opencv import CameraSource
from engine.capture.source import SourceInfo
from engine.inference.choose import BackendOptions
from engine.values import Frame, Image, Mode, StabilizedFrame, Tracking
from tests.fakes_camera import UvcCamera, UvcCapture
from tests.fakes_session import ScriptedSession, healthy
from tests.rendered_boards import BOARD

STEP_NS = 33_333_333
IDENTITY = "v4l2:046d:0892:5C3A21EF"


class Run:
    """One window, one simulated camera."""

    def __init__(self, out: Path, theme: str, size: tuple[int, int]) -> None:
        make_application()
        self.out, self._seq, self._number = out, 0, 0
        self.session = ScriptedSession()
        self.house = House(self.session, Preferences(out / "none.json"), BackendOptions(), size)  # type: ignore[arg-type]
        self.house.theme.switch(theme, self.house.theme.scale)
        self.folder = tempfile.TemporaryDirectory()
        self.firmware = UvcCamera()
        self._plug_in()
        self.house.show()
        self.house.pump.stop()
        self.house.show_page("calibrate")
        bench = self.house.pages["calibrate"]
        assert isinstance(bench, CalibrationPresenter)
        self.bench = bench
        bench.board = BOARD

    def show(self, pictures: Iterable[Image], held: Iterable[Image] | None = None, frames: int = 10_000) -> None:
        """Feed each picture when the bench is ready for it."""
        steady = iter(held) if held is not None else None
        for index, pixels in enumerate(pictures):
            if index >= frames:
                return
            was_running = self.bench.bench.running
            one = Frame(pixels, self._seq, self._seq * STEP_NS)
            self._seq += 1
            still = next(steady) if steady is not None else pixels
            self.bench.take_output(
                StabilizedFrame(one, None, pixels, still, np.eye(3), None, Tracking.TRACKING, Mode.STABILIZED, "")
            )
            self.bench.take_frame(one)
            while self.bench.is_busy:
                wait(2)
            if was_running and not self.bench.bench.running:
                return

    def finish(self) -> None:
        """Wait for the running step's verdict."""
        while self.bench.bench.running:
            wait(20)

    def shoot(self, name: str) -> None:
        """The window as it stands."""
        self.session.told = healthy()
        self.house.pump._looked_ns = 0
        self.house.pump.tick()
        wait(250)
        self._number += 1
        self.house.window.grab().save(str(self.out / f"{self._number:02d}-{name}.png"))

    def shoot_widget(self, widget: QWidget, name: str) -> None:
        """A dialog by itself."""
        self._number += 1
        widget.grab().save(str(self.out / f"{self._number:02d}-{name}.png"))

    def close(self) -> None:
        """Nothing is left behind."""
        self.house.window.close()
        self.house.desk.workers.waitForDone(5000)
        self.house.window.deleteLater()
        self.house.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        self.folder.cleanup()

    def _plug_in(self) -> None:
        node = Path(self.folder.name) / "video0"
        node.touch()
        v4l2.fcntl.ioctl = self.firmware.ioctl  # type: ignore[assignment]
        for module in (correction, sign_off, calibrated):
            module.standard_folder = lambda: Path(self.folder.name) / "profiles"  # type: ignore[attr-defined]
        found = Camera(IDENTITY, "Handpiece camera", str(node), cv2.CAP_V4L2)
        self.source = CameraSource(IDENTITY, find=lambda _: found, open_capture=lambda *_: UvcCapture(self.firmware))
        self.source.open()
        self.session.source = self.source
        self.session.source_info = SourceInfo(IDENTITY, "Handpiece camera", 640, 480, 30.0, is_live=True)


def wait(milliseconds: int) -> None:
    """Let the window live; QTest.qWait would keep Python's lock and starve the workers."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()
