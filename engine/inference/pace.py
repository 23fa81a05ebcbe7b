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

STEP_MS = 12.0  # of the network alone: two cores share the rest of 33 ms among all others
LEAST_PIXELS = 320 * 240
FIRST_PIXELS = 448 * 320  # what two cores with bf16 keep up with; they then open the network only once
NEAR = 1.25  # so much more or less than STEP_MS is not worth opening it again
PROBE_STEPS = 12  # the quickest counts: others' work can only slow a step down
FIRST_STEPS = 2  # a runtime's first ones are slow

Opened = TypeVar("Opened", bound=Backend)


def open_in_pace(open_at: Callable[[tuple[int, int]], Opened], size: tuple[int, int], stride: int) -> Opened:
    """The back end at (height, width) `size`, or at a smaller one where a step there takes longer than STEP_MS."""
    first = working_size(*size, stride, min(FIRST_PIXELS, _pixels(size)))
    backend = open_at(first)
    best = working_size(*size, stride, min(_pixels(size), pixels_in_pace(quickest_step_ms(backend), _pixels(first))))
    if 1 / NEAR <= _pixels(best) / _pixels(first) <= NEAR:
        return backend
    backend.close()
    return open_at(best)


def pixels_in_pace(step_ms: float, pixels: int) -> int:
    """How many pixels a step of STEP_MS takes, where one of `step_ms` takes `pixels`."""
    return max(LEAST_PIXELS, round(pixels * STEP_MS / step_ms))


def quickest_step_ms(backend: Backend) -> float:
    """Milliseconds of the quickest of some steps on a blank picture, which the back end then forgets."""
    blank = np.zeros((*backend.working_size, 3), dtype=np.uint8)
    steps_ms = []
    for seq in range(PROBE_STEPS):
        began_s = time.perf_counter()
        backend.infer(blank, seq)
        steps_ms.append((time.perf_counter() - began_s) * 1e3)
    backend.reset()
    return min(steps_ms[FIRST_STEPS:])


def _pixels(size: tuple[int, int]) -> int:
    return size[0] * size[1]
