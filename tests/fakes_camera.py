"""A USB camera that answers V4L2 requests and OpenCV calls from one recorded table of controls."""

from __future__ import annotations

import errno
import struct
import threading
import time

import cv2
import numpy as np

from engine.capture import v4l2
from engine.capture.opencv import CONTROLS
from engine.values import Image

# name: V4L2 type, minimum, maximum, step, default; as a common full-HD UVC webcam lists them
TABLE: dict[str, tuple[int, int, int, int, int]] = {
    "auto_exposure": (3, 0, 3, 1, 3),
    "auto_white_balance": (2, 0, 1, 1, 1),
    "auto_focus": (2, 0, 1, 1, 1),
    "exposure": (1, 3, 2047, 1, 250),
    "gain": (1, 0, 255, 1, 0),
    "white_balance_k": (1, 2000, 6500, 1, 4000),
    "focus": (1, 0, 250, 5, 0),
    "brightness": (1, 0, 255, 1, 128),
    "contrast": (1, 0, 255, 1, 128),
    "saturation": (1, 0, 255, 1, 128),
    "sharpness": (1, 0, 255, 1, 128),
    "backlight": (1, 0, 1, 1, 0),
}
MENU = {1: b"Manual Mode", 3: b"Aperture Priority Mode"}
GOVERNORS = {
    "exposure": ("auto_exposure", 3),
    "white_balance_k": ("auto_white_balance", 1),
    "focus": ("auto_focus", 1),
}
FORMATS = {b"MJPG": [(1280, 720, 60), (640, 480, 90)], b"YUYV": [(640, 480, 30)]}
NAMES = {control_id: name for name, control_id in v4l2.CONTROL_IDS.items()}
PROPS = {prop: name for name, prop in CONTROLS.items()}


class UvcCamera:
    """Its firmware: values that survive nothing but power, steps that round, automatics that refuse a manual value."""

    def __init__(self, picture: Image | None = None) -> None:
        self.picture = np.full((96, 128, 3), 90, np.uint8) if picture is None else picture
        self.plug_in()

    def plug_in(self) -> None:
        """Power again: everything is as the factory left it."""
        self.values = {name: row[4] for name, row in TABLE.items()}
        self.format = {cv2.CAP_PROP_FRAME_WIDTH: 640.0, cv2.CAP_PROP_FRAME_HEIGHT: 480.0, cv2.CAP_PROP_FPS: 30.0}
        self.format[cv2.CAP_PROP_FOURCC] = float(int.from_bytes(b"YUYV", "little"))
        self.is_there = True

    def is_governed(self, name: str) -> bool:
        """Whether an automatic has this control."""
        governor, on = GOVERNORS.get(name, ("", 0))
        return bool(governor) and self.values[governor] == on

    def take(self, name: str, value: float) -> bool:
        """What the firmware makes of a wish."""
        _, low, high, step, _ = TABLE[name]
        if self.is_governed(name):
            return False
        self.values[name] = low + step * round((min(max(value, low), high) - low) / step)
        return True

    def ioctl(self, _device: int, request: int, buffer: bytearray) -> int:
        """Answers as the kernel does."""
        number = request & 0xFF
        first, second = struct.unpack_from("II", buffer)
        if number in (v4l2.QUERY_CONTROL, v4l2.GET_CONTROL) and NAMES.get(first) in TABLE:
            name = NAMES[first]
            if number == v4l2.GET_CONTROL:
                struct.pack_into(v4l2.GET_CONTROL_LAYOUT, buffer, 0, first, self.values[name])
                return 0
            kind, low, high, step, default = TABLE[name]
            flags = v4l2.INACTIVE if self.is_governed(name) else 0
            struct.pack_into(v4l2.QUERY_CONTROL_LAYOUT, buffer, 0, first, kind, b"", low, high, step, default, flags)
            return 0
        if number == v4l2.QUERY_MENU and second in MENU:
            struct.pack_into(v4l2.QUERY_MENU_LAYOUT, buffer, 0, first, second, MENU[second])
            return 0
        if number in (v4l2.FORMAT, v4l2.FRAME_SIZE, v4l2.FRAME_INTERVAL):
            return self._answer_format(number, buffer)
        raise OSError(errno.EINVAL, "not known")

    def _answer_format(self, number: int, buffer: bytearray) -> int:
        index, code, width, height = struct.unpack_from("IIII", buffer)
        codes = list(FORMATS)
        if number == v4l2.FORMAT and index < len(codes):
            code = int.from_bytes(codes[index], "little")
            struct.pack_into(v4l2.FORMAT_LAYOUT, buffer, 0, index, v4l2.CAPTURE, 0, codes[index], code)
            return 0
        if number != v4l2.FORMAT:
            sizes = FORMATS[code.to_bytes(4, "little")]
            if number == v4l2.FRAME_SIZE and index < len(sizes):
                struct.pack_into("III", buffer, 8, v4l2.DISCRETE, *sizes[index][:2])
                return 0
            if number == v4l2.FRAME_INTERVAL and index == 0:
                fps = next(fps for *size, fps in sizes if tuple(size) == (width, height))
                struct.pack_into("I", buffer, 16, v4l2.DISCRETE)
                struct.pack_into("II", buffer, 20, 1, fps)
                return 0
        raise OSError(errno.EINVAL, "no more")


class UvcCapture:
    """cv2.VideoCapture over that camera."""

    def __init__(self, camera: UvcCamera) -> None:
        self._camera = camera
        self.released = threading.Event()

    def isOpened(self) -> bool:
        """While it is plugged in."""
        return self._camera.is_there

    def grab(self) -> bool:
        """Two hundred pictures a second."""
        time.sleep(0.005)
        return self._camera.is_there

    def retrieve(self) -> tuple[bool, Image | None]:
        """The picture that was taken."""
        return True, self._camera.picture

    def get(self, prop: int) -> float:
        """-1 for what the camera lacks."""
        name = PROPS.get(prop, "")
        return float(self._camera.values.get(name, -1)) if name else self._camera.format.get(prop, -1.0)

    def set(self, prop: int, value: float) -> bool:
        """Ask the firmware."""
        name = PROPS.get(prop, "")
        if name:
            return name in TABLE and self._camera.take(name, value)
        self._camera.format[prop] = value
        return True

    def release(self) -> None:
        """Freed."""
        self.released.set()
