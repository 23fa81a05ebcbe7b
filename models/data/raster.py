"""Rasterises an arch: for every pixel of a pinhole camera the surface point, its normal and what it belongs to."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from models.data.arch import Arch, Mesh

NEAR_MM, FAR_MM = 1.0, 200.0
ROUNDING_MM = 1e-3  # OpenCV's second drawing changes untouched depths in the last digits
PINHOLE_MM = 0.4  # a step in depth that a pinhole makes and a sloping surface does not


@dataclass(frozen=True, slots=True)
class Eye:
    """A camera: OpenGL axes (x right, y up, looking along -z)."""

    eye_from_world: NDArray[np.float64]  # (4, 4)
    focal_px: float
    size: tuple[int, int]  # height, width

    def project(self, points: NDArray[np.floating]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """World (..., 3) mm -> pixel (..., 2) and distance along the axis (...)."""
        local = points @ self.eye_from_world[:3, :3].T + self.eye_from_world[:3, 3]
        distance = np.maximum(-local[..., 2], 1e-6)
        height, width = self.size
        x = self.focal_px * local[..., 0] / distance + width / 2 - 0.5
        y = height / 2 - 0.5 - self.focal_px * local[..., 1] / distance
        return np.stack([x, y], axis=-1), distance

    def unproject(self, distance: NDArray[np.floating]) -> NDArray[np.float64]:
        """Distance along the axis for each pixel (H, W) -> world points (H, W, 3)."""
        height, width = self.size
        x = (np.arange(width) + 0.5 - width / 2)[None, :] / self.focal_px * distance
        y = (height / 2 - 0.5 - np.arange(height))[:, None] / self.focal_px * distance
        local = np.stack([x, y, -distance], axis=-1)
        return np.asarray((local - self.eye_from_world[:3, 3]) @ self.eye_from_world[:3, :3])

    def enlarged(self, factor: int) -> Eye:
        """The same view with `factor` times as many pixels a side."""
        height, width = self.size
        return Eye(self.eye_from_world, self.focal_px * factor, (height * factor, width * factor))


@dataclass(frozen=True, slots=True)
class Surface:
    """What each pixel sees."""

    points: NDArray[np.float64]  # (H, W, 3) mm, world
    distance: NDArray[np.float32]  # (H, W) mm along the axis; FAR_MM where there is nothing
    normals: NDArray[np.float32]  # (H, W, 3) world
    is_tooth: NDArray[np.bool_]  # (H, W)
    hollow: NDArray[np.float32]  # (H, W) 0..1
    height: NDArray[np.float32]  # (H, W) 0..1


def look(arch: Arch, eye: Eye) -> Surface:
    """Draw teeth, then gum, into one depth buffer: what the gum leaves untouched is tooth."""
    distance = np.full(eye.size, FAR_MM, np.float32)
    normals = np.full((*eye.size, 3), 0.5, np.float32)
    values = np.zeros((*eye.size, 3), np.float32)
    teeth = arch.teeth
    marks = np.stack([teeth.hollow, teeth.height, np.zeros_like(teeth.hollow)], axis=-1)
    _draw(teeth, marks, values, distance.copy(), eye)
    _draw(teeth, (teeth.normals + 1) / 2, normals, distance, eye)
    only_teeth = distance.copy()
    _draw(arch.gum, (arch.gum.normals + 1) / 2, normals, distance, eye)
    is_gum = only_teeth - distance > ROUNDING_MM
    is_tooth = (~is_gum & (distance < FAR_MM)).astype(np.float32)
    buffers = np.dstack([distance, is_tooth, normals * 2 - 1, values[..., :2]])
    distance, is_tooth, nx, ny, nz, hollow, height = np.moveaxis(_without_pinholes(buffers), -1, 0)
    unit = np.dstack([nx, ny, nz])
    unit /= np.maximum(np.linalg.norm(unit, axis=-1, keepdims=True), 1e-6)
    return Surface(eye.unproject(distance), distance, unit, is_tooth > 0.5, hollow, height)


def _without_pinholes(buffers: NDArray[np.float32]) -> NDArray[np.float32]:
    """(H, W, C), distance first: OpenCV leaves single pixels between triangles open; a near neighbour closes them."""
    distance = np.ascontiguousarray(buffers[..., 0])
    square = np.ones((3, 3), np.uint8)
    closed = cv2.dilate(cv2.erode(distance, square), square)
    rows, columns = np.nonzero(distance - closed > PINHOLE_MM)
    if not len(rows):
        return buffers
    offsets = np.array([[dy, dx] for dy in (-1, 0, 1) for dx in (-1, 0, 1)])
    y = np.clip(rows[:, None] + offsets[:, 0], 0, distance.shape[0] - 1)
    x = np.clip(columns[:, None] + offsets[:, 1], 0, distance.shape[1] - 1)
    nearest = distance[y, x].argmin(axis=1)
    pick = np.arange(len(rows))
    mended = buffers.copy()
    mended[rows, columns] = buffers[y[pick, nearest], x[pick, nearest]]
    return mended


def _draw(
    mesh: Mesh, colours: NDArray[np.floating], onto: NDArray[np.float32], distance: NDArray[np.float32], eye: Eye
) -> None:
    settings = cv2.TriangleRasterizeSettings()
    settings.setCullingMode(cv2.RASTERIZE_CULLING_NONE)
    settings.setShadingType(cv2.RASTERIZE_SHADING_SHADED)
    angle = 2 * np.arctan(eye.size[0] / 2 / eye.focal_px)
    matrix = eye.eye_from_world.astype(np.float32)
    # OpenCV smears triangles that reach behind the camera over the picture: keep those wholly in front of it.
    ahead = -(mesh.vertices @ matrix[2, :3] + matrix[2, 3]) > NEAR_MM
    vertices, triangles = mesh.vertices, mesh.triangles[ahead[mesh.triangles].all(axis=1)]
    cv2.triangleRasterize(
        vertices, triangles, colours.astype(np.float32), onto, distance, matrix, float(angle), NEAR_MM, FAR_MM, settings
    )
