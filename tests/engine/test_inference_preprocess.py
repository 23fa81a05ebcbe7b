"""The working size keeps the aspect ratio, the stride and the budget of pixels."""

import cv2
import numpy as np
import pytest

from engine.errors import SourceError
from engine.inference.preprocess import WORKING_PIXELS, to_working_size, working_size


@pytest.mark.parametrize(
    ("source", "expected"),
    [((480, 640), (480, 640)), ((720, 1280), (416, 736)), ((1080, 1920), (416, 736)), ((241, 317), (240, 320))],
)
def test_known_cameras_get_their_working_size(source: tuple[int, int], expected: tuple[int, int]) -> None:
    assert working_size(*source, stride=16) == expected


@pytest.mark.parametrize("stride", [4, 16, 32])
@pytest.mark.parametrize("source", [(64, 64), (65, 999), (2160, 3840), (999, 130), (800, 800)])
def test_any_source_keeps_stride_budget_and_shape(source: tuple[int, int], stride: int) -> None:
    height, width = working_size(*source, stride)
    assert height % stride == width % stride == 0
    assert height * width <= WORKING_PIXELS * 1.1
    assert abs(np.log((height / width) / (source[0] / source[1]))) < 0.15


def test_a_tiny_source_is_refused() -> None:
    with pytest.raises(SourceError, match="too small"):
        working_size(16, 640, 16)


def test_a_frame_of_the_working_size_is_not_copied() -> None:
    pixels = np.zeros((48, 64, 3), dtype=np.uint8)
    assert to_working_size(pixels, (48, 64)) is pixels


def test_shrinking_keeps_the_mean_and_fills_the_array_given() -> None:
    pixels = np.random.default_rng(1).integers(0, 255, (96, 128, 3), dtype=np.uint8)
    out = np.zeros((48, 64, 3), dtype=np.uint8)
    resized = to_working_size(pixels, (48, 64), out)
    assert np.shares_memory(resized, out)
    assert abs(float(resized.mean()) - float(pixels.mean())) < 0.5


def test_growing_works_too() -> None:
    assert to_working_size(np.zeros((70, 70, 3), dtype=np.uint8), (80, 80)).shape == (80, 80, 3)


HD, VGA = (1080, 1920), (480, 640)


@pytest.mark.parametrize(
    ("source", "size"),
    [(HD, (416, 736)), (HD, (240, 320)), (HD, (270, 480)), (HD, (700, 1244)), (VGA, (320, 448)), (VGA, (448, 608))],
)
def test_shrinking_comes_close_to_averaging_the_area(source: tuple[int, int], size: tuple[int, int]) -> None:
    noise = np.random.default_rng(2).integers(0, 255, (*source, 3), dtype=np.uint8)
    photo = cv2.GaussianBlur(noise, (0, 0), 2.0)
    wanted = cv2.resize(photo, size[::-1], interpolation=cv2.INTER_AREA)
    assert np.sqrt(np.square(to_working_size(photo, size).astype(float) - wanted).mean()) < 2.0
    grain = cv2.resize(noise, size[::-1], interpolation=cv2.INTER_AREA).std()
    assert to_working_size(noise, size).std() == pytest.approx(grain, rel=0.25)  # no more noise reaches the network
