"""Photographs of calibration boards that were never taken: known camera, known poses, realistic faults."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.calibration.board import Board
from engine.values import Image

BOARD = Board.parse("charuco:10x8:2:1.5:4X4_50")
SIZE = (640, 480)
PX_PER_MM = 60.0
OVERSAMPLE = 1


@dataclass(frozen=True)
class Camera:
    """The truth that a calibration should find."""

    matrix: NDArray[np.float64]
    distortion: NDArray[np.float64]
    is_fisheye: bool = False


def camera(rng: np.random.Generator, *, is_fisheye: bool = False) -> Camera:
    """A plausible micro-camera of 640x480."""
    focal = rng.uniform(520, 760)
    matrix = np.array(
        [
            [focal, 0, 320 + rng.uniform(-15, 15)],
            [0, focal * rng.uniform(0.995, 1.005), 240 + rng.uniform(-12, 12)],
            [0, 0, 1],
        ]
    )
    if is_fisheye:
        return Camera(
            matrix * np.array([[0.55], [0.55], [1]]) + np.array([[0, 0, 144], [0, 0, 108], [0, 0, 0]]),
            rng.uniform(-0.03, 0.03, 4),
            True,
        )
    k1 = rng.uniform(-0.25, -0.05)
    return Camera(matrix, np.array([k1, -0.3 * k1, *rng.uniform(-0.001, 0.001, 2), 0.0]))


def photograph(
    lens: Camera,
    rotation: NDArray[np.float64],
    shift: NDArray[np.float64],
    rng: np.random.Generator,
    board: Board = BOARD,
) -> Image:
    """(480, 640, 3) uint8 RGB of the board at this pose, with focus fall-off, uneven light, blur and noise."""
    grid = np.stack(np.meshgrid(np.arange(0, SIZE[0], 1 / OVERSAMPLE), np.arange(0, SIZE[1], 1 / OVERSAMPLE)), -1)
    pixels = (grid.reshape(-1, 1, 2) - (0.5 - 0.5 / OVERSAMPLE)).astype(np.float64)
    if lens.is_fisheye:
        rays = cv2.fisheye.undistortPoints(pixels, lens.matrix, lens.distortion)
    else:
        rays = cv2.undistortPoints(pixels, lens.matrix, lens.distortion)
    rays = np.column_stack((rays.reshape(-1, 2), np.ones(len(pixels))))
    turn, _ = cv2.Rodrigues(rotation)
    normal, centre = turn[:, 2], shift.ravel()
    depth = (normal @ centre) / (rays @ normal)
    places = (rays * depth[:, None] - centre) @ turn  # millimetres on the board
    texture = cv2.copyMakeBorder(board.picture(PX_PER_MM), 240, 240, 240, 240, cv2.BORDER_CONSTANT, value=255)
    map_xy = (places[:, :2] * PX_PER_MM + 240 - 0.5).astype(np.float32).reshape(*grid.shape[:2], 2)
    # The texture is finer than the picture: average it down first, or it aliases.
    scale = PX_PER_MM * float(centre[2]) / lens.matrix[0, 0] / OVERSAMPLE
    texture = cv2.GaussianBlur(texture, (0, 0), max(0.45 * scale, 0.1))
    fine = cv2.remap(
        texture, map_xy[..., 0], map_xy[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=205
    )
    picture = cv2.resize(fine, SIZE, interpolation=cv2.INTER_AREA).astype(np.float32)
    soft = cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.8, 1.6))
    y, x = np.mgrid[0 : SIZE[1], 0 : SIZE[0]].astype(np.float32)
    radius = np.hypot((x - 320) / 400, (y - 240) / 400)
    picture = picture + (soft - picture) * np.clip(radius, 0, 1)  # macro optics: soft towards the corners
    light = 1 - 0.35 * radius**2 + 0.15 * (x - 320) / 640 * rng.uniform(-1, 1)
    picture = 25 + picture * 0.8 * light
    picture += rng.normal(0, 2.5, picture.shape)
    grey = np.clip(picture, 0, 255).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=2)


def poses(
    count: int, lens: Camera, rng: np.random.Generator, board: Board = BOARD
) -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Rotations and shifts that fill the picture as the guide asks for: every corner, near and far, tilted."""
    wide, high = board.size_mm
    chosen = []
    for index in range(count):
        angle = rng.uniform(-0.55, 0.55, 3) * np.array([1, 1, 0.6])
        share = rng.uniform(0.55, 0.95)
        depth = lens.matrix[0, 0] * wide / (share * SIZE[0])
        target = np.array([(0.25, 0.5, 0.75)[index % 3] * SIZE[0], (0.28, 0.5, 0.72)[index // 3 % 3] * SIZE[1]])
        middle = np.array([*((target - lens.matrix[:2, 2]) / np.diag(lens.matrix)[:2] * depth), depth])
        turn, _ = cv2.Rodrigues(angle)
        chosen.append((angle, middle - turn @ np.array([wide / 2, high / 2, 0])))
    return chosen


def photographs(count: int, lens: Camera, rng: np.random.Generator) -> list[Image]:
    """A whole session of board pictures."""
    return [photograph(lens, rotation, shift, rng) for rotation, shift in poses(count, lens, rng)]
