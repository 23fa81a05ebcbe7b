"""From a world and a motion to pictures with exact backward flow: where each pixel looks, now and one frame before."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from models.data.motion import Array, Motion, apply, frame_from_world, project
from models.data.scene import Extent, World

STEP = 4  # lookups are solved on every fourth pixel and interpolated: they are smooth
MAX_PARALLAX_SLOPE = 0.6  # px of parallax per px: under 1 the picture cannot fold, so the lookup has one answer
Lookup = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class View:
    """The looks of one frame."""

    lookup: Lookup  # (H, W, 2) world point of each pixel, in picture pixels from the world's origin
    flow: NDArray[np.float32]  # (H, W, 2) current -> previous; zero for the first frame
    samples: tuple[Lookup, ...]  # lookups over the exposure, evenly spaced, with `lookup`'s time in the middle


def extent_of(motion: Motion, size: tuple[int, int], margin: int = 24) -> Extent:
    """The part of the world that the motion sees, at most three pictures wide; the rest is mirrored."""
    height, width = size
    rim = np.array([[x, y] for x in (0, width / 2, width) for y in (0, height / 2, height)], np.float64)
    seen = np.concatenate([apply(np.linalg.inv(frame_from_world(pose, size)), rim) for pose in motion.poses()])
    low = np.maximum(seen.min(axis=0) - margin, [-1.5 * width, -1.5 * height])
    high = np.minimum(seen.max(axis=0) + margin, [1.5 * width, 1.5 * height])
    return Extent(*(int(v) for v in np.floor(low)), *(int(v) for v in np.ceil(high)))


def make_views(world: World, motion: Motion, size: tuple[int, int], shutter: float) -> list[View]:
    """All frames' looks. `shutter` is the open part of the frame interval, 0..1; longer streaks get more samples."""
    poses = _without_folds(world, motion.poses())
    grid = _grid(size)
    views = []
    for k, pose in enumerate(poses):
        points = _look(world, pose, grid, size)
        lookup = _fill(points, size)
        flow = np.zeros((*size, 2), np.float32)
        if k > 0:
            depth = _depth_at(world, points)
            flow = _fill(project(points, depth, poses[k - 1], size) - grid, size)
        streak = shutter * (np.linalg.norm(flow, axis=-1).mean() if k > 0 else 0.0)
        samples = _exposure_looks(world, motion, k, shutter, int(np.clip(np.ceil(streak * 0.8), 1, 9)), size)
        views.append(View(lookup, flow, samples or (lookup,)))
    return views


def _exposure_looks(
    world: World, motion: Motion, k: int, shutter: float, count: int, size: tuple[int, int]
) -> tuple[Lookup, ...]:
    if count < 2:
        return ()
    count += 1 - count % 2  # odd, so that the middle sample is the clean frame's pose
    grid = _grid(size)
    looks = []
    for offset in np.linspace(-shutter / 2, shutter / 2, count):
        pose = _without_folds(world, motion.poses(float(offset))[k : k + 1])[0]
        looks.append(_fill(_look(world, pose, grid, size), size))
    return tuple(looks)


def sample(raster: NDArray[np.generic], lookup: Lookup, world: World, interpolation: int) -> NDArray[np.generic]:
    """Read a raster of the world at the looks."""
    x = lookup[..., 0] + np.float32(world.origin[0])
    y = lookup[..., 1] + np.float32(world.origin[1])
    return np.asarray(cv2.remap(raster, x, y, interpolation, borderMode=cv2.BORDER_REFLECT_101))


def seen_before(flow: NDArray[np.float32]) -> NDArray[np.bool_]:
    """(H, W) whether the point that the flow leads to lies inside the previous picture."""
    height, width = flow.shape[:2]
    x = np.arange(width, dtype=np.float32)[None, :] + flow[..., 0]
    y = np.arange(height, dtype=np.float32)[:, None] + flow[..., 1]
    return np.asarray((x >= 0) & (x <= width - 1) & (y >= 0) & (y <= height - 1))


def _grid(size: tuple[int, int]) -> Array:
    """Picture points on every STEP-th pixel, one node beyond each side, so that filling in never extrapolates."""
    height, width = size
    x = (np.arange(-1, width // STEP + 1) + 0.5) * STEP - 0.5
    y = (np.arange(-1, height // STEP + 1) + 0.5) * STEP - 0.5
    return np.stack(np.meshgrid(x, y), axis=-1)


def _fill(nodes: Array, size: tuple[int, int]) -> NDArray[np.float32]:
    rows, columns = nodes.shape[:2]
    full = cv2.resize(nodes.astype(np.float32), (columns * STEP, rows * STEP), interpolation=cv2.INTER_LINEAR)
    return np.ascontiguousarray(full[STEP : STEP + size[0], STEP : STEP + size[1]])


def _look(world: World, pose: Array, points: Array, size: tuple[int, int]) -> Array:
    """World points seen at picture points: the plane's answer, corrected for parallax by fixed-point iteration."""
    world_from_frame = np.linalg.inv(frame_from_world(pose, size))
    look = apply(world_from_frame, points)
    if np.abs(pose[6:8]).max() > 1e-3:
        for _ in range(4):
            look = apply(world_from_frame, points - _depth_at(world, look)[..., None] * pose[6:8])
    return look


def _depth_at(world: World, points: Array) -> Array:
    return np.asarray(sample(world.depth, points.astype(np.float32), world, cv2.INTER_LINEAR), np.float64)


def _without_folds(world: World, poses: Array) -> Array:
    """Parallax limited to what the depth's steepest slope allows."""
    small = world.depth[::STEP, ::STEP]
    slope = max(float(np.abs(np.diff(small, axis=a)).max(initial=0.0)) for a in (0, 1)) / STEP
    limit = MAX_PARALLAX_SLOPE / max(slope, 1e-6)
    length = np.linalg.norm(poses[:, 6:8], axis=1, keepdims=True)
    bounded = poses.copy()
    bounded[:, 6:8] *= np.tanh(length / limit) / np.maximum(length / limit, 1e-9)
    return bounded
