"""Pictures to judge by eye: input, enhanced, clean, flow and teeth of one frame of each condition."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from models.data.sheet import flow_colours, outlined
from models.data.window import Window
from models.evaluation.predictors import Predictor
from models.metrics import Picture

TILE = (320, 240)  # width, height


def row_of(predictor: Predictor, clip: Window) -> Picture:
    """Input | enhanced with found teeth | clean with true teeth | found flow | true flow, of the clip's last frame."""
    predictor.reset()
    for frame in clip.degraded:
        found = predictor.step(frame)
    last = clip.degraded[-1]
    enhanced = last if found.enhanced is None else found.enhanced
    tiles = [
        last,
        enhanced if found.tooth is None else outlined(enhanced, found.tooth, (0, 255, 0)),
        outlined(clip.clean[-1], clip.tooth[-1] == 1, (0, 160, 255)),
        flow_colours(np.zeros_like(clip.flow[-1], np.float32) if found.flow is None else found.flow),
        flow_colours(clip.flow[-1].astype(np.float32)),
    ]
    row = np.hstack([cv2.resize(tile, TILE, interpolation=cv2.INTER_AREA) for tile in tiles])
    cv2.putText(row, clip.name, (6, 18), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (255, 255, 0), 1, cv2.LINE_AA)
    return row


def grid(predictor: Predictor, clips: Sequence[Window]) -> Picture:
    """One row for each clip."""
    return np.vstack([row_of(predictor, clip) for clip in clips])
