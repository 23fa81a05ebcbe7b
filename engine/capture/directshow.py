"""Asks a Windows camera for its true control ranges through DirectShow, by plain COM calls: no library is needed.

Asking binds the camera's filter a second time without starting it, as the driver's own dialog does while it runs.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ctypes import POINTER, c_long, c_ulong, c_void_p, cast, pointer
from typing import Any
from uuid import UUID

from engine.capture.controls import ControlRange

PROTOTYPE = getattr(ctypes, "WINFUNCTYPE", ctypes.CFUNCTYPE)  # the same on 64 bit; only Windows has the first
# Places in the interfaces' tables of functions; the first three are IUnknown's
QUERY_INTERFACE, RELEASE = 0, 2
CREATE_CLASS_ENUMERATOR = 3  # ICreateDevEnum
NEXT, SKIP = 3, 4  # IEnumMoniker
BIND_TO_OBJECT = 8  # IMoniker
GET_RANGE, GET = 3, 5  # IAMCameraControl and IAMVideoProcAmp
DEVICE_ENUMERATOR = UUID("62be5d10-60eb-11d0-bd3b-00a0c911ce86")
CREATE_DEVICE_ENUMERATOR = UUID("29840822-5b84-11d0-bd3b-00a0c911ce86")
VIDEO_INPUTS = UUID("860bb310-5d01-11d0-bd3b-00a0c911ce86")
BASE_FILTER = UUID("56a86895-0ad4-11ce-b03a-0020af0ba770")
CAMERA = UUID("c6e13370-30ac-11d0-a18c-00a0c9118956")  # IAMCameraControl
PROCESSING = UUID("c6e13360-30ac-11d0-a18c-00a0c9118956")  # IAMVideoProcAmp
AUTOMATIC = 1  # CameraControl_Flags_Auto, VideoProcAmp_Flags_Auto
IN_PROCESS = 1  # CLSCTX_INPROC_SERVER
PROPERTIES: dict[str, tuple[UUID, int]] = {
    "exposure": (CAMERA, 4),  # the base-2 logarithm of seconds, as OpenCV has it too
    "focus": (CAMERA, 6),
    "zoom": (CAMERA, 3),
    "gain": (PROCESSING, 9),
    "white_balance_k": (PROCESSING, 7),
    "brightness": (PROCESSING, 0),
    "contrast": (PROCESSING, 1),
    "saturation": (PROCESSING, 3),
    "sharpness": (PROCESSING, 4),
    "gamma": (PROCESSING, 5),
    "backlight": (PROCESSING, 8),
}  # the names are those of engine.capture.opencv.CONTROLS
AUTOMATICS = {"exposure": "auto_exposure", "focus": "auto_focus", "white_balance_k": "auto_white_balance"}
Guid = ctypes.c_ubyte * 16
CreateInstance = Callable[[Any, Any, int, Any, Any], int]  # ole32.CoCreateInstance


def control_ranges(index: int, create: CreateInstance | None = None) -> dict[str, ControlRange]:
    """Every control that the camera with OpenCV's `index` has, by our name; empty if DirectShow does not answer."""
    found: dict[str, ControlRange] = {}
    for name, (low, high, step, default, can), (_, flags) in _answers(index, create):
        is_automatic = bool(flags & AUTOMATIC)
        found[name] = ControlRange(name, low, high, max(1, step), default, not is_automatic)
        if name in AUTOMATICS and can & AUTOMATIC:
            governor = AUTOMATICS[name]
            found[governor] = ControlRange(governor, 0, 1, 1, 1, is_active=True, kind="switch")
    return found


def control_values(index: int, create: CreateInstance | None = None) -> dict[str, int]:
    """Every control's value as the camera has it now, by our name for it."""
    found: dict[str, int] = {}
    for name, (*_, can), (value, flags) in _answers(index, create):
        found[name] = value
        if name in AUTOMATICS and can & AUTOMATIC:
            found[AUTOMATICS[name]] = int(bool(flags & AUTOMATIC))
    return found


def _answers(
    index: int, create: CreateInstance | None
) -> Iterator[tuple[str, tuple[int, int, int, int, int], tuple[int, int]]]:
    """Name; minimum, maximum, step, default and what it can; value and flags. What the camera lacks is left out."""
    with _apartment(create) as create_instance:
        camera = _camera(index, create_instance) if create_instance is not None else None
        if camera is None:
            return
        interfaces = {each: _query(camera, each) for each in (CAMERA, PROCESSING)}
        for name, (interface, number) in PROPERTIES.items():
            asked = interfaces[interface]
            numbers = [c_long() for _ in range(7)]
            if (
                asked is not None
                and _call(asked, GET_RANGE, c_long(number), *map(pointer, numbers[:5])) == 0
                and _call(asked, GET, c_long(number), *map(pointer, numbers[5:])) == 0
            ):
                low, high, step, default, can, value, flags = (one.value for one in numbers)
                yield name, (low, high, step, default, can), (value, flags)
        for held in (*interfaces.values(), camera):
            _release(held)


@contextmanager
def _apartment(create: CreateInstance | None) -> Iterator[CreateInstance | None]:
    """COM on this thread for as long as it is used; None where there is none."""
    if create is not None or sys.platform != "win32":
        yield create
        return
    ole = ctypes.WinDLL("ole32")
    is_ours = ole.CoInitializeEx(None, 0) >= 0  # a thread that has COM already, in its own way, keeps it
    try:
        yield ole.CoCreateInstance
    finally:
        if is_ours:
            ole.CoUninitialize()


def _camera(index: int, create: CreateInstance) -> c_void_p | None:
    """The filter of the camera at `index` of the system's list."""
    maker, listed, moniker, camera = (c_void_p() for _ in range(4))
    create(_guid(DEVICE_ENUMERATOR), None, IN_PROCESS, _guid(CREATE_DEVICE_ENUMERATOR), pointer(maker))
    if not maker:
        return None
    _call(maker, CREATE_CLASS_ENUMERATOR, _guid(VIDEO_INPUTS), pointer(listed), c_ulong(0))
    if listed:
        if index:
            _call(listed, SKIP, c_ulong(index))
        _call(listed, NEXT, c_ulong(1), pointer(moniker), pointer(c_ulong()))
    if moniker:
        _call(moniker, BIND_TO_OBJECT, c_void_p(), c_void_p(), _guid(BASE_FILTER), pointer(camera))
    for held in (moniker, listed, maker):
        _release(held)
    return camera if camera else None


def _query(thing: c_void_p, interface: UUID) -> c_void_p | None:
    found = c_void_p()
    _call(thing, QUERY_INTERFACE, _guid(interface), pointer(found))
    return found if found else None


def _release(thing: c_void_p | None) -> None:
    if thing:
        _call(thing, RELEASE)


def _call(thing: c_void_p, place: int, *arguments: Any) -> int:
    """Function number `place` of a COM object; below 0 is a failure."""
    table = cast(thing, POINTER(POINTER(c_void_p))).contents
    function = PROTOTYPE(c_long, c_void_p, *(type(one) for one in arguments))(table[place])
    return int(function(thing, *arguments))


def _guid(value: UUID) -> Any:
    """A pointer to the sixteen bytes."""
    return pointer(Guid(*value.bytes_le))
