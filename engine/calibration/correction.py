"""What a calibrated camera's pictures go through on the live path: one remap and one table with a matrix."""

from __future__ import annotations

from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.values import Image

LIGHT_LEVELS = 65536  # of linear light between the two tables: fine enough that sRGB's darkest steps stay apart


class PictureCorrection(Protocol):
    """Applied to each picture before the network."""

    def apply(self, pixels: Image, into: Image | None = None) -> Image:
        """(H, W, 3) uint8 RGB -> the same size and kind; a fresh array, for it is kept, unless `into` is given."""
        ...


class NoCorrection:
    """An uncalibrated camera: the picture as it is."""

    def apply(self, pixels: Image, into: Image | None = None) -> Image:
        """The very same array."""
        del into
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

    def apply(self, pixels: Image, into: Image | None = None) -> Image:
        """(H, W, 3) uint8 of the calibrated size -> undistorted."""
        return np.asarray(cv2.remap(pixels, self._maps[0], self._maps[1], cv2.INTER_LINEAR, dst=into), np.uint8)


class ColourCorrection:
    """Levels -> linear light by a table, a 3x3 matrix, and back to sRGB by a table; light in 16 bits.

    Integers cost half the memory of floats, and the matrix cuts off at black and white by itself.
    """

    def __init__(self, table: NDArray[np.float32], matrix: NDArray[np.float64]) -> None:
        """`table` (256, 3) level -> linear 0..1; `matrix` (3, 3) linear camera RGB -> linear sRGB."""
        most = LIGHT_LEVELS - 1
        decode = np.round(np.clip(table.reshape(1, 256, 3), 0, 1) * most).astype(np.uint16)
        is_shared = bool((decode == decode[..., :1]).all())  # one curve for all channels is looked up in half the time
        self._decode = np.ascontiguousarray(decode[..., 0]) if is_shared else decode
        self._matrix = np.ascontiguousarray(matrix, np.float32)
        linear = np.arange(LIGHT_LEVELS) / most
        encoded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
        self._encode = np.round(255 * encoded).astype(np.uint8).reshape(1, LIGHT_LEVELS)
        self._light = self._mixed = np.empty((0, 0, 3), np.uint16)

    def apply(self, pixels: Image, into: Image | None = None) -> Image:
        """(H, W, 3) uint8 RGB -> corrected sRGB."""
        if self._light.shape != pixels.shape:  # kept between frames: fresh pages cost more than the arithmetic
            self._light, self._mixed = np.empty(pixels.shape, np.uint16), np.empty(pixels.shape, np.uint16)
        cv2.LUT(pixels, self._decode, dst=self._light)
        cv2.transform(self._light, self._matrix, dst=self._mixed)
        return np.asarray(cv2.LUT(self._mixed, self._encode, dst=into), np.uint8)


class Corrections:
    """Several in a row; what stands between two of them is written to the same place each time."""

    def __init__(self, steps: tuple[PictureCorrection, ...]) -> None:
        self._steps = steps
        self._between = [np.empty((0, 0, 3), np.uint8) for _ in steps[:-1]]

    def apply(self, pixels: Image, into: Image | None = None) -> Image:
        """Through every step."""
        for index, step in enumerate(self._steps[:-1]):
            if self._between[index].shape != pixels.shape:
                self._between[index] = np.empty(pixels.shape, np.uint8)
            pixels = step.apply(pixels, self._between[index])
        return self._steps[-1].apply(pixels, into)
