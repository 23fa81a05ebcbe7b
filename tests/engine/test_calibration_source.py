"""The source step: rate, regularity, and what unpacking costs."""

from __future__ import annotations

import sys

import cv2
import numpy as np
import pytest

from engine.calibration.decode_cost import decode_costs
from engine.calibration.source_step import TIMED_FRAMES, CameraFacts, SourceStep
from engine.capture.opencv import CameraSource
from engine.values import Frame, Image

if sys.platform == "linux":
    from engine.capture.discover import Camera
    from tests.fakes_camera import UvcCamera, UvcCapture


def texture(index: int) -> Image:
    noise = np.random.default_rng(index % 3).normal(0, 900, (240, 320)).astype(np.float32)
    grey = np.clip(128 + cv2.GaussianBlur(noise, (0, 0), 4), 0, 255)
    return np.repeat(grey[..., None], 3, axis=2).astype(np.uint8)


def test_every_way_of_packing_is_measured_and_raw_is_the_cheapest() -> None:
    costs = decode_costs([texture(index) for index in range(6)])
    assert list(costs) == ["raw", "MJPG", "H264"]
    assert 0 < costs["raw"] < costs["MJPG"]
    assert costs["H264"] > 0


def test_an_odd_size_is_packed_all_the_same() -> None:
    assert len(decode_costs([texture(index)[:239, :319] for index in range(3)])) == 3


def test_rate_jitter_and_cost_stand_in_the_result() -> None:
    asked = CameraFacts("MJPG 320x240, 30 fps", ("MJPG 320x240, 30 fps", "YUYV 320x240, 15 fps"), 1.75)
    step = SourceStep(30.0, lambda: asked)
    rng = np.random.default_rng(1)
    for index in range(TIMED_FRAMES):
        at_ns = round(index * 1e9 / 30 + rng.normal(0, 0.4e6))
        view = step.feed(Frame(texture(index), index, at_ns), None)
    assert step.is_done
    assert len(view.spread_ms) == TIMED_FRAMES - 1
    entry = step.result()
    assert entry["verdict"] == "pass"
    assert entry["fps"] == pytest.approx(30, abs=0.1)
    assert entry["jitter_ms"] == pytest.approx(0.4 * 2**0.5, abs=0.1)
    assert (entry["format"], entry["decode_ms"], len(entry["formats"])) == ("MJPG 320x240, 30 fps", 1.75, 2)
    assert set(entry["decode_costs_ms"]) == {"raw", "MJPG", "H264"}
    assert len(entry["intervals_ms"]) == TIMED_FRAMES - 1


@pytest.mark.skipif(sys.platform != "linux", reason="the recorded camera speaks V4L2")
def test_a_running_camera_tells_what_unpacking_its_pictures_took() -> None:
    camera = UvcCamera()
    found = Camera("v4l2:1:2:3", "Handpiece", "/dev/null", cv2.CAP_V4L2)
    source = CameraSource("v4l2:1:2:3", find=lambda _: found, open_capture=lambda *_: UvcCapture(camera))
    assert source.decode_ms() is None
    source.open()
    for _ in range(3):
        source.read(1.0)
    taken = source.decode_ms()
    source.close()
    assert taken is not None
    assert 0 < taken < 100
