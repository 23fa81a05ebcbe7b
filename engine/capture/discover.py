"""Lists cameras by what they are, without opening one: looking must not switch one on or take it from a program."""

from __future__ import annotations

import importlib
import sys
from dataclasses import dataclass
from pathlib import Path

import cv2

from engine.errors import SourceError

LIBRARY = "cv2_enumerate_cameras"  # Windows and macOS; MIT licence
BACKENDS = {"win32": ("dshow", cv2.CAP_DSHOW), "darwin": ("avfoundation", cv2.CAP_AVFOUNDATION)}


@dataclass(frozen=True, slots=True)
class Camera:
    """One camera as the system lists it."""

    identity: str  # "v4l2:046d:0825:SERIAL"; without a serial the port it is plugged into takes its place
    name: str
    address: str | int  # for OpenCV, good until the next replugging
    backend: int  # cv2.CAP_*


def list_cameras() -> list[Camera]:
    """Cameras that are plugged in now."""
    if sys.platform.startswith("linux"):
        return v4l2_cameras(Path("/sys"), Path("/dev"))
    if sys.platform not in BACKENDS:
        return []
    return _library_cameras(*BACKENDS[sys.platform])


def find_camera(identity: str) -> Camera:
    """The camera of that identity, wherever it is plugged in now."""
    cameras = list_cameras()
    for camera in cameras:
        if identity in (camera.identity, str(camera.address)):
            return camera
    wanted = identity.lower()
    by_name = [camera for camera in cameras if wanted in camera.name.lower() or wanted in camera.identity.lower()]
    if len(by_name) == 1:
        return by_name[0]
    if by_name:
        choices = ", ".join(camera.identity for camera in by_name)
        raise SourceError(f"'{identity}' fits {len(by_name)} cameras.", f"Name one of: {choices}.")
    seen = ", ".join(f"{camera.identity} ({camera.name})" for camera in cameras)
    remedy = f"Cameras here: {seen}." if seen else "No camera is plugged in: check the cable, or use --demo."
    raise SourceError(f"The camera '{identity}' is not there.", remedy)


def v4l2_cameras(sys_root: Path, dev_root: Path) -> list[Camera]:
    """Capture devices of Linux, read from sysfs; the second node that UVC cameras show (metadata) is left out."""
    cameras: dict[str, Camera] = {}
    nodes = sorted((sys_root / "class" / "video4linux").glob("video*"), key=lambda node: int(node.name[5:]))
    for node in nodes:
        if _text(node / "index") not in ("", "0"):
            continue
        identity, name = _v4l2_identity(node), _text(node / "name") or node.name
        if identity in cameras:  # two of a kind without a serial: the port tells them apart
            identity = f"{identity}@{_port(node)}"
        cameras[identity] = Camera(identity, name, str(dev_root / node.name), cv2.CAP_V4L2)
    return list(cameras.values())


def _v4l2_identity(node: Path) -> str:
    """Vendor, product and serial of the USB device behind a video node, or its place on the bus."""
    device = (node / "device").resolve()
    for place in (device, *device.parents):
        vendor, product = _text(place / "idVendor"), _text(place / "idProduct")
        if vendor and product:
            return f"v4l2:{vendor}:{product}:{_text(place / 'serial') or _port(node)}"
    return f"v4l2:{_text(node / 'name').replace(' ', '_')}:{_port(node)}"


def _port(node: Path) -> str:
    """Where on the bus a video node hangs, such as 1-2:1.0."""
    return (node / "device").resolve().name


def _text(path: Path) -> str:
    """A sysfs attribute, empty when absent."""
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def _library_cameras(prefix: str, backend: int) -> list[Camera]:
    """Cameras as DirectShow or AVFoundation number them; their own path takes the place of a serial."""
    try:
        library = importlib.import_module(LIBRARY)
    except ImportError as error:
        raise SourceError(
            "Cameras cannot be listed here: a package is missing.", "Install it: pip install cv2-enumerate-cameras"
        ) from error
    cameras = []
    for found in library.enumerate_cameras(backend):
        usb = f"{found.vid:04x}:{found.pid:04x}" if found.vid is not None and found.pid is not None else "unknown"
        place = (found.path or found.name).strip("\\?").replace("\\", "/")
        cameras.append(Camera(f"{prefix}:{usb}:{place}", found.name, int(found.index), backend))
    return cameras
