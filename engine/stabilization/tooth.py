"""Which tooth is meant: the mask around a point, as a box to draw and as a weight for registration."""

from __future__ import annotations

import cv2
import numpy as np

from engine.stabilization.similarity import Similarity
from engine.stabilization.view import Plane

_LARGEST = 0.5  # of the picture's sides: a mask of many teeth is cut to the one that is meant

Box = tuple[float, float, float, float]  # x, y, width, height in camera pixels


def main_focus(usable: Plane, factor: float) -> complex:
    """Middle of the tooth mass, drawn towards the centre of the picture; camera pixels. `usable` (h, w) 0..1."""
    rows, columns = usable.shape
    x, y = np.meshgrid(np.arange(columns), np.arange(rows))
    middle = complex(columns - 1, rows - 1) / 2
    near = np.exp(-((x - middle.real) ** 2 + (y - middle.imag) ** 2) / (2 * (0.25 * columns) ** 2))
    weight = usable * near
    total = float(weight.sum())
    if total > 1e-3:
        middle = complex(float((weight * x).sum()), float((weight * y).sum())) / total
    return (middle + 0.5 * (1 + 1j)) * factor - 0.5 * (1 + 1j)


def box_around(usable: Plane, factor: float, focus: complex) -> Box:
    """Bounds of the connected tooth mask at `focus`, no larger than half the picture about it; camera pixels."""
    rows, columns = usable.shape
    at = (focus + 0.5 * (1 + 1j)) / factor - 0.5 * (1 + 1j)
    half_width, half_height = columns * _LARGEST / 2, rows * _LARGEST / 2
    left, right = max(0, int(at.real - half_width)), min(columns, int(at.real + half_width) + 1)
    top, bottom = max(0, int(at.imag - half_height)), min(rows, int(at.imag + half_height) + 1)
    part = (usable[top:bottom, left:right] > 0.35).astype(np.uint8)
    if part.size and part.any():
        _, labels = cv2.connectedComponents(part)
        ys, xs = np.nonzero(labels)
        nearest = int(np.argmin((xs + left - at.real) ** 2 + (ys + top - at.imag) ** 2))
        ys, xs = np.nonzero(labels == labels[ys[nearest], xs[nearest]])
        left, right = left + int(xs.min()), left + int(xs.max()) + 1
        top, bottom = top + int(ys.min()), top + int(ys.max()) + 1
    return left * factor, top * factor, max(1, right - left) * factor, max(1, bottom - top) * factor


def moved_box(box: Box, transform: Similarity) -> Box:
    """The upright box around the moved middle, zoomed with the transform."""
    x, y, width, height = box
    middle = transform(complex(x + width / 2, y + height / 2))
    zoom = abs(transform.turn)
    return middle.real - width * zoom / 2, middle.imag - height * zoom / 2, width * zoom, height * zoom


def window_around(shape: tuple[int, int], factor: float, focus: complex) -> Plane:
    """(h, w) weight that keeps registration on one chosen tooth: 1 at the focus, fading over a fifth of the width."""
    rows, columns = shape
    at = (focus + 0.5 * (1 + 1j)) / factor - 0.5 * (1 + 1j)
    x = np.exp(-np.square((np.arange(columns) - at.real) / (0.2 * columns)) / 2)
    y = np.exp(-np.square((np.arange(rows) - at.imag) / (0.2 * columns)) / 2)
    window: Plane = (y[:, None] * x[None, :]).astype(np.float32)
    return window
