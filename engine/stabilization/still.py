"""Where the picture stands still while the rest of it moves: handpiece and bur, which no tooth does."""

from __future__ import annotations

import cv2
import numpy as np

from engine.stabilization.median import median
from engine.values import Field

_CELLS = (40, 30)  # columns, rows of the still map
_MOVING_PX = 1.2  # 640ths of the width from frame to frame
_LEAST_MOVING = 0.15  # share of the believed cells that must move before stillness means anything
_RATE = 0.12  # of a frame in which something moves, once there have been enough; until then all count alike
_NEIGHBOURS = np.ones((3, 3), np.uint8)


class StillMap:
    """Guards against a mask that takes the handpiece for tooth, and stands in for a mask where there is none.

    The first moving frame counts at once: a keyframe made of a handpiece holds on to it ever after.
    """

    def __init__(self) -> None:
        self._still = np.zeros(_CELLS[::-1], np.float32)  # (rows, columns) 0..1
        self._lessons = 0  # frames in which something moved

    def learn(self, flow: Field, trust: Field, unit: float = 1.0) -> Field:
        """One frame of flow (h, w, 2), in 640ths of the width once multiplied by `unit` -> the map, 0..1 still.

        A still hand teaches nothing.
        """
        cells = cv2.resize(flow, _CELLS, interpolation=cv2.INTER_AREA)
        believed = cv2.resize(trust, _CELLS, interpolation=cv2.INTER_AREA) > 0.3
        speed = cv2.magnitude(cells[..., 0], cells[..., 1]) * np.float32(unit)
        moving = believed & (speed > _MOVING_PX)
        if np.count_nonzero(moving) > _LEAST_MOVING * np.count_nonzero(believed):
            self._lessons += 1
            rate = max(_RATE, 1 / self._lessons)
            standing = believed & (speed < 0.3 * median(speed[moving]))
            self._still[standing] += rate * (1 - self._still[standing])
            self._still[moving] *= 1 - rate
        spread = cv2.dilate(self._still, _NEIGHBOURS)
        return np.asarray(cv2.multiply(spread, spread), np.float32)
