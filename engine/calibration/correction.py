"""What a calibrated camera's pictures go through on the live path: one remap and one table with a matrix."""

from __future__ import annotations

from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.values import Image

SQRT_LEVELS = 256


class PictureCorrection(Protocol):
    """Applied to each picture before the network."""

    def apply(self, pixels: Image) -> Image:
        """(H, W, 3) uint8 RGB -> the same size and kind."""
        ...


class NoCorrection:
    """An uncalibrated camera: the picture as it is."""

    def apply(self, pixels: Image) -> Image:
        """The very same array."""
        return pixels


class Undistortion:
    """Lens distortion taken out by a fixed-point remap; the frame is filled, so a little of the border is lost."""

    def __init__(
        self,
        model: str,
        camera_matrix: NDArray[np.float64],
        distortion: NDArray[np.float64],
        image_size: tuple[int, int],
    ) -> None:
        """`image_size` is (width, height); `model` "pinhole" or "fisheye"."""
        self.image_size = image_size
        if model == "fisheye":
            kept = cv2.fisheye.estimateNewCameraMatrixForUndistortRectify(
                camera_matrix, distortion, image_size, np.eye(3), balance=0.0
            )
            maps = cv2.fisheye.initUndistortRectifyMap(
                camera_matrix, distortion, np.eye(3), kept, image_size, cv2.CV_16SC2
            )
        else:
            kept, _ = cv2.getOptimalNewCameraMatrix(camera_matrix, distortion, image_size, 0)
            maps = cv2.initUndistortRectifyMap(camera_matrix, distortion, np.eye(3), kept, image_size, cv2.CV_16SC2)
        self._maps = maps

    def apply(self, pixels: Image) -> Image:
        """(H, W, 3) uint8 of the calibrated size -> undistorted."""
        return np.asarray(cv2.remap(pixels, self._maps[0], self._maps[1], cv2.INTER_LINEAR), np.uint8)


class ColourCorrection:
    """Levels -> linear light by a table, a 3x3 matrix, and back to sRGB by a square root and a table.

    The square root is what the processor does fast; the last table bends it to sRGB's own curve.
    """

    def __init__(self, table: NDArray[np.float32], matrix: NDArray[np.float64]) -> None:
        """`table` (256, 3) level -> linear 0..1; `matrix` (3, 3) linear camera RGB -> linear sRGB."""
        self._table = np.ascontiguousarray(table.reshape(1, 256, 3), np.float32)
        self._matrix = np.ascontiguousarray(matrix, np.float32)
        linear = (np.arange(SQRT_LEVELS) / (SQRT_LEVELS - 1)) ** 2
        encoded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
        self._encode = np.round(255 * encoded).astype(np.uint8)
        self._linear = self._mixed = np.empty((0, 0, 3), np.float32)
        self._levels = np.empty((0, 0, 3), np.uint8)

    def apply(self, pixels: Image) -> Image:
        """(H, W, 3) uint8 RGB -> corrected sRGB."""
        if self._linear.shape != pixels.shape:  # kept between frames: fresh pages cost more than the arithmetic
            self._linear, self._mixed = np.empty(pixels.shape, np.float32), np.empty(pixels.shape, np.float32)
            self._levels = np.empty(pixels.shape, np.uint8)
        cv2.LUT(pixels, self._table, dst=self._linear)
        cv2.transform(self._linear, self._matrix, dst=self._mixed)
        cv2.max(self._mixed, 0.0, dst=self._mixed)
        cv2.sqrt(self._mixed, dst=self._mixed)
        cv2.convertScaleAbs(self._mixed, dst=self._levels, alpha=SQRT_LEVELS - 1)
        return np.asarray(cv2.LUT(self._levels, self._encode), np.uint8)


class Corrections:
    """Several in a row."""

    def __init__(self, steps: tuple[PictureCorrection, ...]) -> None:
        self._steps = steps

    def apply(self, pixels: Image) -> Image:
        """Through every step."""
        for step in self._steps:
            pixels = step.apply(pixels)
        return pixels
