"""The one sample that data sets make and training eats: a short sequence with exact truth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

UNKNOWN_TOOTH = 255  # no mask exists here: the segmentation loss is off


@dataclass(frozen=True, slots=True)
class Window:
    """T consecutive frames. Flow is backward: current -> previous, in pixels of this size; flow[0] is zero, unused."""

    degraded: NDArray[np.uint8]  # (T, H, W, 3) RGB, what the camera would deliver
    clean: NDArray[np.uint8]  # (T, H, W, 3) RGB, at the same pose and time
    flow: NDArray[np.float16]  # (T, H, W, 2) (x, y)
    visible: NDArray[np.uint8]  # (T, H, W) 1 where the pixel was seen in the previous frame and flow truth holds
    tooth: NDArray[np.uint8]  # (T, H, W) 0 not a tooth, 1 tooth, 255 unknown
    name: str  # generator, seed, conditions: enough to make it again
