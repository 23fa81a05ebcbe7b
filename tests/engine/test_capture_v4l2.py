"""Control ranges and formats, asked of a camera that answers as the kernel does."""

from __future__ import annotations

import errno
import struct
import sys
from pathlib import Path

import pytest

if sys.platform != "linux":
    pytest.skip("V4L2 is Linux", allow_module_level=True)

from engine.capture import v4l2
from engine.capture.opencv import CONTROLS
from engine.errors import SourceError

MJPG = int.from_bytes(b"MJPG", "little")
SIZES = [(1280, 720), (640, 480)]
INTERVALS = {(1280, 720): [(1, 30)], (640, 480): [(1, 30), (1, 60)]}


def kernel(device: int, request: int, buffer: bytearray) -> int:
    """Answers like a UVC camera with one format, exposure under automatic, and a gain."""
    number, size = request & 0xFF, request >> 16 & 0x3FFF
    assert size == len(buffer)
    if number == v4l2.QUERY_CONTROL:
        control = struct.unpack_from("I", buffer)[0]
        known = {v4l2.CONTROL_IDS["exposure"]: (3, 2047, 1, 250, 0x10), v4l2.CONTROL_IDS["gain"]: (0, 255, 1, 64, 0)}
        if control not in known:
            raise OSError(errno.EINVAL, "no such control")
        struct.pack_into(v4l2.QUERY_CONTROL_LAYOUT, buffer, 0, control, 1, b"name", *known[control])
        return 0
    index = struct.unpack_from("I", buffer)[0]
    if number == v4l2.FORMAT and index == 0:
        struct.pack_into(v4l2.FORMAT_LAYOUT, buffer, 0, 0, 1, 0, b"Motion-JPEG", MJPG)
        return 0
    if number == v4l2.FRAME_SIZE and index < len(SIZES):
        struct.pack_into("IIIII", buffer, 0, index, MJPG, v4l2.DISCRETE, *SIZES[index])
        return 0
    if number == v4l2.FRAME_INTERVAL:
        _, _, width, height = struct.unpack_from("IIII", buffer)
        if index < len(INTERVALS[width, height]):
            struct.pack_into("II", buffer, 16, v4l2.DISCRETE, INTERVALS[width, height][index][0])
            struct.pack_into("I", buffer, 24, INTERVALS[width, height][index][1])
            return 0
    raise OSError(errno.EINVAL, "no more")


@pytest.fixture
def node(tmp_path: Path) -> str:
    path = tmp_path / "video0"
    path.touch()
    return str(path)


def test_controls_come_with_their_true_ranges(node: str) -> None:
    ranges = v4l2.control_ranges(node, kernel)
    assert set(ranges) == {"exposure", "gain"}
    assert ranges["exposure"] == v4l2.ControlRange("exposure", 3, 2047, 1, 250, is_active=False)
    assert ranges["gain"].is_active


def test_formats_come_largest_first_with_their_fastest_rate(node: str) -> None:
    assert v4l2.format_choices(node, kernel) == [
        v4l2.FormatChoice("MJPG", 1280, 720, 30.0),
        v4l2.FormatChoice("MJPG", 640, 480, 60.0),
    ]


def test_the_requests_have_the_numbers_of_the_kernel_header() -> None:
    sizes = [
        struct.calcsize(layout)
        for layout in (
            v4l2.QUERY_CONTROL_LAYOUT, v4l2.FORMAT_LAYOUT, v4l2.FRAME_SIZE_LAYOUT, v4l2.FRAME_INTERVAL_LAYOUT
        )
    ]  # fmt: skip
    assert sizes == [68, 64, 44, 52]


def test_every_control_that_can_be_set_can_be_asked_for() -> None:
    assert set(v4l2.CONTROL_IDS) == set(CONTROLS)


def test_a_real_file_that_is_no_camera_has_neither_controls_nor_formats(node: str) -> None:
    assert v4l2.control_ranges(node) == {}
    assert v4l2.format_choices(node) == []


def test_a_camera_that_is_gone_is_one_sentence() -> None:
    with pytest.raises(SourceError, match="cannot be asked"):
        v4l2.control_ranges("/dev/video99")
