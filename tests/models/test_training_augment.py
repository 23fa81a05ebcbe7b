"""What is changed about a window each time it is read."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from models.data.window import Window
from models.training.augment import shrink, tint


def test_another_lamp_takes_light_from_the_far_side_and_none_from_the_goal() -> None:
    grey = np.full((2, 64, 64, 3), 128, np.uint8)
    nothing = np.zeros((2, 64, 64), np.uint8)
    window = Window(grey, grey, np.zeros((2, 64, 64, 2), np.float16), nothing, nothing, "grey")
    lit = [tint(window, np.random.default_rng(seed)) for seed in range(40)]
    spans = np.array([np.ptp(one.degraded[0, ..., 0].astype(int)) for one in lit])
    assert 0.25 < (spans > 0).mean() < 0.75, "every other window keeps its light"
    assert spans.max() > 50
    assert all((one.degraded[0] == one.degraded[1]).all() and one.clean is grey for one in lit)


def test_a_shrunk_window_tells_the_same_story_in_smaller_pixels() -> None:
    coarse = np.random.default_rng(3).integers(0, 256, (17, 15, 3), dtype=np.uint8)
    picture = cv2.resize(coarse, (120, 136), interpolation=cv2.INTER_CUBIC)
    frames = np.stack([picture[8 * t : 8 * t + 96, 4 * t : 4 * t + 96] for t in range(3)])  # content moves up and left
    flow = np.zeros((3, 96, 96, 2), np.float16)
    flow[1:] = (4, 8)  # where a pixel was in the frame before
    visible, tooth = np.ones((3, 96, 96), np.uint8), np.zeros((3, 96, 96), np.uint8)
    visible[:, 40, 40], tooth[:, :48], tooth[:, 90:] = 0, 1, 255
    small = shrink(Window(frames, frames, flow, visible, tooth, "sliding"), 64)
    assert small.degraded.shape == (3, 64, 64, 3)
    assert np.unique(small.tooth).tolist() == [0, 1, 255], "a mask is never averaged"
    assert 1 <= (small.visible[0] == 0).sum() <= 4, "a pixel that holds something hidden is not visible"
    x, y = small.flow[1, 32, 32].astype(float)
    assert (x, y) == pytest.approx((4 * 64 / 96, 8 * 64 / 96), abs=0.01)
    grid_y, grid_x = np.mgrid[0:50, 0:50].astype(np.float32)
    before = cv2.remap(small.degraded[0], grid_x + np.float32(x), grid_y + np.float32(y), cv2.INTER_LINEAR)
    error = np.abs(before.astype(int) - small.degraded[1, :50, :50]).mean()
    unmoved = np.abs(small.degraded[0].astype(int) - small.degraded[1]).mean()
    assert error < unmoved / 5
