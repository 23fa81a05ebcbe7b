"""ChArUco boards at macro sizes: what they are called, and the sheet to print."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from engine.errors import CalibrationError
from engine.values import Image

FORM = "charuco:COLSxROWS:SQUARE_MM:MARKER_MM:DICT"
DICTIONARIES = tuple(
    f"{bits}X{bits}_{count}" for bits in (4, 5, 6, 7) for count in (50, 100, 250, 1000)
)  # OpenCV's predefined ones
LARGEST_SHEET_MM = (190.0, 250.0)  # A4 with margins


@dataclass(frozen=True, slots=True)
class Board:
    """A chessboard with markers in its white squares."""

    columns: int
    rows: int
    square_mm: float
    marker_mm: float
    dictionary: str  # "4X4_50"

    def __post_init__(self) -> None:
        if not (3 <= self.columns <= 60 and 3 <= self.rows <= 60):
            raise _refused(f"A board of {self.columns}x{self.rows} squares is not usable")
        if not 0.2 <= self.square_mm <= 100 or not 0.4 * self.square_mm <= self.marker_mm <= 0.9 * self.square_mm:
            raise _refused("Squares are 0.2 to 100 mm, markers 0.4 to 0.9 of a square")
        if self.dictionary not in DICTIONARIES:
            raise _refused(f"There is no marker dictionary '{self.dictionary}'")
        if self.columns * self.rows // 2 > int(self.dictionary.split("_")[1]):
            raise _refused(f"{self.dictionary} has too few markers for {self.columns}x{self.rows} squares")

    @classmethod
    def parse(cls, text: str) -> Board:
        """From `charuco:8x6:3:2.2:4X4_50`. Raises CalibrationError."""
        try:
            kind, size, square, marker, dictionary = text.split(":")
            columns, rows = (int(part) for part in size.lower().split("x"))
            if kind != "charuco":
                raise ValueError(kind)
            return cls(columns, rows, float(square), float(marker), dictionary.upper().removeprefix("DICT_"))
        except ValueError as error:
            raise _refused(f"'{text}' names no board") from error

    @property
    def name(self) -> str:
        """The form that `parse` reads."""
        return f"charuco:{self.columns}x{self.rows}:{self.square_mm:g}:{self.marker_mm:g}:{self.dictionary}"

    @property
    def corner_count(self) -> int:
        """Inner corners."""
        return (self.columns - 1) * (self.rows - 1)

    @property
    def size_mm(self) -> tuple[float, float]:
        """Width and height of the squares."""
        return self.columns * self.square_mm, self.rows * self.square_mm

    def opencv(self) -> cv2.aruco.CharucoBoard:
        """The same board for OpenCV, in millimetres."""
        dictionary = cv2.aruco.getPredefinedDictionary(getattr(cv2.aruco, f"DICT_{self.dictionary}"))
        return cv2.aruco.CharucoBoard((self.columns, self.rows), self.square_mm, self.marker_mm, dictionary)

    def corners_mm(self) -> NDArray[np.float32]:
        """(N, 3) positions of the inner corners on the board, by id."""
        return np.asarray(self.opencv().getChessboardCorners(), np.float32)

    def picture(self, pixels_per_mm: float) -> Image:
        """The board as it should look, (H, W) uint8, without margin."""
        width, height = (round(side * pixels_per_mm) for side in self.size_mm)
        return np.asarray(self.opencv().generateImage((width, height), marginSize=0, borderBits=1), np.uint8)


def write_sheet(board: Board, path: Path) -> None:
    """An A4 page with the board at its true size and a ruler to check the printer. Raises CalibrationError."""
    width, height = board.size_mm
    if width > LARGEST_SHEET_MM[0] or height > LARGEST_SHEET_MM[1]:
        raise CalibrationError(
            f"The board is {width:g} x {height:g} mm, too large for an A4 sheet.", "Use fewer or smaller squares."
        )
    canvas = Canvas(str(path), pagesize=A4)
    canvas.setTitle(board.name)
    page_width, page_height = A4
    left, top = (page_width - width * mm) / 2, page_height - 30 * mm
    cell_mm, cells = _cells(board)
    canvas.setFillGray(0)
    for row, line in enumerate(cells):
        for start, end in _dark_runs(line):
            # A hair's overlap keeps renderers from drawing white seams between neighbouring rectangles.
            canvas.rect(
                left + start * cell_mm * mm,
                top - (row + 1) * cell_mm * mm,
                (end - start) * cell_mm * mm,
                cell_mm * mm * 1.002,
                stroke=0,
                fill=1,
            )
    _draw_ruler(canvas, left=(page_width - 100 * mm) / 2, base=24 * mm)
    canvas.setFont("Helvetica", 9)
    canvas.drawCentredString(page_width / 2, 14 * mm, f"{board.name}   Print at 100 %. The ruler must measure 100 mm.")
    try:
        canvas.save()
    except OSError as error:
        raise CalibrationError(f"{path} cannot be written: {error.strerror}.", "Choose another folder.") from error


def _cells(board: Board) -> tuple[float, NDArray[np.bool_]]:
    """The board as dark cells of a fine grid, and the cell's size in mm: exact, for every marker is a bit pattern."""
    bits = int(board.dictionary[0]) + 2
    per_square = 10 * bits
    raster = board.opencv().generateImage((board.columns * per_square, board.rows * per_square), marginSize=0)
    return board.square_mm / per_square, np.asarray(raster < 128)


def _dark_runs(line: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate(([0], line.astype(np.int8), [0]))))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def _draw_ruler(canvas: Canvas, left: float, base: float) -> None:
    canvas.setLineWidth(0.3)
    canvas.line(left, base, left + 100 * mm, base)
    canvas.setFont("Helvetica", 6)
    for tick in range(101):
        length = 4 if tick % 10 == 0 else 2.5 if tick % 5 == 0 else 1.5
        canvas.line(left + tick * mm, base, left + tick * mm, base + length * mm)
        if tick % 10 == 0:
            canvas.drawCentredString(left + tick * mm, base + 5 * mm, str(tick))


def _refused(sentence: str) -> CalibrationError:
    return CalibrationError(f"{sentence}.", f"Write it as {FORM}, for example charuco:8x6:3:2.2:4X4_50.")
