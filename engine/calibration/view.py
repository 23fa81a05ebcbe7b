"""One picture of the board: its corners, how sharp it is and what it adds to the coverage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.calibration.board import Board
from engine.errors import CalibrationError
from engine.values import Image

FEWEST_CORNERS = 6
BLURRED_EDGE_PX = 8.0  # an edge wider than this no longer gives sub-pixel corners
MIRROR_TRIES_BELOW = 4


@dataclass(frozen=True, slots=True)
class Parameters:
    """Where the board is in the picture; what the guide's four bars show. All 0..1."""

    x: float
    y: float
    size: float
    skew: float

    def distance(self, other: Parameters) -> float:
        """How different two views are: the sum of absolute differences."""
        mine, theirs = (self.x, self.y, self.size, self.skew), (other.x, other.y, other.size, other.skew)
        return float(sum(abs(a - b) for a, b in zip(mine, theirs, strict=True)))


@dataclass(frozen=True, slots=True)
class BoardView:
    """The corners found in one picture."""

    name: str
    ids: NDArray[np.int32]  # (N,)
    corners: NDArray[np.float32]  # (N, 2) pixels
    image_size: tuple[int, int]  # (width, height)
    parameters: Parameters
    edge_px: float  # median width of the edges between squares: the blur


class CornerFinder(Protocol):
    """One kind of board's way of finding corners."""

    def find(self, grey: Image, name: str) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
        """(N, 2) pixels and (N,) ids of the corners in (H, W). Raises CalibrationError with why there are none."""
        ...


class PlainCorners:
    """A chessboard without markers: seen whole, or not at all; whether it is mirrored cannot be told."""

    def __init__(self, board: Board) -> None:
        self._size = (board.columns - 1, board.rows - 1)

    def find(self, grey: Image, name: str) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
        """Every inner corner, row by row."""
        is_found, corners = cv2.findChessboardCornersSB(
            grey, self._size, flags=cv2.CALIB_CB_EXHAUSTIVE | cv2.CALIB_CB_ACCURACY | cv2.CALIB_CB_NORMALIZE_IMAGE
        )
        if not is_found:
            raise CalibrationError(f"{name} does not show the whole chessboard.", "Show all of it, evenly lit.")
        points = np.asarray(corners, np.float32).reshape(-1, 2)
        return points, np.arange(len(points), dtype=np.int32)


class MarkedCorners:
    """ChArUco: markers name the corners, so that a part of the board is enough."""

    def __init__(self, board: Board) -> None:
        self._board = board
        parameters = cv2.aruco.DetectorParameters()
        parameters.cornerRefinementMethod = cv2.aruco.CORNER_REFINE_SUBPIX
        self._detector = cv2.aruco.CharucoDetector(board.opencv(), detectorParams=parameters)

    def find(self, grey: Image, name: str) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
        """The corners whose markers were read."""
        corners, ids, _, marker_ids = self._detector.detectBoard(grey)
        if ids is None or len(ids) < FEWEST_CORNERS:
            raise self._reason(grey, name, 0 if marker_ids is None else len(marker_ids), 0 if ids is None else len(ids))
        return np.asarray(corners, np.float32).reshape(-1, 2), np.asarray(ids, np.int32).ravel()

    def _reason(self, grey: Image, name: str, markers: int, corners: int) -> CalibrationError:
        if markers < MIRROR_TRIES_BELOW:
            mirrored = self._detector.detectBoard(cv2.flip(grey, 1))[3]
            if mirrored is not None and len(mirrored) >= MIRROR_TRIES_BELOW:
                return CalibrationError(f"{name} shows the board mirrored.", "Switch the camera's mirroring off.")
        if markers and not corners:
            return CalibrationError(
                f"{name} shows another board than {self._board.name}.", "Use the sheet that you named."
            )
        if markers:
            return CalibrationError(f"{name} shows only {corners} corners of the board.", "Show more of the board.")
        return CalibrationError(f"{name} shows no board.", "Light the sheet evenly and bring it into focus.")


class BoardFinder:
    """Finds one board in pictures."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._corners: CornerFinder = PlainCorners(board) if board.is_plain else MarkedCorners(board)

    def find(self, pixels: Image, name: str) -> BoardView:
        """Corners in (H, W, 3) uint8 RGB or (H, W) grey. Raises CalibrationError with why the picture is no use."""
        grey = pixels if pixels.ndim == 2 else cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
        points, numbers = self._corners.find(np.asarray(grey, np.uint8), name)
        if self._is_degenerate(numbers):
            raise CalibrationError(f"{name} shows only one row of the board.", "Show more of the board.")
        edge = edge_width(grey, points, self._board, numbers)
        if edge > BLURRED_EDGE_PX:
            raise CalibrationError(f"{name} is too blurred (edges {edge:.1f} px wide).", "Hold still and focus.")
        size = (grey.shape[1], grey.shape[0])
        return BoardView(name, numbers, points, size, measure(points, numbers, self._board, size), edge)

    def _is_degenerate(self, ids: NDArray[np.int32]) -> bool:
        columns = self._board.columns - 1
        return len(set((ids % columns).tolist())) < 2 or len(set((ids // columns).tolist())) < 2


def measure(
    points: NDArray[np.float32], ids: NDArray[np.int32], board: Board, image_size: tuple[int, int]
) -> Parameters:
    """X, Y, size and skew from the board's outline, which a homography completes where corners are hidden."""
    width, height = image_size
    homography, _ = cv2.findHomography(board.corners_mm()[ids, :2], points)
    wide, high = board.size_mm
    outline = np.array([[0, 0], [wide, 0], [wide, high], [0, high]], np.float64).reshape(-1, 1, 2)
    quad = cv2.perspectiveTransform(outline, homography).reshape(4, 2)
    area = float(cv2.contourArea(quad.astype(np.float32)))
    centre = points.mean(0)
    border = np.sqrt(area)
    x = float(np.clip((centre[0] - border / 2) / max(width - border, 1), 0, 1))
    y = float(np.clip((centre[1] - border / 2) / max(height - border, 1), 0, 1))
    ab, bc = quad[0] - quad[1], quad[2] - quad[1]
    cosine = float(np.dot(ab, bc) / max(float(np.linalg.norm(ab) * np.linalg.norm(bc)), 1e-9))
    skew = min(1.0, 2.0 * abs(np.pi / 2 - float(np.arccos(np.clip(cosine, -1, 1)))))
    return Parameters(x, y, float(np.sqrt(area / (width * height))), skew)


def edge_width(grey: Image, points: NDArray[np.float32], board: Board, ids: NDArray[np.int32]) -> float:
    """Median 10..90 % width in pixels of the edges that cross the lines between neighbouring corners."""
    columns = board.columns - 1
    place = {int(number): index for index, number in enumerate(ids)}
    widths: list[float] = []
    for number, index in place.items():
        right = place.get(number + 1) if (number + 1) % columns else None
        if right is None:
            continue
        a, b = points[index], points[right]
        along = (b - a) / max(float(np.linalg.norm(b - a)), 1e-6)
        across = np.array([-along[1], along[0]])
        reach = min(12.0, 0.35 * float(np.linalg.norm(b - a)))
        middle = a + 0.5 * (b - a)
        steps = np.arange(-reach, reach, 0.25)
        line = middle + steps[:, None] * across
        profile = cv2.remap(
            grey, line[:, 0].astype(np.float32)[None], line[:, 1].astype(np.float32)[None], cv2.INTER_LINEAR
        )[0].astype(np.float64)
        span = profile.max() - profile.min()
        if span > 30:
            normalised = (profile - profile.min()) / span
            if normalised[0] > normalised[-1]:
                normalised = 1 - normalised
            inside = np.count_nonzero((normalised > 0.1) & (normalised < 0.9))
            widths.append(inside * 0.25)
    return float(np.median(widths)) if widths else 0.0
