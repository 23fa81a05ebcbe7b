"""The bench's live parts: camera controls against a firmware, histogram, focus meter, spectrogram."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from pytestqt.qtbot import QtBot

if sys.platform != "linux":
    pytest.skip("V4L2 is Linux", allow_module_level=True)

from PySide6.QtWidgets import QCheckBox, QSlider

from app import calibrated
from app.compose import House
from app.presenters import correction, sign_off
from app.presenters.calibration import CalibrationPresenter
from app.views.camera_controls import ControlRow
from engine.calibration.picture_step import PictureStep
from engine.calibration.profile import STEPS
from engine.capture import v4l2
from engine.capture.controls import CameraFormat
from engine.capture.discover import Camera
from engine.capture.opencv import CameraSource
from engine.capture.source import SourceInfo
from engine.events import EventKind
from engine.values import Frame, Image, Mode, StabilizedFrame, Tracking
from tests.fakes_camera import UvcCamera, UvcCapture
from tests.fakes_session import ScriptedSession, happened

IDENTITY = "v4l2:046d:0892:ABC"


@pytest.fixture
def camera() -> UvcCamera:
    return UvcCamera()


@pytest.fixture
def source(camera: UvcCamera, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CameraSource]:
    node = tmp_path / "video0"
    node.touch()
    monkeypatch.setattr(v4l2.fcntl, "ioctl", camera.ioctl)
    found = Camera(IDENTITY, "Handpiece", str(node), cv2.CAP_V4L2)
    made = CameraSource(
        IDENTITY,
        find=lambda _: found,
        open_capture=lambda *_: UvcCapture(camera),
        recall=calibrated.settings_of,
    )
    yield made
    made.close()


@pytest.fixture
def bench(
    house: House, session: ScriptedSession, source: CameraSource, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> CalibrationPresenter:
    for module in (correction, sign_off, calibrated):
        monkeypatch.setattr(module, "standard_folder", lambda: tmp_path / "profiles")
    session.source, session.source_info = source, source.open()
    house.show_page("calibrate")
    page = house.pages["calibrate"]
    assert isinstance(page, CalibrationPresenter)
    return page


def line(bench: CalibrationPresenter, name: str) -> ControlRow:
    return bench.page.controls.lines[name].row


def until(qtbot: QtBot, bench: CalibrationPresenter, is_so: Callable[[], bool]) -> None:
    def looked() -> bool:
        source = bench.controls.source
        assert isinstance(source, CameraSource)
        source.read(1.0)  # a running camera takes wishes between pictures
        bench.controls.look()
        return is_so()

    qtbot.waitUntil(looked, timeout=20_000)


def test_controls_show_the_cameras_true_ranges_and_follow_its_firmware(
    bench: CalibrationPresenter, camera: UvcCamera, house: House, qtbot: QtBot
) -> None:
    until(qtbot, bench, lambda: len(bench.page.controls.lines) == 12)
    assert (line(bench, "exposure").low, line(bench, "exposure").high) == (3, 2047)
    assert not bench.page.controls.lines["exposure"].editor.isEnabled()
    bench.controls.wish("auto_exposure", 1)
    until(qtbot, bench, lambda: bench.page.controls.lines["exposure"].editor.isEnabled())
    slider = bench.page.controls.lines["exposure"].editor
    assert isinstance(slider, QSlider)
    slider.setValue(297)
    until(qtbot, bench, lambda: line(bench, "exposure").value == 300)
    switch = bench.page.controls.lines["auto_focus"].editor
    assert isinstance(switch, QCheckBox)
    switch.click()
    until(qtbot, bench, lambda: bench.page.controls.lines["focus"].editor.isEnabled())
    bench.controls.wish("focus", 53)
    until(qtbot, bench, lambda: line(bench, "focus").is_refused)
    assert camera.values["focus"] == 55
    assert "53 was asked for, the camera took 55" in house.window.notices.notices[-1].sentence
    bench.page.controls.reset.click()
    until(qtbot, bench, lambda: line(bench, "exposure").is_active is False)
    assert camera.values["auto_focus"] == 1


def test_the_signed_profile_keeps_the_controls_and_a_replugged_camera_has_them_again(
    bench: CalibrationPresenter, camera: UvcCamera, source: CameraSource, qtbot: QtBot
) -> None:
    until(qtbot, bench, lambda: bool(bench.page.controls.lines))
    for name, value in (("auto_exposure", 1), ("exposure", 140), ("gain", 33)):
        bench.controls.wish(name, value)
    until(qtbot, bench, lambda: line(bench, "gain").value == 33 and line(bench, "exposure").value == 140)
    for name in STEPS:
        bench.bench.skip(name, "not today")
    with qtbot.waitSignal(bench.sign_off.signed) as signal:
        bench.sign_off.sign("A. Technician")
    kept = signal.args[0].steps["source"]["camera"]
    assert (kept["controls"]["exposure"], kept["controls"]["gain"]) == (140, 33)
    assert kept["format"] == {"width": 640, "height": 480, "fps": 30.0, "fourcc": "YUYV"}
    source.close()
    camera.plug_in()
    fresh = CameraSource(
        IDENTITY, find=source._find, open_capture=source._open_capture, recall=calibrated.settings_of
    )  # another day: nothing but the profile knows
    info = fresh.open()
    fresh.close()
    assert (info.controls["exposure"], info.controls["gain"]) == (140, 33)
    camera.values["gain"] = 0
    drifted = SourceInfo(IDENTITY, "Handpiece", 640, 480, 30.0, True, controls={"gain": 0.0})
    said = calibrated.calibration_of(drifted, calibrated.standard_folder()).reason
    assert "gain is 0 where its profile says 33" in said


def test_another_format_opens_the_camera_anew_and_begins_another_bench(
    bench: CalibrationPresenter, session: ScriptedSession, house: House, qtbot: QtBot
) -> None:
    until(qtbot, bench, lambda: bench.page.controls.formats.count() == 3)
    assert bench.page.controls.formats.currentText().startswith("640 x 480   30 fps")
    bench.bench.skip("lens", "later")
    bench.page.controls.format_chosen.emit(0)
    assert session.commands[-1] == ("start", IDENTITY)
    other = session.source
    assert isinstance(other, CameraSource)
    session.source_info = other.open()
    assert other.settings().format == CameraFormat(1280, 720, 60.0, "MJPG")
    session.happened.append(happened(EventKind.SOURCE_OPENED))
    house.pump._looked_ns = 0
    house.pump.tick()
    other.close()
    assert bench.bench.image_size == (1280, 720)
    assert "lens" not in bench.bench.results


def test_a_source_without_controls_says_so(bench: CalibrationPresenter, session: ScriptedSession) -> None:
    session.source = None
    bench.controls.look()
    assert "no controls" in bench.page.controls.note.text()


def frame(pixels: Image, seq: int) -> Frame:
    return Frame(pixels, seq, seq * 33_333_333)


def feed(bench: CalibrationPresenter, qtbot: QtBot, pixels: Image, seq: int) -> None:
    one = frame(pixels, seq)
    bench.take_output(
        StabilizedFrame(one, None, pixels, pixels, np.eye(3), None, Tracking.TRACKING, Mode.STABILIZED, "")
    )
    bench.take_frame(one)
    qtbot.waitUntil(lambda: not bench.is_busy, timeout=20_000)


def stripes(blur: float, light: float = 0.7) -> Image:
    row = np.where(np.arange(128) // 6 % 2, 230, 40).astype(np.float32) * light
    grey = cv2.GaussianBlur(np.tile(row, (96, 1)), (0, 0), blur)
    return np.repeat(np.clip(grey, 0, 255)[..., None], 3, axis=2).astype(np.uint8)


def test_histogram_and_focus_run_before_the_step_is_started(bench: CalibrationPresenter, qtbot: QtBot) -> None:
    bench.choose("picture")
    assert bench.page.strip.currentWidget() is bench.page.meters
    for seq in range(3):
        feed(bench, qtbot, stripes(0.6), seq)
    assert bench.page.meters.focus.share == pytest.approx(1.0)
    for seq in range(3, 7):
        feed(bench, qtbot, stripes(3.0), seq)
    assert bench.page.meters.focus.share < 0.8
    assert bench.page.hint.text() == "Turn the focus back: it was better before."
    for seq in range(7, 10):
        feed(bench, qtbot, stripes(0.6, light=2.0), seq)
    assert bench.page.meters.histogram.clipped_bright > 0.2
    assert "clipped" in bench.page.hint.text()
    assert bench.bench.running == ""
    bench.start()
    assert isinstance(bench.step, PictureStep)


def test_the_spectrogram_runs_live_and_says_what_aliases(bench: CalibrationPresenter, qtbot: QtBot) -> None:
    bench.choose("vibration")
    assert bench.page.strip.currentWidget() is bench.page.spectrogram
    assert "15 Hz, half the frame rate" in bench.page.spectrogram.note.text()
    assert "aliased" in bench.page.spectrogram.note.text()
    noise = np.random.default_rng(2).normal(0, 900, (140, 180)).astype(np.float32)
    grey = np.clip(128 + cv2.GaussianBlur(noise, (0, 0), 5), 0, 255).astype(np.uint8)
    for seq in range(72):
        x = round(3 * np.sin(2 * np.pi * 5.0 * seq / 30))
        moved = np.ascontiguousarray(np.repeat(grey[20:116, 20 + x : 148 + x, None], 3, axis=2))
        feed(bench, qtbot, moved, seq)
    shown = bench.page.spectrogram.newest()
    assert shown is not None
    hz = np.linspace(0, 15, len(shown))
    assert hz[shown.argmax()] == pytest.approx(5.0, abs=0.5)
    assert shown.max() == pytest.approx(3.0, rel=0.25)
