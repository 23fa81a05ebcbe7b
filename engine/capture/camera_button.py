"""The button on the camera itself: on Linux a UVC camera reports it as KEY_CAMERA on an input device of its own."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import select
import struct
from collections.abc import Callable
from pathlib import Path
from threading import Thread

from engine.capture.discover import v4l2_cameras
from engine.errors import SourceError

# linux/input.h and linux/input-event-codes.h
EVENT_LAYOUT = "llHHi"  # struct input_event: seconds, microseconds, type, code, value
EVENT_BYTES = struct.calcsize(EVENT_LAYOUT)
EV_KEY, KEY_CAMERA, PRESSED = 1, 212, 1
TAKE_ALONE = 0x40044590  # EVIOCGRAB: the desktop shall not answer the same press by opening its camera program
WORD_BITS = 8 * struct.calcsize("l")  # of the capability bit maps in sysfs


def find_button(identity: str, sys_root: Path = Path("/sys"), dev_root: Path = Path("/dev")) -> Path | None:
    """The input device of the camera of that identity, on the same USB device as its pictures; None if it has none."""
    address = next((str(one.address) for one in v4l2_cameras(sys_root, dev_root) if one.identity == identity), None)
    if address is None:
        return None
    interface = (sys_root / "class" / "video4linux" / Path(address).name / "device").resolve()
    device = next((place for place in (interface, *interface.parents) if (place / "idVendor").is_file()), None)
    if device is None:
        return None
    for node in sorted(device.glob("*/input/input*/event*")):
        if _has_camera_key(node.parent / "capabilities" / "key"):
            return dev_root / "input" / node.name
    return None


def _has_camera_key(bitmap: Path) -> bool:
    """Is KEY_CAMERA among the keys of an input device? The words stand with the highest first."""
    try:
        words = [int(word, 16) for word in bitmap.read_text(encoding="ascii").split()]
    except (OSError, ValueError):
        return False
    word, bit = divmod(KEY_CAMERA, WORD_BITS)
    return word < len(words) and bool(words[-1 - word] >> bit & 1)


class CameraButton:
    """Looks for the button and listens to it on a thread of its own, until closed or unplugged."""

    def __init__(
        self,
        find: Callable[[], Path | None],
        pressed: Callable[[], None],
        refused: Callable[[SourceError], None],
    ) -> None:
        """`pressed` and `refused` are called on the button's thread; a camera without a button calls neither."""
        self._find, self._pressed, self._refused = find, pressed, refused
        self._wake_reader, self._wake_writer = os.pipe()
        self._thread = Thread(target=self._run, name="camera-button", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the thread; harmless when it has ended."""
        if self._wake_writer >= 0:
            os.close(self._wake_writer)
            self._wake_writer = -1
            self._thread.join()
            os.close(self._wake_reader)

    def _run(self) -> None:
        """This thread's top frame: a button that may not be read is told once, the picture goes on without it."""
        path = self._find()
        if path is None:
            return
        try:
            device = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        except OSError as error:
            self._refused(_refusal(path, error))
            return
        with contextlib.suppress(OSError):  # another program has taken it alone: then it stays silent here
            fcntl.ioctl(device, TAKE_ALONE, 1)
        try:
            self._listen(device)
        finally:
            os.close(device)

    def _listen(self, device: int) -> None:
        rest = b""
        while True:
            ready, _, _ = select.select([device, self._wake_reader], [], [])
            if self._wake_reader in ready:
                return
            try:
                data = os.read(device, 64 * EVENT_BYTES)
            except BlockingIOError:
                continue
            except OSError:  # unplugged
                return
            if not data:
                return
            rest += data
            whole = len(rest) - len(rest) % EVENT_BYTES
            for _, _, kind, code, value in struct.iter_unpack(EVENT_LAYOUT, rest[:whole]):
                if (kind, code, value) == (EV_KEY, KEY_CAMERA, PRESSED):
                    self._pressed()
            rest = rest[whole:]


def _refusal(path: Path, error: OSError) -> SourceError:
    remedy = "Give the still key to a pedal or a key instead."
    if error.errno in (errno.EACCES, errno.EPERM):
        remedy = "Add your account to the group 'input' and log in again, or take stills with a key or pedal."
    return SourceError(f"The camera's own button cannot be read ({path.name}: {error.strerror}).", remedy)
