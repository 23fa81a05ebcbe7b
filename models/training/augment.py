"""Cheap changes made to a window each time it is read: its part, its orientation, its colours."""

from __future__ import annotations

import cv2
import numpy as np

from models.data.window import Window


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
    """A small change of gain, gamma and cast of what the camera delivers; the clean frames stay the goal."""
    gain = np.exp(random.normal(0, 0.10) + random.normal(0, 0.04, 3))
    gamma = np.exp(random.normal(0, 0.08))
    ramp = np.linspace(0, 1, 256)[:, None] ** gamma * gain
    table = np.clip(np.rint(ramp * 255), 0, 255).astype(np.uint8).reshape(256, 1, 3)
    degraded = np.stack([cv2.LUT(frame, table) for frame in window.degraded])
    return Window(degraded, window.clean, window.flow, window.visible, window.tooth, window.name)
