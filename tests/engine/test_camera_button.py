"""The camera's own button: found beside its pictures, read as the kernel writes it."""

from __future__ import annotations

import os
import struct
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event

import pytest

if sys.platform != "linux":
    pytest.skip("input devices of this kind are Linux", allow_module_level=True)

from engine.capture.camera_button import EVENT_LAYOUT, CameraButton, find_button
from engine.errors import SourceError

# As `hexdump /dev/input/eventN` shows a press and its release: type, code, value; a SYN report after each.
PRESS_AND_RELEASE = ((1, 212, 1), (0, 0, 0), (1, 212, 0), (0, 0, 0))
CAMERA_KEY = "100000 0 0 0"  # bit 212 in 64-bit words, the highest first
VOLUME_KEYS = "1800000000000 0"


def recorded(*events: tuple[int, int, int]) -> bytes:
    return b"".join(struct.pack(EVENT_LAYOUT, 1_700_000_000, 0, *event) for event in events)


def plug_in(sys_root: Path, port: str, keys: str | None, video: int, number: int) -> None:
    """A UVC camera as sysfs shows it; `keys` is its input device's bit map, None for a camera without a button."""
    usb = sys_root / "devices" / "usb1" / port
    interface = usb / f"{port}:1.0"
    node = interface / "video4linux" / f"video{video}"
    node.mkdir(parents=True)
    for name, text in (("idVendor", "046d"), ("idProduct", "0825"), ("serial", f"SN{video}")):
        (usb / name).write_text(f"{text}\n")
    (node / "name").write_text("Handpiece cam\n")
    (node / "index").write_text("0\n")
    (node / "device").symlink_to(interface)
    if keys is not None:
        inputs = interface / "input" / f"input{number}"
        (inputs / f"event{number}").mkdir(parents=True)
        (inputs / "capabilities").mkdir()
        (inputs / "capabilities" / "key").write_text(f"{keys}\n")
    shelf = sys_root / "class" / "video4linux"
    shelf.mkdir(parents=True, exist_ok=True)
    (shelf / f"video{video}").symlink_to(node)


def test_the_button_is_the_one_on_the_same_usb_device_as_the_pictures(tmp_path: Path) -> None:
    plug_in(tmp_path, "1-1", CAMERA_KEY, video=0, number=7)
    plug_in(tmp_path, "1-2", CAMERA_KEY, video=2, number=9)
    assert find_button("v4l2:046d:0825:SN2", tmp_path, Path("/dev")) == Path("/dev/input/event9")
    assert find_button("v4l2:046d:0825:SN0", tmp_path, Path("/dev")) == Path("/dev/input/event7")


@pytest.mark.parametrize("keys", [None, VOLUME_KEYS, "no hexadecimals"])
def test_a_camera_without_a_camera_key_has_no_button(tmp_path: Path, keys: str | None) -> None:
    plug_in(tmp_path, "1-1", keys, video=0, number=7)
    assert find_button("v4l2:046d:0825:SN0", tmp_path) is None
    assert find_button("v4l2:gone", tmp_path) is None


@pytest.fixture
def device(tmp_path: Path) -> Iterator[tuple[Path, int]]:
    """A pipe in the place of the input device, and the kernel's end of it."""
    path = tmp_path / "event7"
    os.mkfifo(path)
    kernel = os.open(path, os.O_RDWR)
    yield path, kernel
    os.close(kernel)


@pytest.fixture
def listen() -> Iterator[Callable[[Path], tuple[list[int], list[SourceError], Event]]]:
    """Starts a button on a path; gives its presses, its refusals, and an event set at each."""
    buttons: list[CameraButton] = []

    def start(path: Path) -> tuple[list[int], list[SourceError], Event]:
        presses: list[int] = []
        refusals: list[SourceError] = []
        told = Event()

        def press() -> None:
            presses.append(1)
            told.set()

        def refuse(error: SourceError) -> None:
            refusals.append(error)
            told.set()

        buttons.append(CameraButton(lambda: path, press, refuse))
        return presses, refusals, told

    yield start
    for button in buttons:
        button.close()


Listen = Callable[[Path], tuple[list[int], list[SourceError], Event]]


def test_a_press_counts_once_and_its_release_not_at_all(device: tuple[Path, int], listen: Listen) -> None:
    path, kernel = device
    presses, _, told = listen(path)
    os.write(kernel, recorded(*PRESS_AND_RELEASE))
    assert told.wait(5)
    told.clear()
    other_keys = recorded((1, 115, 1), (1, 115, 0), (1, 212, 2))  # volume up; the camera key repeating itself
    data = other_keys + recorded(*PRESS_AND_RELEASE)
    os.write(kernel, data[:50])  # torn in the middle of an event
    os.write(kernel, data[50:])
    assert told.wait(5)
    assert len(presses) == 2


def test_a_button_that_may_not_be_read_says_so_once(tmp_path: Path, listen: Listen) -> None:
    presses, refusals, told = listen(tmp_path / "event9")
    assert told.wait(5)
    assert not presses
    assert "cannot be read" in refusals[0].sentence


def test_missing_rights_name_the_group_that_has_them(
    tmp_path: Path, listen: Listen, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbid(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("engine.capture.camera_button.os.open", forbid)
    _, refusals, told = listen(tmp_path / "event9")
    assert told.wait(5)
    assert "group 'input'" in refusals[0].remedy


def test_an_unplugged_camera_ends_the_listening(device: tuple[Path, int], monkeypatch: pytest.MonkeyPatch) -> None:
    path, kernel = device
    is_read = Event()

    def gone(*_: object) -> bytes:
        is_read.set()
        raise OSError(19, "No such device")

    monkeypatch.setattr("engine.capture.camera_button.os.read", gone)
    button = CameraButton(lambda: path, lambda: None, lambda _: None)
    os.write(kernel, recorded(*PRESS_AND_RELEASE))
    assert is_read.wait(5)
    button.close()
    button.close()  # harmless
