"""How large a picture the network gets in the live path, so that it keeps the camera's pace on this processor.

The stabilizer, the camera and the window need the processor too, and a step that outlasts the camera's interval makes
every frame wait for the one before. The network loses little on a smaller picture, for what it answers is lifted to
the camera's size: docs/decisions/keep-pace.md.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import numpy as np

from engine.inference.backend import Backend
from engine.inference.preprocess import working_size

STEP_MS = 14.0  # of the network alone: two cores share the rest of 33 ms among all others
LEAST_PIXELS = 320 * 240
PROBE_STEPS = 12  # the quickest counts: others' work can only slow a step down
FIRST_STEPS = 2  # a runtime's first ones are slow

Opened = TypeVar("Opened", bound=Backend)


def open_in_pace(open_at: Callable[[tuple[int, int]], Opened], size: tuple[int, int], stride: int) -> Opened:
    """The back end at (height, width) `size`, or at a smaller one where a step there takes longer than STEP_MS."""
    backend = open_at(size)
    smaller = working_size(*size, stride, pixels_in_pace(quickest_step_ms(backend), size[0] * size[1]))
    if smaller == size:
        return backend
    backend.close()
    return open_at(smaller)


def pixels_in_pace(step_ms: float, pixels: int) -> int:
    """How many pixels a step of STEP_MS takes, where one of `step_ms` takes `pixels`; all of them where it is quick."""
    return min(pixels, max(LEAST_PIXELS, round(pixels * STEP_MS / step_ms)))


def quickest_step_ms(backend: Backend) -> float:
    """Milliseconds of the quickest of some steps on a blank picture; ended early by steps that are quick enough."""
    blank = np.zeros((*backend.working_size, 3), dtype=np.uint8)
    quickest_ms = float("inf")
    for seq in range(PROBE_STEPS):
        began_s = time.perf_counter()
        backend.infer(blank, seq)
        if seq >= FIRST_STEPS:
            quickest_ms = min(quickest_ms, (time.perf_counter() - began_s) * 1e3)
        if quickest_ms <= STEP_MS:
            break
    backend.reset()
    return quickest_ms
