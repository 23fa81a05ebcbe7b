"""Control ranges of a Windows camera, asked through real tables of functions as COM has them."""

from __future__ import annotations

import ctypes
from ctypes import POINTER, c_long, c_ulong, c_void_p, cast
from typing import Any

import cv2

from engine.capture import directshow
from engine.capture.controls import ControlRange
from engine.capture.discover import Camera
from engine.capture.driver import Driver, driver_of

NO_INTERFACE, NOT_FOUND = -0x7FFFBFFE, -0x7FFFFFFF
EXPOSURE, GAIN = (directshow.CAMERA, 4), (directshow.PROCESSING, 9)
# As a common UVC webcam answers on Windows: exposure in powers of two of a second, automatic; gain has no automatic
RECORDED = {EXPOSURE: ((-11, -2, 1, -5, 3), (-6, 1)), GAIN: ((0, 255, 1, 64, 2), (20, 2))}
LONG = POINTER(c_long)


class Thing:
    """A COM object: a pointer to a table of functions, and how often it is held."""

    def __init__(self, functions: dict[int, tuple[Any, ...]]) -> None:
        self.held = 1
        self._kept = [
            directshow.PROTOTYPE(c_long, c_void_p, *types)(function) for function, *types in functions.values()
        ]
        release = directshow.PROTOTYPE(c_long, c_void_p)(self._release)
        self._kept.append(release)
        table = (c_void_p * 12)()
        for place, function in zip([*functions, directshow.RELEASE], self._kept, strict=True):
            table[place] = cast(function, c_void_p)
        self._table = table
        self._object = c_void_p(ctypes.addressof(table))
        self.address = ctypes.addressof(self._object)

    def _release(self, _: int) -> int:
        self.held -= 1
        return self.held


def control_interface(kind: object) -> Thing:
    """IAMCameraControl or IAMVideoProcAmp over the record."""

    def get_range(_: int, number: int, *places: Any) -> int:
        if (kind, number) not in RECORDED:
            return NOT_FOUND
        for place, value in zip(places, RECORDED[kind, number][0], strict=True):
            place[0] = value
        return 0

    def get(_: int, number: int, *places: Any) -> int:
        for place, value in zip(places, RECORDED[kind, number][1], strict=True):
            place[0] = value
        return 0

    return Thing({directshow.GET_RANGE: (get_range, c_long, *[LONG] * 5), directshow.GET: (get, c_long, *[LONG] * 2)})


class Windows:
    """Lists two cameras; the second one answers."""

    def __init__(self, *, has_cameras: bool = True) -> None:
        self.place = 0
        self.controls = {kind: control_interface(kind) for kind in (directshow.CAMERA, directshow.PROCESSING)}
        guid, out = POINTER(directshow.Guid), POINTER(c_void_p)
        self.filter = Thing({directshow.QUERY_INTERFACE: (self._query, guid, out)})
        self.moniker = Thing({directshow.BIND_TO_OBJECT: (self._bind, c_void_p, c_void_p, guid, out)})
        self.list = Thing(
            {
                directshow.NEXT: (self._next, c_ulong, out, POINTER(c_ulong)),
                directshow.SKIP: (self._skip, c_ulong),
            }
        )
        self.maker = Thing({directshow.CREATE_CLASS_ENUMERATOR: (self._enumerate, guid, out, c_ulong)})
        self._has_cameras = has_cameras

    def create(self, which: Any, _outer: Any, _where: int, interface: Any, out: Any) -> int:
        assert bytes(which[0]) == directshow.DEVICE_ENUMERATOR.bytes_le
        assert bytes(interface[0]) == directshow.CREATE_DEVICE_ENUMERATOR.bytes_le
        out[0] = self.maker.address
        return 0

    def _enumerate(self, _: int, category: Any, out: Any, _flags: int) -> int:
        assert bytes(category[0]) == directshow.VIDEO_INPUTS.bytes_le
        out[0] = self.list.address if self._has_cameras else None
        return 0 if self._has_cameras else 1  # S_FALSE

    def _skip(self, _: int, count: int) -> int:
        self.place += count
        return 0

    def _next(self, _: int, _count: int, out: Any, _fetched: Any) -> int:
        out[0] = self.moniker.address if self.place < 2 else None
        return 0 if self.place < 2 else 1

    def _bind(self, _this: int, _context: int, _left: int, _interface: Any, out: Any) -> int:
        assert self.place == 1
        out[0] = self.filter.address
        return 0

    def _query(self, _: int, interface: Any, out: Any) -> int:
        for kind, thing in self.controls.items():
            if bytes(interface[0]) == kind.bytes_le:
                out[0] = thing.address
                return 0
        return NO_INTERFACE


def test_controls_come_with_their_true_ranges_and_what_an_automatic_has_is_told() -> None:
    windows = Windows()
    ranges = directshow.control_ranges(1, windows.create)
    assert ranges == {
        "exposure": ControlRange("exposure", -11, -2, 1, -5, is_active=False),
        "auto_exposure": ControlRange("auto_exposure", 0, 1, 1, 1, is_active=True, kind="switch"),
        "gain": ControlRange("gain", 0, 255, 1, 64, is_active=True),
    }
    assert directshow.control_values(1, Windows().create) == {"exposure": -6, "auto_exposure": 1, "gain": 20}


def test_whatever_is_taken_hold_of_is_let_go() -> None:
    windows = Windows()
    directshow.control_ranges(1, windows.create)
    things = [windows.maker, windows.list, windows.moniker, windows.filter, *windows.controls.values()]
    assert [one.held for one in things] == [0] * 6


def test_a_camera_that_is_not_listed_has_no_ranges() -> None:
    assert directshow.control_ranges(7, Windows().create) == {}
    assert directshow.control_ranges(0, Windows(has_cameras=False).create) == {}
    assert directshow.control_ranges(0, lambda *_: NO_INTERFACE) == {}


def test_each_camera_is_asked_the_way_it_is_reached() -> None:
    on_windows = driver_of(Camera("dshow:1:2:3", "Loupe cam", 1, cv2.CAP_DSHOW))
    assert on_windows.formats() == []
    on_mac = driver_of(Camera("avfoundation:1:2:3", "Loupe cam", 0, cv2.CAP_AVFOUNDATION))
    assert on_mac == Driver()
    assert (on_mac.ranges(), on_mac.values(), on_mac.formats()) == ({}, {}, [])
