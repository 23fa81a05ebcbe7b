"""What is changed about a window each time it is read."""

from __future__ import annotations

import numpy as np

from models.data.window import Window
from models.training.augment import tint


def test_another_lamp_takes_light_from_the_far_side_and_none_from_the_goal() -> None:
    grey = np.full((2, 64, 64, 3), 128, np.uint8)
    nothing = np.zeros((2, 64, 64), np.uint8)
    window = Window(grey, grey, np.zeros((2, 64, 64, 2), np.float16), nothing, nothing, "grey")
    lit = [tint(window, np.random.default_rng(seed)) for seed in range(40)]
    spans = np.array([np.ptp(one.degraded[0, ..., 0].astype(int)) for one in lit])
    assert 0.25 < (spans > 0).mean() < 0.75, "every other window keeps its light"
    assert spans.max() > 50
    assert all((one.degraded[0] == one.degraded[1]).all() and one.clean is grey for one in lit)
