"""Canvases for the clips: dental photos with tooth masks, sorted into those for tuning and those for judging."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

CANVAS_HEIGHT = 760  # the view is 480 high: room for drift and walks
MARGIN = 160  # mirrored border, so that a jump never leaves the canvas


@dataclass(frozen=True)
class Canvas:
    """A large still picture to move a camera over."""

    pixels: NDArray[np.uint8]  # (H, W, 3) RGB
    tooth: NDArray[np.uint8]  # (H, W) 0 or 255
    name: str


def choose(data: Path, split: str, least_fraction: float = 0.3) -> list[Path]:
    """Photos of one split that resemble a handpiece view: much tooth, landscape, in a fixed order."""
    folder = data / "dental-photos"
    with (folder / "index.csv").open() as table:
        rows = [row for row in csv.DictReader(table) if row["split"] == split]
    rows = [
        r for r in rows if float(r["tooth_fraction"]) >= least_fraction and int(r["width"]) >= 1.25 * int(r["height"])
    ]
    return sorted(folder / split / row["file"] for row in rows)


def load(photo: Path) -> Canvas:
    """The photo enlarged to the canvas height, with a mirrored margin."""
    bgr = cv2.imread(str(photo), cv2.IMREAD_COLOR)
    mask = cv2.imread(str(photo.with_suffix(".png")), cv2.IMREAD_UNCHANGED)
    factor = max(CANVAS_HEIGHT / bgr.shape[0], 1000 / bgr.shape[1])
    size = (round(bgr.shape[1] * factor), round(bgr.shape[0] * factor))
    rgb = cv2.cvtColor(cv2.resize(bgr, size, interpolation=cv2.INTER_CUBIC), cv2.COLOR_BGR2RGB)
    tooth = (cv2.resize((mask > 0).astype(np.uint8) * 255, size, interpolation=cv2.INTER_LINEAR) > 127).astype(np.uint8)
    border = (MARGIN, MARGIN, MARGIN, MARGIN)
    return Canvas(
        cv2.copyMakeBorder(rgb, *border, cv2.BORDER_REFLECT_101),
        cv2.copyMakeBorder(tooth * 255, *border, cv2.BORDER_REFLECT_101),
        photo.name,
    )
