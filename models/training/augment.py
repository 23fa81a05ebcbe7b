"""Cheap changes made to a window each time it is read: its part, its orientation, its colours."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from models.data.camera import GAMMA
from models.data.window import Window

LAMP_CHANCE = 0.5
LAMP_FALLOFF = 2.5  # light in the middle over light at half the width or height beside it, less one


def cut(window: Window, frames: int, side: int, random: np.random.Generator) -> Window:
    """A random run of frames of a random square; what the flow leads out of the square is no longer visible."""
    have, height, width = window.tooth.shape
    t, y, x = (int(random.integers(room + 1)) for room in (have - frames, height - side, width - side))
    part = (slice(t, t + frames), slice(y, y + side), slice(x, x + side))
    flow, visible = window.flow[part], window.visible[part]
    if (height, width) != (side, side):
        cells = np.arange(side, dtype=np.float16)
        to_x, to_y = cells + flow[..., 0], cells[:, None] + flow[..., 1]
        is_inside = (to_x >= 0) & (to_x <= side - 1) & (to_y >= 0) & (to_y <= side - 1)
        visible = visible * is_inside
    return Window(
        window.degraded[part], window.clean[part], flow, visible.astype(np.uint8), window.tooth[part], window.name
    )


def turn(window: Window, random: np.random.Generator) -> Window:
    """One of the eight symmetries of the square for pictures, masks and flow vectors alike.

    Time is never turned: the reverse of a backward flow is not known on the same pixels.
    """
    flow = window.flow
    arrays = [window.degraded, window.clean, window.visible, window.tooth]
    if random.random() < 0.5:
        arrays, flow = [a[:, :, ::-1] for a in arrays], flow[:, :, ::-1] * np.array([-1, 1], np.float16)
    if random.random() < 0.5:
        arrays, flow = [a[:, ::-1] for a in arrays], flow[:, ::-1] * np.array([1, -1], np.float16)
    if random.random() < 0.5:
        arrays, flow = [a.swapaxes(1, 2) for a in arrays], flow.swapaxes(1, 2)[..., ::-1]
    degraded, clean, visible, tooth = (np.ascontiguousarray(a) for a in arrays)
    return Window(degraded, clean, np.ascontiguousarray(flow), visible, tooth, window.name)


def tint(window: Window, random: np.random.Generator) -> Window:
    """A small change of gain, gamma and cast of what the camera delivers, and every other time another lamp.

    The clean frames stay the goal.
    """
    gain = np.exp(random.normal(0, 0.10) + random.normal(0, 0.04, 3))
    gamma = np.exp(random.normal(0, 0.08))
    ramp = np.linspace(0, 1, 256)[:, None] ** gamma * gain
    table = np.clip(np.rint(ramp * 255), 0, 255).astype(np.uint8).reshape(256, 1, 3)
    degraded = np.stack([cv2.LUT(frame, table) for frame in window.degraded])
    if random.random() < LAMP_CHANCE:
        lamp = draw_lamp(degraded.shape[1:3], random)
        degraded = np.stack([cv2.multiply(frame, lamp, dtype=cv2.CV_8U) for frame in degraded])
    return Window(degraded, window.clean, window.flow, window.visible, window.tooth, window.name)


def draw_lamp(size: tuple[int, int], random: np.random.Generator) -> NDArray[np.float32]:
    """(H, W, 3) factor on sRGB bytes: light that falls off from a spot, for which the camera may open up a little.

    A lamp beside the lens lights one tooth far better than its neighbours. Networks that had seen little of that took
    the well lit tooth for one in a spot of light, and made it dull.
    """
    height, width = size
    centre_y, centre_x = random.uniform(0.2, 0.8, 2)
    y = (np.arange(height, dtype=np.float32)[:, None] / height - centre_y) * 2
    x = (np.arange(width, dtype=np.float32)[None, :] / width - centre_x) * 2
    light = 1 / (1 + random.uniform(0.2, LAMP_FALLOFF) * (x * x + y * y))
    opened = float(light.mean()) ** -random.uniform(0, 0.6)
    factor = (light * opened) ** (1 / GAMMA)
    return np.repeat(factor[..., None].astype(np.float32), 3, axis=-1)
