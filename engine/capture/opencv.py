"""A camera through OpenCV (V4L2, DirectShow, Media Foundation, AVFoundation), known by identity, with its controls."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping
from threading import Event, Lock, Thread
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.capture.controls import CameraFormat, CameraSettings, Control, FormatChoice
from engine.capture.decoder import MIN_SIDE_PX
from engine.capture.discover import Camera, find_camera
from engine.capture.driver import Driver, driver_of
from engine.capture.grabber import Grabber
from engine.capture.source import SourceInfo
from engine.errors import SourceError
from engine.values import Frame, Image

OPEN_TIMEOUT_S = 10.0
FAILED_GRABS = 3  # in a row; USB hiccups give one, an unplugged camera only these
FAILED_GRAB_PAUSE_S = 0.02
DECODES_KEPT = 120
NOT_THERE = -1.0  # OpenCV's answer for a control that the camera lacks
CONTROLS: dict[str, int] = {
    "auto_exposure": cv2.CAP_PROP_AUTO_EXPOSURE,
    "auto_white_balance": cv2.CAP_PROP_AUTO_WB,
    "auto_focus": cv2.CAP_PROP_AUTOFOCUS,
    "exposure": cv2.CAP_PROP_EXPOSURE,
    "gain": cv2.CAP_PROP_GAIN,
    "white_balance_k": cv2.CAP_PROP_WB_TEMPERATURE,
    "focus": cv2.CAP_PROP_FOCUS,
    "zoom": cv2.CAP_PROP_ZOOM,
    "brightness": cv2.CAP_PROP_BRIGHTNESS,
    "contrast": cv2.CAP_PROP_CONTRAST,
    "saturation": cv2.CAP_PROP_SATURATION,
    "sharpness": cv2.CAP_PROP_SHARPNESS,
    "gamma": cv2.CAP_PROP_GAMMA,
    "backlight": cv2.CAP_PROP_BACKLIGHT,
}  # automatics first: a camera refuses a manual value while its automatic is on


class Capture(Protocol):
    """What is used of cv2.VideoCapture."""

    def isOpened(self) -> bool:
        """Whether the device is open."""
        ...

    def grab(self) -> bool:
        """Wait for the next picture and take it from the driver, still packed."""
        ...

    def retrieve(self) -> tuple[bool, NDArray[np.uint8] | None]:
        """Unpack it: success and a BGR or gray picture."""
        ...

    def get(self, prop: int) -> float:
        """A property as the driver has it."""
        ...

    def set(self, prop: int, value: float) -> bool:
        """Ask the driver for a value."""
        ...

    def release(self) -> None:
        """Free the device."""
        ...


def _opencv_capture(address: str | int, backend: int) -> Capture:
    capture: Capture = cv2.VideoCapture(address, backend)
    return capture


def _nothing_kept(_: str) -> CameraSettings:
    return CameraSettings()


class CameraSource:
    """One camera. The driver runs on a thread of its own, so a hung call never holds the reader or `close`."""

    def __init__(
        self,
        identity: str,
        wish: CameraFormat | None = None,
        controls: Mapping[str, float] | None = None,
        find: Callable[[str], Camera] = find_camera,
        open_capture: Callable[[str | int, int], Capture] = _opencv_capture,
        recall: Callable[[str], CameraSettings] = _nothing_kept,
    ) -> None:
        """`recall` gives the settings that are kept for an identity; `wish` and `controls` go before them."""
        unknown = set(controls or ()) - set(CONTROLS)
        if unknown:
            raise SourceError(f"There is no camera control '{min(unknown)}'.", f"Known are: {', '.join(CONTROLS)}.")
        self._identity = identity
        self._wish = wish
        self._controls = dict(controls or {})
        self._find, self._open_capture, self._recall = find, open_capture, recall
        self._grabber: Grabber | None = None
        self._grab: _Grab | None = None
        self._driver = Driver()
        self._closed = Event()

    @property
    def identity(self) -> str:
        """Vendor, product and serial; the same after replugging."""
        return self._identity

    @property
    def expected_size(self) -> tuple[int, int] | None:
        """What was wished for, or what the camera was signed off with; the driver may give another size."""
        wish = self._wish or self._recall(self._identity).format
        return (wish.height, wish.width) if wish.width and wish.height else None

    def open(self) -> SourceInfo:
        """Find the camera where it is plugged in now, set its format and controls, and read them back."""
        self.close()
        self._closed.clear()
        camera = self._find(self._identity)
        capture = _open_within(OPEN_TIMEOUT_S, camera, self._open_capture)
        if self._closed.is_set():  # given up by another thread while the driver kept us waiting
            capture.release()
            raise SourceError(f"{camera.name} was closed while it was being opened.", "Open it again.")
        kept = self._recall(camera.identity)
        _apply_format(capture, self._wish or kept.format)
        wanted = {**kept.controls, **self._controls}
        for name in CONTROLS:
            if name in wanted:
                capture.set(CONTROLS[name], wanted[name])
        width, height = (round(capture.get(p)) for p in (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT))
        if min(width, height) < MIN_SIDE_PX:
            capture.release()
            raise SourceError(
                f"{camera.name} gives only {width}x{height} pixels.",
                f"Choose a format of at least {MIN_SIDE_PX}x{MIN_SIDE_PX}.",
            )
        self._driver, self._grab = driver_of(camera), _Grab(capture, camera.name)
        controls = dict(self._grab.controls)
        self._grabber = Grabber(camera.name, self._grab.grab, capture.release)
        return SourceInfo(
            identity=camera.identity,
            name=camera.name,
            width=width,
            height=height,
            fps=max(0.0, capture.get(cv2.CAP_PROP_FPS)),
            is_live=True,
            controls=controls,
        )

    def read(self, timeout_s: float) -> Frame:
        """The newest frame."""
        if self._grabber is None:
            raise SourceError(f"The camera {self._identity} is closed.", "Open it again.")
        return self._grabber.read(timeout_s)

    def adjust(self, name: str, value: float) -> None:
        """Set one control while the camera runs; done by the grabbing thread before its next picture."""
        if name not in CONTROLS:
            raise SourceError(f"There is no camera control '{name}'.", f"Known are: {', '.join(CONTROLS)}.")
        self._controls[name] = value  # kept, so that it is set again after replugging
        if self._grab is not None:
            self._grab.wishes.append((name, value))

    def controls(self) -> dict[str, float]:
        """Controls as the camera last read them back."""
        return {} if self._grab is None else dict(self._grab.controls)

    def look(self) -> list[Control]:
        """Every control with its true range and its value as the driver has it now. Call it on a worker."""
        ranges = self._driver.ranges()
        values = self._driver.values() if ranges else self.controls()
        return [Control(name, values[name], ranges.get(name)) for name in CONTROLS if name in values]

    def offered_formats(self) -> list[FormatChoice]:
        """What the camera offers; empty where the system does not tell. Call it on a worker."""
        return self._driver.formats()

    def decode_ms(self) -> float | None:
        """Median milliseconds that unpacking a picture took of late, as far as it happens on our side of the driver."""
        taken = [] if self._grab is None else list(self._grab.decode_ms)
        return float(np.median(taken)) if taken else None

    def settings(self) -> CameraSettings:
        """Format and controls as read back. What an automatic governs is left out: it would be refused, or stale."""
        grab = self._grab
        controls = [] if grab is None else self.look()
        kept = {one.name: one.value for one in controls if one.range is None or one.range.is_active}
        return CameraSettings(CameraFormat() if grab is None else grab.format, kept)

    def in_format(self, wish: CameraFormat) -> CameraSource:
        """The same camera with the same wishes, not yet opened, in another format."""
        return CameraSource(self._identity, wish, self._controls, self._find, self._open_capture, self._recall)

    def close(self) -> None:
        """Free the camera; one whose driver hangs is freed as soon as the driver comes back."""
        self._closed.set()
        grabber, self._grabber = self._grabber, None
        if grabber is not None:
            grabber.close()


class _Grab:
    """Turns the driver's reads into RGB pictures or one clear error."""

    def __init__(self, capture: Capture, name: str) -> None:
        self._capture, self._name = capture, name
        self.wishes: deque[tuple[str, float]] = deque()
        self.decode_ms: deque[float] = deque(maxlen=DECODES_KEPT)
        self.format = _format_of(capture)
        self.controls = {key: value for key, prop in CONTROLS.items() if (value := capture.get(prop)) != NOT_THERE}

    def grab(self) -> Image:
        """The next picture; a few failures in a row mean that the camera is gone."""
        while self.wishes:  # here, since drivers do not bear being set and read at the same time
            name, value = self.wishes.popleft()
            self._capture.set(CONTROLS[name], value)
            self.controls = self.controls | {name: self._capture.get(CONTROLS[name])}
        for _ in range(FAILED_GRABS):
            if self._capture.grab() and (pixels := self._unpack()) is not None:
                return pixels
            time.sleep(FAILED_GRAB_PAUSE_S)
        raise SourceError(f"{self._name} sends no pictures any more.", "Plug it in again; it is reopened by itself.")

    def _unpack(self) -> Image | None:
        """The grabbed picture as RGB, and how long that took."""
        began = time.perf_counter_ns()
        is_good, picture = self._capture.retrieve()
        if not is_good or picture is None or not picture.size:
            return None
        is_gray = picture.ndim == 2 or picture.shape[2] == 1
        pixels = cv2.cvtColor(picture, cv2.COLOR_GRAY2RGB if is_gray else cv2.COLOR_BGR2RGB)
        self.decode_ms.append((time.perf_counter_ns() - began) / 1e6)
        return np.asarray(pixels, np.uint8)


def _format_of(capture: Capture) -> CameraFormat:
    """What the driver made of the wish."""
    width, height, fps, code = (
        capture.get(prop)
        for prop in (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT, cv2.CAP_PROP_FPS, cv2.CAP_PROP_FOURCC)
    )
    letters = int(code).to_bytes(4, "little") if code > 0 else b""
    return CameraFormat(round(width), round(height), max(0.0, fps), letters.decode("ascii", "replace").strip("\0"))


def _apply_format(capture: Capture, wish: CameraFormat) -> None:
    """Ask for the format; the pixel code first, since it decides which sizes and rates exist."""
    if wish.fourcc:
        capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*wish.fourcc))
    for prop, value in (
        (cv2.CAP_PROP_FRAME_WIDTH, wish.width),
        (cv2.CAP_PROP_FRAME_HEIGHT, wish.height),
        (cv2.CAP_PROP_FPS, wish.fps),
    ):
        if value:
            capture.set(prop, float(value))
    capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)  # a longer queue in the driver is only latency


def _open_within(timeout_s: float, camera: Camera, open_capture: Callable[[str | int, int], Capture]) -> Capture:
    """Open the device within `timeout_s`; one that opens later is freed by the thread that opened it."""
    opened: list[Capture] = []
    done, handing_over = Event(), Lock()
    is_wanted = True

    def attempt() -> None:
        capture = open_capture(camera.address, camera.backend)
        with handing_over:
            if is_wanted:
                opened.append(capture)
            else:
                capture.release()
        done.set()

    Thread(target=attempt, name=f"open {camera.name}", daemon=True).start()
    done.wait(timeout_s)
    with handing_over:
        is_wanted = False
    if not opened:
        raise SourceError(f"{camera.name} does not answer.", "Unplug it, wait two seconds, plug it in again.")
    if not opened[0].isOpened():
        opened[0].release()
        raise SourceError(
            f"{camera.name} cannot be opened.", "Close other programs that use it, and check your right to use cameras."
        )
    return opened[0]
