"""A new user's run through the calibration bench with simulated devices, photographed step by step.

`python -m tests.bench.bench_pictures --out DIR [--theme high_contrast] [--size 1280x800]`
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import cv2
import numpy as np
from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop, QPointF, QTimer
from PySide6.QtWidgets import QWidget

from app import calibrated
from app.compose import House, make_application
from app.dialogs.flash import TRIALS, FlashDialog
from app.preferences import Preferences
from app.presenters import correction, sign_off
from app.presenters.calibration import CalibrationPresenter
from engine.calibration import vibration_step
from engine.calibration.latency import GOLDEN
from engine.calibration.picture_step import JUDGED_FRAMES
from engine.capture import v4l2
from engine.capture.discover import Camera
from engine.capture.opencv import CameraSource
from engine.capture.source import SourceInfo
from engine.capture.synthetic import SyntheticSource
from engine.inference.choose import BackendOptions
from engine.values import Frame, Image, Mode, StabilizedFrame, Tracking
from tests.fakes_camera import UvcCamera, UvcCapture
from tests.fakes_session import ScriptedSession, healthy
from tests.rendered_boards import BOARD, camera, photographs
from tests.rendered_charts import photograph_chart

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


def mouth() -> Iterator[Image]:
    """The demo's painted mouth."""
    demo = SyntheticSource(seed=7, realtime=False, kind="calm")
    demo.open()
    while True:
        yield demo.read(5.0).pixels


def blurred(pictures: Iterator[Image], sigmas: Iterable[float]) -> Iterator[Image]:
    """A focus that is turned."""
    for sigma in sigmas:
        pixels = next(pictures)
        yield np.asarray(cv2.GaussianBlur(pixels, (0, 0), sigma), np.uint8) if sigma > 0.2 else pixels


def shaken(pixels: Image, seconds: float, share: float) -> Iterator[Image]:
    """Tremor at 8 Hz and a rotor's line that aliases to 11 Hz, both of `share` of their size."""
    for index in range(round(seconds * 30)):
        at = index / 30
        x = share * (
            3 * np.sin(2 * np.pi * 8 * at) + 0.8 * np.sin(2 * np.pi * 11 * at) + 2 * np.sin(2 * np.pi * 0.7 * at)
        )
        shift = np.float32([[1, 0, x], [0, 1, 0.5 * x]])
        yield np.asarray(cv2.warpAffine(pixels, shift, (640, 480), borderMode=cv2.BORDER_REFLECT), np.uint8)


def walk(run: Run) -> None:
    """Every step, as a technician takes it."""
    pictures = mouth()
    see_source(run, pictures)
    see_picture(run, pictures)
    boards = see_lens(run)
    see_colour(run)
    see_vibration(run, boards[4])
    see_latency(run, boards[4])
    sign(run)


def see_source(run: Run, pictures: Iterator[Image]) -> None:
    """Controls by hand, then the count."""
    bench = run.bench
    run.show(pictures, frames=2)
    wait(900)
    run.shoot("source-first-look")
    bench.controls.wish("auto_exposure", 1)
    bench.controls.wish("auto_focus", 0)
    bench.controls.send()
    wait(700)
    bench.controls.wish("exposure", 180)
    bench.controls.wish("gain", 24)
    wait(700)
    bench.start()
    flat = next(pictures)
    run.show(flat for _ in range(200))
    run.finish()
    bar = bench.page.controls_area.verticalScrollBar()
    bar.setValue(bar.maximum() // 3)
    run.shoot("source-passed")


def see_picture(run: Run, pictures: Iterator[Image]) -> None:
    """The focus is turned through its best; dust, then none."""
    bench = run.bench
    bench.go_on()
    run.show(blurred(pictures, [*np.linspace(4, 0, 60), *np.linspace(0, 2.5, 18)]))
    run.shoot("picture-out-of-focus")
    bright = (np.asarray(np.clip(pixels * 1.9, 0, 255), np.uint8) for pixels in pictures)
    run.show(bright, frames=4)
    run.shoot("picture-clipped")
    for name, grains in (("picture-failed-dust", 2), ("picture-judged", 0)):
        bench.start()
        run.show(dusty(still_then_moving(pictures), grains))
        run.finish()
        run.show(pictures, frames=30)
        run.shoot(name)


def see_lens(run: Run) -> list[Image]:
    """A dozen views of the sheet."""
    bench, rng = run.bench, np.random.default_rng(31)
    boards = photographs(11, camera(rng), rng)
    bench.choose("lens")
    bench.start()
    run.show(one for board in boards[:6] for one in (board, board))
    run.shoot("lens-running")
    run.show(one for board in boards[6:] for one in (board, board))
    bench.finish()
    run.finish()
    bench.page.preview.click()
    run.show(boards[2:3])
    run.shoot("lens-passed")
    return boards


def see_colour(run: Run) -> None:
    """One look at the chart."""
    bench = run.bench
    bench.choose("colour")
    chart, corners = photograph_chart(np.random.default_rng(8))
    bright, _ = photograph_chart(np.random.default_rng(8), exposure=1.25)
    run.show(bright for _ in range(3))
    bench.start()
    run.show(bright for _ in range(3))
    run.shoot("colour-overexposed")
    for x, y in corners[:3]:
        bench.tap(QPointF(x, y))
    run.show(chart for _ in range(2))
    run.shoot("colour-corners-tapped")
    bench.tap(QPointF(*corners[3]))
    run.show(chart for _ in range(3))
    run.finish()
    bench.page.preview.click()
    run.show([chart])
    run.shoot("colour-passed")


def see_vibration(run: Run, board: Image) -> None:
    """Live, then judged."""
    bench = run.bench
    bench.choose("vibration")
    vibration_step.MOVING_S = 6.0
    run.show(shaken(board, 6.5, 1.0), shaken(board, 6.5, 0.08))
    run.shoot("vibration-live")
    bench.start()
    run.show(shaken(board, 8, 1.0), shaken(board, 8, 0.08))
    run.finish()
    run.show([board])
    run.shoot("vibration-passed")


def see_latency(run: Run, board: Image) -> None:
    """A loop of 52 ms with some jitter; the flashes are written down, for two minutes are not waited."""
    bench = run.bench
    bench.choose("latency")
    run.show([board])
    run.shoot("latency")
    bench.start()
    dialog = bench._latency.dialog
    assert dialog is not None
    dialog.stop()
    flash(dialog, 0, 180)
    dialog.patch.light(is_lit=True)
    wait(250)
    run.shoot_widget(dialog, "latency-running")
    dialog.patch.lit_ns.pop()
    flash(dialog, 180, TRIALS)
    dialog._judge()
    run.show([board])
    run.shoot("latency-measured")


def flash(dialog: FlashDialog, first: int, last: int) -> None:
    """Trials `first` to `last`, seen through a loop of known delay."""
    rng = np.random.default_rng(first)
    dark, lit = (np.full((480, 640, 3), level, np.uint8) for level in (20, 220))
    for index in range(first, last):
        at_ns = round(1e9 * (1 + 0.3 * index + (index * GOLDEN % 1) / 30))
        dialog.patch.lit_ns.append(at_ns)
        for number in range(9 * index, 9 * index + 9):
            seen_ns = 1_000_000_000 + number * STEP_NS
            is_lit = 0 <= seen_ns - at_ns < 120_000_000
            grabbed_ns = seen_ns + round(1e6 * (31 + rng.gamma(2.0, 1.6)))
            dialog.see(Frame(lit if is_lit else dark, number, grabbed_ns))
    dialog.bar.setValue(last)
    dialog._show_so_far()


def sign(run: Run) -> None:
    """Everything is done: the operator signs."""
    bench = run.bench
    bench.page.sign_off.operator.setText("A. Technician")
    run.shoot("ready-to-sign")
    bench.sign_off.sign("A. Technician")
    wait(900)
    run.shoot("signed")


def still_then_moving(pictures: Iterator[Image]) -> Iterator[Image]:
    """A still hand for as long as the step asks for it, then a sweep over the surface."""
    first = next(pictures)
    noise = np.random.default_rng(5)
    for index in range(JUDGED_FRAMES + 10):
        shift = max(0, index - JUDGED_FRAMES // 2) * 4
        moved = np.roll(first, (shift, 2 * shift), (0, 1)).astype(np.float32)
        yield np.clip(moved + noise.normal(0, 2.0, moved.shape), 0, 255).astype(np.uint8)


def dusty(pictures: Iterator[Image], grains: int) -> Iterator[Image]:
    """Grains on the sensor."""
    y, x = np.mgrid[0:480, 0:640]
    shade = np.ones((480, 640))
    for cx, cy, radius in ((180, 130, 7), (470, 330, 9))[:grains]:
        shade -= 0.4 * np.exp(-(((x - cx) ** 2 + (y - cy) ** 2) / radius**2))
    for pixels in pictures:
        yield np.asarray(pixels * shade[..., None], np.uint8)


def main() -> None:
    """Parse and walk."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--theme", default="dark", choices=("dark", "high_contrast"))
    parser.add_argument("--size", default="1280x800")
    args = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    args.out.mkdir(parents=True, exist_ok=True)
    width, height = (int(part) for part in args.size.split("x"))
    run = Run(args.out, args.theme, (width, height))
    walk(run)
    run.source.close()
    run.close()


if __name__ == "__main__":
    main()
