"""What the engine found in a frame, as marks to draw: tooth tint, flow arrows, the frame round the locked tooth."""

from __future__ import annotations

import cv2
import numpy as np
from PySide6.QtCore import QLineF, QRectF
from PySide6.QtGui import QColor, QImage, QTransform, qRgba

from app.views.overlay import Overlay
from engine.values import Field, Inference, Matrix3, StabilizedFrame, Tracking

ARROW_COLUMNS = 16
TRUSTED = 0.35
VISIBLE_PX = 0.35  # of the camera; shorter arrows are noise
ARROW_GAIN = 3.0  # drawn longer than the movement, or nobody sees it
SMOOTHED_BELOW = 320  # columns of a tooth field whose border would show steps


def transform_of(view_from_raw: Matrix3) -> QTransform:
    """(3, 3) for column vectors -> Qt's transform for row vectors."""
    m = view_from_raw
    return QTransform(m[0, 0], m[1, 0], m[2, 0], m[0, 1], m[1, 1], m[2, 1], m[0, 2], m[1, 2], m[2, 2])


def tint_table(color: QColor) -> list[int]:
    """256 colours for tooth probability: clear below one half, a bright rim at the border, a light tint inside."""
    table = []
    for level in range(256):
        p = level / 255
        rim = float(np.exp(-(((p - 0.5) / 0.09) ** 2)))
        inside = 0.10 if p > 0.5 else 0.0
        table.append(qRgba(color.red(), color.green(), color.blue(), round(255 * min(0.85, inside + 0.75 * rim))))
    return table


def tooth_tint(tooth: Field, table: list[int]) -> QImage:
    """(h, w) 0..1 -> an image that owns its pixels."""
    smooth = cv2.resize(tooth, None, fx=2, fy=2) if tooth.shape[1] <= SMOOTHED_BELOW else tooth
    levels = np.ascontiguousarray((np.clip(smooth, 0, 1) * 255).astype(np.uint8))
    height, width = levels.shape
    indexed = QImage(levels.data, width, height, width, QImage.Format.Format_Indexed8)
    indexed.setColorTable(table)
    return indexed.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)


def flow_arrows(inference: Inference, raw_size: tuple[int, int]) -> tuple[QLineF, ...]:
    """Where the picture moved since the frame before, as lines in raw pixels on a coarse grid; `raw_size` is (H, W)."""
    rows, columns = inference.flow.shape[:2]
    raw_h, raw_w = raw_size
    step = max(1, round(columns / ARROW_COLUMNS))
    ys, xs = np.mgrid[step // 2 : rows : step, step // 2 : columns : step]
    scale = raw_w / inference.enhanced.shape[1]
    moved = -inference.flow[ys, xs] * scale  # the field points back to the frame before
    trust_h, trust_w = inference.trust.shape
    trust = inference.trust[ys * trust_h // rows, xs * trust_w // columns]
    keep = (trust > TRUSTED) & (np.hypot(moved[..., 0], moved[..., 1]) > VISIBLE_PX)
    end_x, end_y = (xs[keep] + 0.5) * raw_w / columns, (ys[keep] + 0.5) * raw_h / rows
    back = moved[keep] * ARROW_GAIN
    return tuple(
        QLineF(x - dx, y - dy, x, y)
        for x, y, dx, dy in zip(end_x.tolist(), end_y.tolist(), back[:, 0].tolist(), back[:, 1].tolist(), strict=True)
    )


def raw_overlay(output: StabilizedFrame, table: list[int] | None, has_flow: bool) -> Overlay:
    """The marks of a frame in raw pixels; `table` None leaves the tooth tint out."""
    inference = output.inference
    box = None
    if output.anchor_box is not None and output.tracking in (Tracking.TRACKING, Tracking.COASTING):
        box = QRectF(*output.anchor_box)
    if inference is None:
        return Overlay(anchor_box=box)
    height, width = output.raw.pixels.shape[:2]
    return Overlay(
        mask=tooth_tint(inference.tooth, table) if table is not None else None,
        arrows=flow_arrows(inference, (height, width)) if has_flow else (),
        anchor_box=box,
    )
