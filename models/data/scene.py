"""The flat world that a camera moves over: a piece of a photo (or a procedural texture) with depth and tooth mask."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from models.data.exposure import metered
from models.data.photos import Photo
from models.data.texture import coloured_noise, smooth_noise
from models.data.window import UNKNOWN_TOOTH

TOOTH_SIZE_PX = (80, 300)  # how large (square root of the area) the middle tooth stands in the picture
ENLARGEMENT = (0.7, 2.4)  # picture pixels per photo pixel


@dataclass(frozen=True, slots=True)
class World:
    """A raster of the world at the picture's scale; outside, it goes on mirrored."""

    pixels: NDArray[np.uint8]  # (H, W, 3) RGB
    depth: NDArray[np.float32]  # (H, W) -1..1, near is positive
    tooth: NDArray[np.uint8]  # (H, W) 0, 1 or UNKNOWN_TOOTH
    origin: tuple[float, float]  # where the world's (0, 0) lies in the raster


@dataclass(frozen=True, slots=True)
class Extent:
    """The part of the world that a motion looks at, in picture pixels."""

    left: int
    top: int
    right: int
    bottom: int


def photo_world(rng: np.random.Generator, photo: Photo, extent: Extent) -> World:
    """Cut a view of one to four teeth out of a photo, turned and mirrored at random, with fine enamel texture."""
    centre, enlargement = _choose_view(rng, photo)
    centre = _inside(centre, photo, extent, enlargement)
    size = (extent.right - extent.left, extent.bottom - extent.top)
    photo_from_raster = _view(rng, centre, enlargement, extent)
    pixels = _sample(photo.pixels, photo_from_raster, size, enlargement)
    if photo.instances is None:
        tooth = np.full(size[::-1], UNKNOWN_TOOTH, np.uint8)
        relief = np.zeros(size[::-1], np.float32)
    else:
        mask = _sample((photo.instances > 0).astype(np.uint8) * 255, photo_from_raster, size, enlargement)
        tooth = (mask > 127).astype(np.uint8)
        relief = _dome(tooth)
    if enlargement > 1.2:
        pixels = _add_fine_texture(rng, pixels, min(enlargement - 1.0, 1.0))
    return World(metered(pixels), _depth(rng, relief), tooth, (-extent.left, -extent.top))


def procedural_world(rng: np.random.Generator, extent: Extent) -> World:
    """A texture that has never been a tooth: teaches flow and colour, not segmentation."""
    size = (extent.bottom - extent.top, extent.right - extent.left)
    tooth = np.full(size, UNKNOWN_TOOTH, np.uint8)
    depth = _depth(rng, np.zeros(size, np.float32))
    return World(metered(coloured_noise(rng, size)), depth, tooth, (-extent.left, -extent.top))


def _choose_view(rng: np.random.Generator, photo: Photo) -> tuple[NDArray[np.float64], float]:
    """The photo point that comes to the picture's middle, and picture pixels per photo pixel."""
    height, width = photo.pixels.shape[:2]
    if photo.instances is None or not photo.instances.any():
        centre = np.array([width, height]) * rng.uniform(0.25, 0.75, 2)
        return centre, float(rng.uniform(0.9, 1.8))
    ids, areas = np.unique(photo.instances[photo.instances > 0], return_counts=True)
    chosen = rng.choice(len(ids), p=areas / areas.sum())
    rows, columns = np.nonzero(photo.instances == ids[chosen])
    extent = np.sqrt(areas[chosen])
    enlargement = np.clip(rng.uniform(*TOOTH_SIZE_PX) / extent, *ENLARGEMENT)
    centre = np.array([columns.mean(), rows.mean()]) + rng.normal(0, 1.5, 2) * extent
    return np.clip(centre, 0, [width, height]), float(enlargement)


def _inside(centre: NDArray[np.float64], photo: Photo, extent: Extent, enlargement: float) -> NDArray[np.float64]:
    """The centre moved so that as little as possible of what will be seen lies outside the photo."""
    half = 0.45 * max(extent.right - extent.left, extent.bottom - extent.top) / enlargement
    limits = np.array(photo.pixels.shape[1::-1], np.float64)
    half_xy = np.minimum(half, limits / 2)
    return np.clip(centre, half_xy, limits - half_xy)


def _view(
    rng: np.random.Generator, centre: NDArray[np.float64], enlargement: float, extent: Extent
) -> NDArray[np.float64]:
    """2x3 raster -> photo."""
    angle = rng.normal(0, 0.35)
    if rng.random() < 0.3:
        angle += rng.choice([-1, 1, 2]) * np.pi / 2
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) / enlargement
    turn = turn @ np.diag([rng.choice([-1, 1]), 1])
    shift = centre + turn @ np.array([extent.left, extent.top])
    return np.concatenate([turn, shift[:, None]], axis=1)


def _sample(
    image: NDArray[np.uint8], photo_from_raster: NDArray[np.float64], size: tuple[int, int], enlargement: float
) -> NDArray[np.uint8]:
    matrix = photo_from_raster
    if enlargement < 0.85:  # shrink first, or thin lines alias
        shrunk = cv2.resize(image, None, fx=enlargement, fy=enlargement, interpolation=cv2.INTER_AREA)
        matrix = np.diag([shrunk.shape[1] / image.shape[1], shrunk.shape[0] / image.shape[0]]) @ matrix
        image = shrunk
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(image, matrix, size, flags=flags, borderMode=cv2.BORDER_REFLECT_101), np.uint8)


def _dome(tooth: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Teeth bulge towards the camera: a rounded function of the distance to the outline."""
    small = cv2.resize(tooth, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    distance = cv2.distanceTransform(small, cv2.DIST_L2, 3)
    dome = np.sqrt(distance / max(float(distance.max()), 1.0))
    dome = cv2.GaussianBlur(dome, (0, 0), 4)
    return np.asarray(cv2.resize(dome, tooth.shape[::-1], interpolation=cv2.INTER_LINEAR), np.float32)


def _depth(rng: np.random.Generator, relief: NDArray[np.float32]) -> NDArray[np.float32]:
    hills = smooth_noise(rng, (relief.shape[0], relief.shape[1]), cell=rng.uniform(90, 260))
    depth = relief * rng.uniform(0.3, 1.2) + (hills - 0.5) * rng.uniform(0.2, 1.6)
    return np.asarray(np.clip(depth - depth.mean(), -1, 1), np.float32)


def _add_fine_texture(rng: np.random.Generator, pixels: NDArray[np.uint8], strength: float) -> NDArray[np.uint8]:
    """Enlarged photos lack fine detail: a little band-limited grain, fixed to the surface, takes its place."""
    grain = rng.standard_normal(pixels.shape[:2], dtype=np.float32)
    band = cv2.GaussianBlur(grain, (0, 0), 0.8) - cv2.GaussianBlur(grain, (0, 0), 2.2)
    gain = 1 + (strength * rng.uniform(0.005, 0.03)) * band[..., None] / 0.3
    sharp = cv2.addWeighted(pixels, 1.35, cv2.GaussianBlur(pixels, (0, 0), 1.6), -0.35, 0)
    return np.asarray(np.clip(sharp * gain, 0, 255), np.uint8)
