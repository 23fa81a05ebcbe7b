"""A camera's controls over their whole life: ranges, wishes, what the firmware makes of them, replugging, profiles."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import pytest

if sys.platform != "linux":
    pytest.skip("V4L2 is Linux", allow_module_level=True)

from engine.capture import v4l2
from engine.capture.controls import Adjustable, CameraFormat, CameraSettings, Control, FormatChoice
from engine.capture.discover import Camera
from engine.capture.opencv import CameraSource
from engine.errors import SourceError
from tests.fakes_camera import UvcCamera, UvcCapture

IDENTITY = "v4l2:046d:0892:ABC"


@pytest.fixture
def camera() -> UvcCamera:
    return UvcCamera()


Open = Callable[..., CameraSource]


@pytest.fixture
def open_source(camera: UvcCamera, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Open:
    node = tmp_path / "video0"
    node.touch()
    monkeypatch.setattr(v4l2.fcntl, "ioctl", camera.ioctl)
    found = Camera(IDENTITY, "Webcam", str(node), cv2.CAP_V4L2)

    def make(**more: object) -> CameraSource:
        return CameraSource(
            IDENTITY, find=lambda _: found, open_capture=lambda *_: UvcCapture(camera), **more  # type: ignore[arg-type]
        )  # fmt: skip

    return make


def standing(source: CameraSource) -> dict[str, Control]:
    return {one.name: one for one in source.look()}


def read_on(source: CameraSource) -> None:
    for _ in range(20):
        source.read(1.0)


def wait_for(source: CameraSource, name: str, value: float) -> None:
    deadline = time.monotonic() + 5
    while standing(source)[name].value != value and time.monotonic() < deadline:
        source.read(1.0)
    assert standing(source)[name].value == value


def test_every_control_comes_with_its_true_range_and_value(open_source: Open) -> None:
    source = open_source()
    source.open()
    assert isinstance(source, Adjustable)
    controls = standing(source)
    assert len(controls) == 12
    assert "zoom" not in controls
    focus, auto = controls["focus"].range, controls["auto_exposure"].range
    assert focus is not None
    assert auto is not None
    assert (focus.minimum, focus.maximum, focus.step, focus.is_active) == (0, 250, 5, False)
    assert (auto.kind, auto.choices) == ("choice", ((1, "Manual Mode"), (3, "Aperture Priority Mode")))
    source.close()


def test_a_wish_is_taken_by_the_firmwares_rules_and_read_back(open_source: Open) -> None:
    source = open_source()
    source.open()
    source.adjust("exposure", 300)  # governed by the automatic: refused
    source.adjust("auto_focus", 0)
    source.adjust("focus", 52)  # in steps of five
    source.adjust("gain", 900)  # more than there is
    wait_for(source, "focus", 50)
    wait_for(source, "gain", 255)
    assert standing(source)["exposure"].value == 250
    source.close()


def test_replugging_brings_the_wishes_back(open_source: Open, camera: UvcCamera) -> None:
    source = open_source()
    source.open()
    source.adjust("auto_exposure", 1)
    source.adjust("exposure", 120)
    wait_for(source, "exposure", 120)
    camera.is_there = False
    with pytest.raises(SourceError, match="no pictures any more"):
        read_on(source)
    camera.plug_in()
    assert camera.values["exposure"] == 250
    info = source.open()
    assert (info.controls["auto_exposure"], info.controls["exposure"]) == (1, 120)
    source.close()


def test_settings_leave_out_what_an_automatic_governs(open_source: Open) -> None:
    source = open_source(wish=CameraFormat(1280, 720, 60, "MJPG"))
    source.open()
    kept = source.settings()
    assert kept.format == CameraFormat(1280, 720, 60.0, "MJPG")
    assert "exposure" not in kept.controls
    assert kept.controls["auto_exposure"] == 3
    assert kept.controls["brightness"] == 128
    source.close()
    assert open_source().settings() == CameraSettings()


def test_a_kept_profile_sets_format_and_controls_and_a_wish_goes_before_it(
    open_source: Open, camera: UvcCamera
) -> None:
    asked: list[str] = []

    def recall(identity: str) -> CameraSettings:
        asked.append(identity)
        return CameraSettings(CameraFormat(1280, 720, 60, "MJPG"), {"auto_exposure": 1, "exposure": 77, "gain": 9})

    source = open_source(recall=recall, controls={"gain": 12})
    info = source.open()
    assert asked == [IDENTITY]
    assert (info.width, info.controls["exposure"], info.controls["gain"]) == (1280, 77, 12)
    other = source.in_format(CameraFormat(640, 480, 90, "MJPG"))
    source.close()
    assert other.open().width == 640
    assert camera.values["gain"] == 12
    other.close()


def test_formats_are_offered_largest_first(open_source: Open) -> None:
    source = open_source()
    assert source.offered_formats() == []  # not open: not known where it is plugged in
    source.open()
    assert source.offered_formats()[0] == FormatChoice("MJPG", 1280, 720, 60.0)
    assert len(source.offered_formats()) == 3
    source.close()


def test_a_system_that_tells_no_ranges_gives_the_values_alone(camera: UvcCamera) -> None:
    found = Camera("dshow:046d:0892:path", "Webcam", 0, cv2.CAP_DSHOW)
    source = CameraSource(found.identity, find=lambda _: found, open_capture=lambda *_: UvcCapture(camera))
    source.open()
    assert all(one.range is None for one in source.look())
    assert standing(source)["brightness"].value == 128
    assert source.offered_formats() == []
    source.close()
