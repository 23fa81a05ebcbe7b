"""Where a keyframe may lie in the present view, when nothing is known of the movement in between."""

from __future__ import annotations

import cmath
import math

import cv2
import numpy as np

from engine.stabilization.keyframe import Keyframe
from engine.stabilization.similarity import Offset, Similarity, scaled
from engine.stabilization.view import Plane, View

_LEAST_OVERLAP = 0.35  # of the keyframe's tooth mass
_LEAST_SCORE = 0.15  # correlation of the coarsest details, -1..1, and three tenths of the masks' overlap
_PEAKS = 2


def _correlate(a: Plane, b: Plane, shape: tuple[int, int]) -> Plane:
    """Cross-correlation of two spectra for all shifts of the first."""
    result: Plane = np.fft.irfft2(a.conj() * b, shape).astype(np.float32)
    return result


def candidates(key: Keyframe, view: View, tilt: Offset) -> list[Similarity]:
    """Current from keyframe, camera pixels: the best shifts of the keyframe, turned and zoomed by `tilt`, best first.

    Masked normalised correlation (Padfield 2012) of the details, with the overlap of the tooth masks as second vote.
    """
    there, here = key.view.levels[0], view.levels[0]
    rows, columns = here.detail.shape
    middle = complex(columns - 1, rows - 1) / 2
    tilted = tilt.at(middle)
    matrix = tilted.matrix()[:2]
    detail = cv2.warpAffine(there.detail, matrix, (columns, rows), flags=cv2.INTER_LINEAR)
    mass = cv2.warpAffine(there.usable, matrix, (columns, rows), flags=cv2.INTER_LINEAR)
    total = float(mass.sum())
    if total < 20 or float(here.usable.sum()) < 20:
        return []
    shape = (cv2.getOptimalDFTSize(2 * rows), 2 * cv2.getOptimalDFTSize(columns))
    seen = here.detail * here.usable
    planes = np.stack([detail * mass, detail * detail * mass, mass, seen, here.detail * seen, here.usable])
    f, ff, m, g, gg, u = np.fft.rfft2(planes, shape)
    overlap = np.maximum(_correlate(m, u, shape), 1e-3)
    power = np.maximum(_correlate(ff, u, shape), 1e-3) * np.maximum(_correlate(m, gg, shape), 1e-3)
    match = _correlate(f, g, shape) / np.sqrt(power)
    masks = overlap / (total + float(here.usable.sum()) - overlap)
    score = np.where(overlap > _LEAST_OVERLAP * total, match + 0.3 * masks, -1.0)
    found: list[Similarity] = []
    for _ in range(_PEAKS):
        row, column = np.unravel_index(int(score.argmax()), score.shape)
        if float(score[row, column]) < _LEAST_SCORE:
            break
        shift = complex((column + columns) % shape[1] - columns, (row + rows) % shape[0] - rows)
        moved = Similarity(1 + 0j, shift) @ tilted
        found.append(scaled(moved, here.factor))
        near_rows = np.arange(row - 3, row + 4) % shape[0]
        near_columns = np.arange(column - 3, column + 4) % shape[1]
        score[np.ix_(near_rows, near_columns)] = -1.0
    return found


def tilts(attempt: int) -> Offset:
    """Turn and zoom to try at the n-th attempt: none first, then small ones in turn."""
    ring = attempt % 9
    if ring == 0:
        return Offset()
    way = cmath.exp(1j * math.pi / 4 * ring) * 0.12
    return Offset(0j, way.imag, way.real)
