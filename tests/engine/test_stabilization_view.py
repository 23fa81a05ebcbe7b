"""What registration sees of a frame: the same from every camera size."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from engine.stabilization.view import look
from engine.values import Field


def grown(height: int, width: int) -> np.ndarray:
    """(H, W, 3) uint8: the same blurred blotches at any size."""
    blotches = np.random.default_rng(4).normal(0, 60, (36, 64, 3)).astype(np.float32)
    smooth = cv2.resize(blotches, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.clip(128 + smooth, 0, 255).astype(np.uint8)


def everywhere(shape: tuple[int, int] = (90, 160)) -> Field:
    return np.ones(shape, np.float32)


@pytest.mark.parametrize(("height", "width"), [(360, 640), (720, 1280), (1080, 1920), (541, 963)])
def test_the_view_of_a_large_camera_is_that_of_the_averaged_picture(height: int, width: int) -> None:
    large = grown(height, width)
    averaged = cv2.resize(large, (320, 180), interpolation=cv2.INTER_AREA)
    seen, wanted = look(large, everywhere(), everywhere()), look(averaged, everywhere(), everywhere())
    for one, other in zip(seen.levels, wanted.levels, strict=True):
        assert float(np.sqrt(np.square(one.detail - other.detail).mean())) < 0.5  # of about 20 levels RMS
    assert seen.levels[-1].factor == width / 320


def test_mask_and_trust_count_on_whatever_grid_they_come() -> None:
    tooth = cv2.GaussianBlur((np.indices((90, 160)).sum(axis=0) % 60 > 30).astype(np.float32), (0, 0), 4)
    trust = cv2.GaussianBlur((np.indices((90, 160))[0] > 40).astype(np.float32), (0, 0), 4)
    same = look(grown(360, 640), tooth, trust).levels[-1].usable
    apart = look(grown(360, 640), tooth, cv2.resize(trust, (320, 180))).levels[-1].usable
    assert np.abs(same - apart).max() < 0.02


def test_a_white_out_leaves_nothing_clear() -> None:
    white, black = np.full((480, 640, 3), 255, np.uint8), np.zeros((480, 640, 3), np.uint8)
    assert look(white, everywhere(), everywhere()).clear == look(black, everywhere(), everywhere()).clear == 0
    assert look(grown(480, 640), everywhere(), everywhere()).clear > 0.7
