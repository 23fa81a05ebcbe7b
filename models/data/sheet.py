"""Windows as pictures for the eye: a contact sheet, and a clip of degraded beside clean."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from models.data.window import Window

Picture = NDArray[np.uint8]  # (H, W, 3) RGB
TILE_PX = 192
FULL_COLOUR_PX = 20.0  # flow of this length is drawn at full brightness


def flow_colours(flow: NDArray[np.float32]) -> Picture:
    """Direction as hue, length as brightness."""
    hue = (np.arctan2(flow[..., 1], flow[..., 0]) / np.pi * 90 + 90) % 180
    value = np.clip(np.linalg.norm(flow, axis=-1) / FULL_COLOUR_PX * 255, 0, 255)
    hsv = np.dstack([hue, np.full_like(hue, 220), value]).astype(np.uint8)
    return np.asarray(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB), np.uint8)


def outlined(picture: Picture, tooth: NDArray[np.bool_], colour: tuple[int, int, int]) -> Picture:
    """The picture with the outline of a mask."""
    drawn = picture.copy()
    contours, _ = cv2.findContours(tooth.astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
    cv2.drawContours(drawn, contours, -1, colour, 2, cv2.LINE_AA)
    return drawn


def contact_sheet(windows: Sequence[Window]) -> Picture:
    """Two windows a row: first, middle and last degraded frame, clean frame with its teeth, flow, what was visible."""
    rows = []
    for window in windows:
        middle = len(window.clean) // 2
        seen = np.repeat(window.visible[middle][..., None] * np.uint8(255), 3, axis=-1)
        tiles = [
            window.degraded[0],
            window.degraded[middle],
            window.degraded[-1],
            outlined(window.clean[middle], window.tooth[middle] == 1, (0, 255, 0)),
            flow_colours(window.flow[middle].astype(np.float32)),
            seen,
        ]
        scale = TILE_PX / window.clean.shape[1]
        row = np.hstack([cv2.resize(tile, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) for tile in tiles])
        cv2.putText(row, window.name, (4, 14), cv2.FONT_HERSHEY_SIMPLEX, 0.42, (255, 255, 0), 1, cv2.LINE_AA)
        rows.append(row)
    if len(rows) % 2:
        rows.append(np.zeros_like(rows[0]))
    return np.vstack([np.hstack(rows[k : k + 2]) for k in range(0, len(rows), 2)])


def write_clip(path: Path, window: Window, fps: int) -> None:
    """Degraded beside clean, as a film."""
    height, width = window.clean.shape[1:3]
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=Fraction(fps), options={"crf": "18"})
        stream.width, stream.height, stream.pix_fmt = 2 * width, height, "yuv420p"
        for degraded, clean in zip(window.degraded, window.clean, strict=True):
            frame = av.VideoFrame.from_ndarray(np.hstack([degraded, clean]), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
