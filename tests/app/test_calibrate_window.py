"""The whole bench in the window with a simulated camera, step by step, to a signed profile in use."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from app.compose import House
from app.presenters import correction, sign_off
from app.presenters.calibration import CalibrationPresenter
from engine.calibration.bench import StepState
from engine.calibration.picture_step import picture_entry
from engine.calibration.profile import Profile, file_name, load
from engine.calibration.steps import LensStep
from engine.capture.source import SourceInfo
from engine.events import EventKind
from engine.values import Frame, Image, Mode, StabilizedFrame, Tracking
from tests.fakes_session import ScriptedSession, happened
from tests.rendered_boards import BOARD, camera, photographs
from tests.rendered_charts import photograph_chart

INFO = SourceInfo("v4l2:1:2:3", "Handpiece", 640, 480, 30.0, is_live=True)
STEP_NS = 33_333_333


@pytest.fixture
def bench(
    house: House, session: ScriptedSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> CalibrationPresenter:
    for module in (correction, sign_off):
        monkeypatch.setattr(module, "standard_folder", lambda: tmp_path / "profiles")
    session.source_info = INFO
    house.show_page("calibrate")
    page = house.pages["calibrate"]
    assert isinstance(page, CalibrationPresenter)
    return page


def textured(index: int) -> Image:
    noise = np.random.default_rng(index).normal(0, 700, (480, 640)).astype(np.float32)
    grey = np.clip(130 + cv2.GaussianBlur(noise, (0, 0), 5), 10, 240)
    return np.repeat(grey[..., None], 3, axis=2).astype(np.uint8)


def dusty(pixels: Image) -> Image:
    return np.asarray(cv2.circle(pixels, (200, 150), 6, (20, 20, 20), -1), np.uint8)


class Camera:
    """Gives each picture when the bench is ready for it."""

    def __init__(self, bench: CalibrationPresenter, qtbot: QtBot) -> None:
        self._bench, self._qtbot, self._seq = bench, qtbot, 0

    def show(self, pictures: Iterator[Image]) -> None:
        for pixels in pictures:
            if self._bench.bench.running == "":
                return
            frame = Frame(pixels, self._seq, self._seq * STEP_NS)
            still = StabilizedFrame(
                frame, None, pixels, pixels, np.eye(3), None, Tracking.TRACKING, Mode.STABILIZED, ""
            )
            self._seq += 1
            self._bench.take_output(still)
            self._bench.take_frame(frame)
            self._qtbot.waitUntil(lambda: not self._bench.is_busy, timeout=20_000)


def run(bench: CalibrationPresenter, qtbot: QtBot, name: str, pictures: Iterator[Image]) -> None:
    bench.choose(name)
    bench.start()
    with qtbot.waitSignal(bench.step_ended, timeout=60_000):
        Camera(bench, qtbot).show(pictures)
        if name == "lens":
            bench.finish()


def test_a_new_user_gets_from_nothing_to_a_signed_profile_in_use(
    bench: CalibrationPresenter,
    session: ScriptedSession,
    qtbot: QtBot,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert bench.page.sign_off.report.isHidden()
    assert not bench.page.sign_off.sign.isEnabled()
    flat = textured(0)
    run(bench, qtbot, "source", (flat for _ in range(200)))
    assert bench.bench.state("source") is StepState.PASS
    run(bench, qtbot, "picture", (textured(index) for index in range(140)))
    rng = np.random.default_rng(31)
    boards = photographs(11, camera(rng), rng)
    bench.board = BOARD
    run(bench, qtbot, "lens", (one for board in boards for one in (board, board)))
    assert bench.bench.state("lens") is StepState.PASS, bench.bench.reason("lens")
    assert bench.page.next.text() == "Next: Colour"
    bench.page.preview.click()
    shown: list[Image] = []
    bench.page.surface.show_picture = shown.append  # type: ignore[method-assign]
    bench.take_frame(Frame(boards[0], 999, 0))
    bench.page.preview.click()
    bench.take_frame(Frame(boards[0], 1000, 0))
    del bench.page.surface.show_picture
    assert np.abs(shown[0].astype(float) - boards[0]).mean() > 1  # straightened
    assert shown[1] is boards[0]
    chart, _ = photograph_chart(np.random.default_rng(8))
    run(bench, qtbot, "colour", (chart for _ in range(3)))
    assert bench.bench.state("colour") is StepState.PASS
    for name in bench.bench.open_steps:
        bench.choose(name)
        bench.skip("no rotor here")
    for name in [step for step in ("picture",) if bench.bench.state(step) is StepState.FAIL]:
        bench.choose(name)
        bench.skip("dust is known")
    assert bench.page.sign_off.sign.isEnabled()
    with qtbot.waitSignal(bench.sign_off.signed) as signal:
        bench.sign_off.sign("A. Technician")
    saved: Profile = signal.args[0]
    path = tmp_path / "profiles" / file_name(INFO.identity)
    assert load(path) == saved
    opened: list[str] = []
    monkeypatch.setattr(sign_off.QDesktopServices, "openUrl", lambda url: not opened.append(url.toLocalFile()))
    assert bench.page.sign_off.words.text() == "The profile of Handpiece is signed and in use."
    assert not bench.page.sign_off.report.isHidden()
    bench.page.sign_off.report.click()
    assert opened == [str(path.with_suffix(".html"))]
    assert "A. Technician" in path.with_suffix(".html").read_text("utf-8")
    assert session.commands[-1] == ("set_correction", "Corrections")


def test_a_failed_step_is_signed_but_not_said_to_be_in_use(
    bench: CalibrationPresenter, house: House, qtbot: QtBot
) -> None:
    for name in bench.bench.open_steps:
        bench.bench.skip(name, "not today")
    bench.bench.take("picture", picture_entry([dusty(textured(index)) for index in range(24)], 30.0))
    bench.choose("picture")
    assert bench.page.hint.text() == "Dust on the lens or sensor."
    marks = np.array(bench.page.surface._marks) * (640, 480)
    assert np.linalg.norm(marks - (200, 150), axis=1).min() < 3
    assert "Failed: Picture" in bench.page.sign_off.words.text()
    with qtbot.waitSignal(bench.sign_off.signed):
        bench.sign_off.sign("A. Technician")
    assert "out of tolerance (picture)" in bench.page.sign_off.words.text()
    assert not house.window.notices.notices


def test_a_profile_written_while_another_camera_was_plugged_in_is_not_used_for_that_one(
    bench: CalibrationPresenter, session: ScriptedSession, qtbot: QtBot
) -> None:
    for name in bench.bench.open_steps:
        bench.bench.skip(name, "not today")
    with qtbot.waitSignal(bench.sign_off.signed) as signal:
        bench.sign_off.sign("A. Technician")
        session.source_info = SourceInfo("v4l2:9:9:9", "Another", 640, 480, 30.0, is_live=True)
        bench.hear(happened(EventKind.SOURCE_OPENED))
    assert signal.args[0].identity == INFO.identity
    assert "set_correction" not in [command for command, _ in session.commands]
    assert bench.page.sign_off.words.text().startswith("Still open")
    assert bench.page.sign_off.report.isHidden()


def test_a_bench_that_cannot_be_signed_says_why_and_goes_on(
    bench: CalibrationPresenter, house: House, qtbot: QtBot
) -> None:
    bench.choose("picture")
    bench.sign_off.sign("A. Technician")
    qtbot.waitUntil(lambda: bool(house.window.notices.notices))
    assert "Not done yet: source" in house.window.notices.notices[-1].sentence
    assert bench.meter is not None


def test_a_step_is_skipped_only_with_a_reason(bench: CalibrationPresenter, house: House) -> None:
    bench.choose("latency")
    bench.skip("  ")
    assert bench.bench.state("latency") is StepState.TO_DO
    assert "only with a reason" in house.window.notices.notices[-1].sentence
    bench.skip("no screen near the chair")
    assert bench.bench.reason("latency") == "no screen near the chair"


def test_too_few_views_are_told_and_lose_nothing(bench: CalibrationPresenter, house: House, qtbot: QtBot) -> None:
    bench.choose("lens")
    bench.start()
    bench.finish()
    qtbot.waitUntil(lambda: any("8 are needed" in one.sentence for one in house.window.notices.notices))
    assert bench.bench.state("lens") is StepState.TO_DO


def test_the_guide_says_what_is_wrong_with_the_picture(bench: CalibrationPresenter, qtbot: QtBot) -> None:
    bench.choose("lens")
    bench.start()
    Camera(bench, qtbot).show(iter([textured(1)]))
    assert "shows no board" in bench.page.hint.text()
    assert isinstance(bench.step, LensStep)


def test_corners_of_a_chart_are_taken_where_the_picture_is_tapped(bench: CalibrationPresenter, qtbot: QtBot) -> None:
    bench.choose("colour")
    bench.start()
    surface = bench.page.surface
    surface.show_picture(textured(2))
    target = surface.picture_rect()
    place = QPoint(round(target.left() + 0.25 * target.width()), round(target.top() + 0.75 * target.height()))
    qtbot.mouseClick(surface, Qt.MouseButton.LeftButton, pos=place)
    Camera(bench, qtbot).show(iter([textured(1)]))
    assert bench.page.hint.text() == "Tap the next corner of the chart."
    assert np.abs(np.array(surface._marks) - (0.25, 0.75)).max() < 0.01


def test_a_camera_without_a_profile_is_said_to_run_uncalibrated(
    bench: CalibrationPresenter, house: House, session: ScriptedSession, qtbot: QtBot
) -> None:
    session.happened.append(happened(EventKind.SOURCE_OPENED))
    house.pump.tick()
    qtbot.waitUntil(lambda: any("runs uncalibrated" in one.sentence for one in house.window.notices.notices))
