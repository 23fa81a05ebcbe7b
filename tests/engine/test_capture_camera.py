"""Cameras: formats and controls, hung and vanishing drivers, identities from sysfs."""

from __future__ import annotations

import os
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from engine.capture.controls import CameraFormat
from engine.capture.discover import Camera, find_camera, list_cameras, v4l2_cameras
from engine.capture.opencv import CameraSource
from engine.capture.opencv_beside_qt import take_back_qt_paths
from engine.errors import SourceError, SourceTimeout
from tests.fakes_stream import mpeg_ts, read_on


class FakeCapture:
    """A cv2.VideoCapture by hand: `script` items are pictures, None (failed grab) or a number of seconds to hang."""

    def __init__(self, script: list[np.ndarray | float | None], size: tuple[int, int] = (128, 96)) -> None:
        self.script = script
        self.properties = {cv2.CAP_PROP_FRAME_WIDTH: size[0], cv2.CAP_PROP_FRAME_HEIGHT: size[1], cv2.CAP_PROP_FPS: 30}
        self.calls: list[tuple[int, float]] = []
        self.released = threading.Event()

    def isOpened(self) -> bool:
        return True

    def grab(self) -> bool:
        self.item = self.script.pop(0) if self.script else None
        if isinstance(self.item, float):
            time.sleep(self.item)
            return self.grab()
        time.sleep(0.005)
        return self.item is not None

    def retrieve(self) -> tuple[bool, np.ndarray | None]:
        assert not isinstance(self.item, float)
        return self.item is not None, self.item

    def get(self, prop: int) -> float:
        return float(self.properties.get(prop, -1.0))

    def set(self, prop: int, value: float) -> bool:
        self.calls.append((prop, value))
        self.properties[prop] = value
        return True

    def release(self) -> None:
        self.released.set()


CAMERA = Camera("v4l2:046d:0825:ABC", "Loupe cam", "/dev/video4", cv2.CAP_V4L2)


def camera_source(capture: FakeCapture, **wishes: object) -> CameraSource:
    return CameraSource(CAMERA.identity, find=lambda _: CAMERA, open_capture=lambda *_: capture, **wishes)  # type: ignore[arg-type]


def test_a_camera_gives_rgb_and_says_when_it_is_gone() -> None:
    blue = np.zeros((96, 128, 3), np.uint8)
    blue[..., 0] = 200
    capture = FakeCapture([blue] * 5)
    source = camera_source(capture)
    info = source.open()
    assert (info.identity, info.width, info.fps, info.is_live) == (CAMERA.identity, 128, 30.0, True)
    assert source.read(1.0).pixels[0, 0].tolist() == [0, 0, 200]
    with pytest.raises(SourceError, match="no pictures any more"):
        read_on(source)
    source.close()
    assert capture.released.is_set()


def test_format_and_controls_are_set_and_read_back_automatics_first() -> None:
    capture = FakeCapture([np.zeros((96, 128), np.uint8)] * 50)
    source = camera_source(
        capture, wish=CameraFormat(1280, 720, 60.0, "MJPG"), controls={"exposure": 120.0, "auto_exposure": 1.0}
    )
    info = source.open()
    order = [prop for prop, _ in capture.calls]
    assert order.index(cv2.CAP_PROP_FOURCC) < order.index(cv2.CAP_PROP_FRAME_WIDTH)
    assert order.index(cv2.CAP_PROP_AUTO_EXPOSURE) < order.index(cv2.CAP_PROP_EXPOSURE)
    assert info.controls == {"exposure": 120.0, "auto_exposure": 1.0}
    assert (info.width, info.height) == (1280, 720)
    assert source.read(1.0).pixels.shape == (96, 128, 3)
    source.close()


def test_a_control_can_be_changed_while_the_camera_runs_and_is_set_again_after_replugging() -> None:
    capture = FakeCapture([np.zeros((96, 128, 3), np.uint8)] * 100)
    source = camera_source(capture)
    assert source.open().controls == {}
    source.adjust("gain", 12.0)
    for _ in range(3):  # one may wait already and one be under way
        source.read(1.0)
    assert source.controls() == {"gain": 12.0}
    with pytest.raises(SourceError, match="no camera control"):
        source.adjust("glow", 1.0)
    assert source.open().controls == {"gain": 12.0}
    source.close()


def test_a_camera_closed_while_it_opens_is_freed() -> None:
    capture, may_open = FakeCapture([np.zeros((96, 128, 3), np.uint8)]), threading.Event()

    def slow_open(*_: object) -> FakeCapture:
        may_open.wait()
        return capture

    source = CameraSource(CAMERA.identity, find=lambda _: CAMERA, open_capture=slow_open)
    refusals: list[str] = []

    def opening() -> None:
        try:
            source.open()
        except SourceError as error:
            refusals.append(error.sentence)

    thread = threading.Thread(target=opening)
    thread.start()
    time.sleep(0.05)
    source.close()
    may_open.set()
    thread.join()
    assert "closed while" in refusals[0]
    assert capture.released.is_set()


def test_the_real_opencv_is_driven_the_same_way(tmp_path: Path) -> None:
    path = tmp_path / "a.ts"
    path.write_bytes(mpeg_ts(tmp_path))
    camera = Camera("v4l2:a:b:c", "A file for a camera", str(path), cv2.CAP_FFMPEG)
    source = CameraSource(camera.identity, find=lambda _: camera)
    info = source.open()
    assert (info.width, info.height) == (128, 96)
    assert source.read(2.0).pixels.shape == (96, 128, 3)
    with pytest.raises(SourceError, match="no pictures any more"):
        read_on(source)
    source.close()


def test_a_camera_that_cannot_be_opened_is_one_sentence() -> None:
    camera = Camera("v4l2:a:b:c", "Ghost cam", "/dev/video99", cv2.CAP_V4L2)
    with pytest.raises(SourceError, match="Ghost cam cannot be opened"):
        CameraSource(camera.identity, find=lambda _: camera).open()


def test_opencvs_own_qt_paths_are_forgotten_and_a_users_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    inside = str(Path(cv2.__file__).parent / "qt" / "plugins")
    monkeypatch.setenv("QT_QPA_PLATFORM_PLUGIN_PATH", inside)
    monkeypatch.setenv("QT_QPA_FONTDIR", "/usr/share/fonts")
    take_back_qt_paths()
    assert "QT_QPA_PLATFORM_PLUGIN_PATH" not in os.environ
    assert os.environ["QT_QPA_FONTDIR"] == "/usr/share/fonts"


def test_an_unknown_control_is_refused_at_once() -> None:
    with pytest.raises(SourceError, match="no camera control 'glow'"):
        CameraSource("any", controls={"glow": 1.0})


def test_a_hung_driver_times_out_and_can_be_closed_and_frees_itself_later() -> None:
    capture = FakeCapture([1.2, np.zeros((96, 128, 3), np.uint8)])
    source = camera_source(capture)
    source.open()
    begin = time.monotonic()
    with pytest.raises(SourceTimeout):
        source.read(0.1)
    source.close()
    assert time.monotonic() - begin < 1.0
    assert not capture.released.is_set()
    assert capture.released.wait(2.0)


def test_close_wakes_a_waiting_reader() -> None:
    source = camera_source(FakeCapture([0.6]))
    source.open()
    threading.Timer(0.1, source.close).start()
    with pytest.raises(SourceError, match="closed"):
        source.read(5.0)
    while any(thread.name.startswith("grab") for thread in threading.enumerate()):
        time.sleep(0.02)


def test_frames_that_the_reader_missed_show_as_a_gap() -> None:
    source = camera_source(FakeCapture([np.zeros((96, 128, 3), np.uint8)] * 60))
    source.open()
    first = source.read(1.0)
    time.sleep(0.1)
    assert source.read(1.0).seq - first.seq > 3
    source.close()


def plug_in(sys_root: Path, number: int, port: str, name: str, serial: str = "", index: int = 0) -> None:
    usb = sys_root / "devices" / "usb1" / port
    interface = usb / f"{port}:1.0"
    node = interface / "video4linux" / f"video{number}"
    node.mkdir(parents=True)
    (usb / "idVendor").write_text("046d\n")
    (usb / "idProduct").write_text("0825\n")
    if serial:
        (usb / "serial").write_text(f"{serial}\n")
    (node / "name").write_text(f"{name}\n")
    (node / "index").write_text(f"{index}\n")
    (node / "device").symlink_to(interface)
    shelf = sys_root / "class" / "video4linux"
    shelf.mkdir(parents=True, exist_ok=True)
    (shelf / f"video{number}").symlink_to(node)


def test_linux_cameras_are_known_by_vendor_product_and_serial_without_opening_them(tmp_path: Path) -> None:
    plug_in(tmp_path, 0, "1-1", "Handpiece cam", serial="SN42")
    plug_in(tmp_path, 10, "1-2", "Twin")
    plug_in(tmp_path, 2, "1-3", "Twin")
    cameras = v4l2_cameras(tmp_path, Path("/dev"))
    assert [(camera.identity, camera.address) for camera in cameras] == [
        ("v4l2:046d:0825:SN42", "/dev/video0"),
        ("v4l2:046d:0825:1-3:1.0", "/dev/video2"),
        ("v4l2:046d:0825:1-2:1.0", "/dev/video10"),
    ]


def test_a_machine_without_cameras_lists_none(tmp_path: Path) -> None:
    assert v4l2_cameras(tmp_path, Path("/dev")) == []


def test_cameras_of_other_systems_are_known_by_usb_number_and_path(monkeypatch: pytest.MonkeyPatch) -> None:
    path = r"\\?\usb#vid_046d&pid_0825&mi_00#7&1a2b#{65e8773d}\global"
    seen = [
        SimpleNamespace(index=0, name="Handpiece cam", path=path, vid=0x046D, pid=0x0825),
        SimpleNamespace(index=1, name="Screen grabber", path=None, vid=None, pid=None),
    ]
    monkeypatch.setitem(sys.modules, "cv2_enumerate_cameras", SimpleNamespace(enumerate_cameras=lambda _: seen))
    monkeypatch.setattr(sys, "platform", "win32")
    cameras = list_cameras()
    assert [camera.identity for camera in cameras] == [
        "dshow:046d:0825:usb#vid_046d&pid_0825&mi_00#7&1a2b#{65e8773d}/global",
        "dshow:unknown:Screen grabber",
    ]
    assert find_camera(cameras[1].identity).address == 1
    assert find_camera("handpiece").address == 0
    with pytest.raises(SourceError, match="not there"):
        find_camera("046d:9999")
