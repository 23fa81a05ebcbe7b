"""The still world before the camera: one large picture with its tooth mask, painted from a seed or given as a photo."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.capture.demo.light import render
from engine.capture.demo.mouth import WORKED_TOOTH, lay_out_mouth
from engine.values import Image

VIEW_WIDTH_MM = 22.0  # what a handpiece micro-camera sees across at working distance
MAX_PX_PER_MM = 42.0  # painting time grows with the square: two seconds here, and a lens blurs the rest anyway
RECESSION = 0.10  # the gum lies some 3 mm behind the crowns, which the lens sees from 25 mm
DEPTHS_SCALE = 0.65  # out of focus anyway, and a layer that fits the cache warps in half the time
FLANK_TINT = (1.0, 0.94, 0.88)
EDGE_MM = 0.6  # slopes are not known at the very edge of the canvas: cut it off
PHOTO_VIEW_SHARE = 0.6  # share of a photo's shorter fitting side that the camera sees at once

Layer = NDArray[np.uint8]  # (H, W, 4) RGB and tooth


@dataclass(frozen=True, eq=False)
class Scene:
    """A picture to fly over. `view_px` scene pixels span the camera's width at zoom 1."""

    pixels: Image  # (H, W, 3) uint8 RGB
    tooth: NDArray[np.uint8]  # (H, W) 0 or 255
    waypoints: NDArray[np.float64]  # (N, 2) x, y in scene pixels: where a dentist would look, in walking order
    view_px: float
    name: str
    start: int = 0  # index of the waypoint to begin at
    recession: float = 0.0  # how much smaller the gum appears than the crowns that stand nearer; 0 for a flat photo

    @staticmethod
    def paint(seed: int, camera_width_px: int = 640) -> Scene:
        """A mouth of the given seed, fine enough for a camera of that width; about a second at 640."""
        rng = np.random.default_rng((seed, 0x5CE7E))
        px_per_mm = min(MAX_PX_PER_MM, max(14.0, camera_width_px / VIEW_WIDTH_MM))
        mouth = lay_out_mouth(rng, px_per_mm)
        edge = round(EDGE_MM * px_per_mm)
        inner = (slice(edge, -edge), slice(edge, -edge))
        pixels, tooth = render(rng, mouth)[inner], np.where(mouth.tooth[inner] > 0.5, 255, 0).astype(np.uint8)
        waypoints = mouth.tooth_centres_px - edge
        if rng.random() < 0.5:  # the quadrant on the other side
            pixels, tooth = pixels[:, ::-1], tooth[:, ::-1]
            waypoints = waypoints * (-1, 1) + (tooth.shape[1] - 1, 0)
        return Scene(
            pixels=np.ascontiguousarray(pixels),
            tooth=np.ascontiguousarray(tooth),
            waypoints=waypoints,
            view_px=VIEW_WIDTH_MM * px_per_mm,
            name=f"mouth:{seed}",
            start=WORKED_TOOTH,
            recession=RECESSION,
        )

    @staticmethod
    def from_photo(pixels: Image, tooth_mask: NDArray[np.uint8], aspect: float = 4 / 3, name: str = "photo") -> Scene:
        """A real photo (H, W, 3) RGB with its mask (H, W), not zero where tooth. The camera stays inside the photo."""
        height, width = tooth_mask.shape
        view_px = PHOTO_VIEW_SHARE * min(width, height * aspect)
        tooth = np.where(tooth_mask > 0, 255, 0).astype(np.uint8)
        return Scene(
            pixels=np.ascontiguousarray(pixels),
            tooth=tooth,
            waypoints=_best_views(tooth, view_px, view_px / aspect),
            view_px=view_px,
            name=name,
        )

    @cached_property
    def crowns(self) -> Layer:
        """Picture and tooth mask in one: OpenCV 5 warps four channels in 0.7 ms where three take 1.8."""
        if not self.recession:
            return np.dstack((self.pixels, self.tooth))
        share = cv2.blur((self.tooth > 0).astype(np.float32), (7, 7))[..., None]
        grown = cv2.blur(self.pixels * (self.tooth[..., None] > 0).astype(np.float32), (7, 7)) / np.maximum(share, 0.02)
        edged = np.where(
            self.tooth[..., None] > 0, self.pixels, grown.astype(np.uint8)
        )  # no gum in a crown's soft edge
        return np.dstack((edged, self.tooth))

    @cached_property
    def depths(self) -> Layer:
        """What lies behind the crowns, at DEPTHS_SCALE: the picture with the crowns' flanks, darker towards the gum."""
        mm = self.view_px / VIEW_WIDTH_MM
        inward = cv2.distanceTransform(self.tooth, cv2.DIST_L2, cv2.DIST_MASK_5) / mm
        level = (0.60 + 0.32 * np.clip(inward / 1.6, 0, 1))[..., None] * np.array(FLANK_TINT)
        flanks = cv2.blur(self.pixels, (round(0.8 * mm), round(0.8 * mm))) * level
        picture = np.where(self.tooth[..., None] > 0, flanks, self.pixels)
        layer = np.dstack((picture.astype(np.uint8), self.tooth))
        return np.asarray(
            cv2.resize(layer, None, fx=DEPTHS_SCALE, fy=DEPTHS_SCALE, interpolation=cv2.INTER_AREA), np.uint8
        )

    def clamp(self, centres: NDArray[np.float64], aspect: float) -> NDArray[np.float64]:
        """Move view centres (N, 2) so that the view, with a margin for shake, stays on the picture where it can."""
        height, width = self.tooth.shape
        clamped = np.array(centres, np.float64)
        for axis, (side, view) in enumerate(((width, self.view_px), (height, self.view_px / aspect))):
            margin = min(side / 2, view * 0.56)
            clamped[:, axis] = np.clip(clamped[:, axis], margin, side - margin)
        return clamped


def _best_views(tooth: NDArray[np.uint8], view_w: float, view_h: float) -> NDArray[np.float64]:
    """Three view centres with much tooth in view, left to right."""
    factor = 8
    small = cv2.resize(tooth, (max(8, tooth.shape[1] // factor), max(8, tooth.shape[0] // factor)))
    share = cv2.blur(small, (max(1, int(view_w / factor)), max(1, int(view_h / factor)))).astype(np.float64)
    thirds = np.array_split(np.arange(share.shape[1]), 3)
    centres = []
    for columns in thirds:
        row, column = np.unravel_index(np.argmax(share[:, columns]), (share.shape[0], len(columns)))
        centres.append(((columns[0] + column + 0.5) * factor, (row + 0.5) * factor))
    return np.array(centres, np.float64)
