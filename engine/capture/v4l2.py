"""Asks a Linux camera for its true control ranges and its formats; asking does not start it and works while it runs."""

from __future__ import annotations

import fcntl
import os
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from engine.capture.controls import ControlRange, FormatChoice
from engine.errors import SourceError

# Request numbers and layouts of linux/videodev2.h
QUERY_CONTROL, QUERY_CONTROL_LAYOUT = 36, "II32siiiiI8x"
GET_CONTROL, GET_CONTROL_LAYOUT = 27, "Ii"
QUERY_MENU, QUERY_MENU_LAYOUT = 37, "II32s4x"
FORMAT, FORMAT_LAYOUT = 2, "III32sI16x"
FRAME_SIZE, FRAME_SIZE_LAYOUT = 74, "III6I8x"
FRAME_INTERVAL, FRAME_INTERVAL_LAYOUT = 75, "IIIII6I8x"
CAPTURE = 1  # V4L2_BUF_TYPE_VIDEO_CAPTURE
DISCRETE = 1  # V4L2_FRMSIZE_TYPE_DISCRETE, V4L2_FRMIVAL_TYPE_DISCRETE
DISABLED, INACTIVE = 0x1, 0x10  # control flags
KINDS = {2: "switch", 3: "choice"}  # V4L2_CTRL_TYPE_BOOLEAN, V4L2_CTRL_TYPE_MENU; all others are numbers here
CONTROL_IDS = {
    "auto_exposure": 0x9A0901,
    "auto_white_balance": 0x98090C,
    "auto_focus": 0x9A090C,
    "exposure": 0x9A0902,
    "gain": 0x980913,
    "white_balance_k": 0x98091A,
    "focus": 0x9A090A,
    "zoom": 0x9A090D,
    "brightness": 0x980900,
    "contrast": 0x980901,
    "saturation": 0x980902,
    "sharpness": 0x98091B,
    "gamma": 0x980910,
    "backlight": 0x98091C,
}  # the names are those of engine.capture.opencv.CONTROLS

Ioctl = Callable[[int, int, bytearray], int]


def _kernel(device: int, request: int, buffer: bytearray) -> int:
    return int(fcntl.ioctl(device, request, buffer))


def control_ranges(path: str, ioctl: Ioctl = _kernel) -> dict[str, ControlRange]:
    """Every control that the camera at `path` has, by our name for it."""
    found = {}
    with _opened(path) as device:
        for name, control_id in CONTROL_IDS.items():
            answer = _ask(ioctl, device, QUERY_CONTROL, QUERY_CONTROL_LAYOUT, control_id, 0, b"", 0, 0, 0, 0, 0)
            if answer is None or answer[7] & DISABLED:
                continue
            low, high, step, default, flags = answer[3:8]
            kind = KINDS.get(answer[1], "number")
            choices = tuple(_menu(ioctl, device, control_id, low, high)) if kind == "choice" else ()
            is_active = not flags & INACTIVE
            found[name] = ControlRange(name, low, high, max(1, step), default, is_active, kind, choices)
    return found


def control_values(path: str, ioctl: Ioctl = _kernel) -> dict[str, int]:
    """Every control's value as the camera has it now, by our name for it; one that cannot be read is left out."""
    found = {}
    with _opened(path) as device:
        for name, control_id in CONTROL_IDS.items():
            answer = _ask(ioctl, device, GET_CONTROL, GET_CONTROL_LAYOUT, control_id, 0)
            if answer is not None:
                found[name] = int(answer[1])
    return found


def format_choices(path: str, ioctl: Ioctl = _kernel) -> list[FormatChoice]:
    """Every discrete format of the camera at `path`, largest and fastest first."""
    choices = []
    with _opened(path) as device:
        for index in range(64):
            answer = _ask(ioctl, device, FORMAT, FORMAT_LAYOUT, index, CAPTURE, 0, b"", 0)
            if answer is None:
                break
            code = answer[4]
            for width, height in _sizes(ioctl, device, code):
                fourcc = struct.pack("<I", code).decode("ascii", "replace")
                choices.append(FormatChoice(fourcc, width, height, _fastest(ioctl, device, code, width, height)))
    return sorted(choices, key=lambda choice: (-choice.width * choice.height, -choice.fps, choice.fourcc))


def _menu(ioctl: Ioctl, device: int, control_id: int, low: int, high: int) -> Iterator[tuple[int, str]]:
    """Value and name of each entry; a camera leaves out those that it cannot do."""
    for index in range(low, high + 1):
        answer = _ask(ioctl, device, QUERY_MENU, QUERY_MENU_LAYOUT, control_id, index, b"")
        if answer is not None:
            yield index, bytes(answer[2]).split(b"\0")[0].decode("utf-8", "replace")


def _sizes(ioctl: Ioctl, device: int, code: int) -> Iterator[tuple[int, int]]:
    """Picture sizes of one pixel format; of a stepless camera the largest."""
    for index in range(256):
        answer = _ask(ioctl, device, FRAME_SIZE, FRAME_SIZE_LAYOUT, index, code, 0, 0, 0, 0, 0, 0, 0)
        if answer is None:
            return
        if answer[2] != DISCRETE:
            yield answer[4], answer[7]  # min_w, MAX_W, step_w, min_h, MAX_H, step_h
            return
        yield answer[3], answer[4]


def _fastest(ioctl: Ioctl, device: int, code: int, width: int, height: int) -> float:
    """Frames a second at the shortest interval offered; 0 when the camera does not say."""
    fastest = 0.0
    for index in range(64):
        layout = FRAME_INTERVAL_LAYOUT
        answer = _ask(ioctl, device, FRAME_INTERVAL, layout, index, code, width, height, 0, 0, 0, 0, 0, 0, 0)
        if answer is None:
            break
        numerator, denominator = answer[5], answer[6]  # of a stepless camera the shortest interval
        fastest = max(fastest, denominator / numerator if numerator else 0.0)
        if answer[4] != DISCRETE:
            break
    return fastest


def _ask(ioctl: Ioctl, device: int, number: int, layout: str, *values: int | bytes) -> tuple[Any, ...] | None:
    """One request; None when the camera has no (further) answer."""
    buffer = bytearray(struct.pack(layout, *values))
    request = (3 << 30) | (len(buffer) << 16) | (ord("V") << 8) | number
    try:
        ioctl(device, request, buffer)
    except OSError:
        return None
    return struct.unpack(layout, buffer)


@contextmanager
def _opened(path: str) -> Iterator[int]:
    """The device node's file descriptor."""
    try:
        device = os.open(path, os.O_RDWR | os.O_NONBLOCK)
    except OSError as error:
        raise SourceError(
            f"The camera {path} cannot be asked: {error.strerror}.", "Check that it is plugged in and may be used."
        ) from error
    try:
        yield device
    finally:
        os.close(device)
