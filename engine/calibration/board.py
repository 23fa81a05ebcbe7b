"""Calibration boards at macro sizes, ChArUco or plain chessboards: what they are called, and the sheet to print."""

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

FORM = "charuco:COLSxROWS:SQUARE_MM:MARKER_MM:DICT or chessboard:COLSxROWS:SQUARE_MM"
CHESSBOARD = "chessboard"
DICTIONARIES = tuple(
    f"{bits}X{bits}_{count}" for bits in (4, 5, 6, 7) for count in (50, 100, 250, 1000)
)  # OpenCV's predefined ones
LARGEST_SHEET_MM = (190.0, 250.0)  # A4 with margins


@dataclass(frozen=True, slots=True)
class Board:
    """A chessboard, with markers in its white squares unless it is a plain one."""

    columns: int
    rows: int
    square_mm: float
    marker_mm: float = 0.0
    dictionary: str = ""  # "4X4_50"; empty: a plain chessboard, which has to be seen whole

    def __post_init__(self) -> None:
        if not (3 <= self.columns <= 60 and 3 <= self.rows <= 60):
            raise _refused(f"A board of {self.columns}x{self.rows} squares is not usable")
        if not 0.2 <= self.square_mm <= 100:
            raise _refused("Squares are 0.2 to 100 mm")
        if self.is_plain:
            return
        if not 0.4 * self.square_mm <= self.marker_mm <= 0.9 * self.square_mm:
            raise _refused("Markers are 0.4 to 0.9 of a square")
        if self.dictionary not in DICTIONARIES:
            raise _refused(f"There is no marker dictionary '{self.dictionary}'")
        if self.columns * self.rows // 2 > int(self.dictionary.split("_")[1]):
            raise _refused(f"{self.dictionary} has too few markers for {self.columns}x{self.rows} squares")

    @classmethod
    def parse(cls, text: str) -> Board:
        """From `charuco:8x6:3:2.2:4X4_50` or `chessboard:10x7:5`. Raises CalibrationError."""
        try:
            kind, size, square, *rest = text.split(":")
            columns, rows = (int(part) for part in size.lower().split("x"))
            if kind == CHESSBOARD and not rest:
                return cls(columns, rows, float(square))
            marker, dictionary = rest
            if kind != "charuco":
                raise ValueError(kind)
            return cls(columns, rows, float(square), float(marker), dictionary.upper().removeprefix("DICT_"))
        except ValueError as error:
            raise _refused(f"'{text}' names no board") from error

    @property
    def name(self) -> str:
        """The form that `parse` reads."""
        if self.is_plain:
            return f"{CHESSBOARD}:{self.columns}x{self.rows}:{self.square_mm:g}"
        return f"charuco:{self.columns}x{self.rows}:{self.square_mm:g}:{self.marker_mm:g}:{self.dictionary}"

    @property
    def is_plain(self) -> bool:
        """Whether it has no markers."""
        return not self.dictionary

    @property
    def corner_count(self) -> int:
        """Inner corners."""
        return (self.columns - 1) * (self.rows - 1)

    @property
    def size_mm(self) -> tuple[float, float]:
        """Width and height of the squares."""
        return self.columns * self.square_mm, self.rows * self.square_mm

    def opencv(self) -> cv2.aruco.CharucoBoard:
        """The same board for OpenCV, in millimetres; only of one with markers."""
        dictionary = cv2.aruco.getPredefinedDictionary(getattr(cv2.aruco, f"DICT_{self.dictionary}"))
        return cv2.aruco.CharucoBoard((self.columns, self.rows), self.square_mm, self.marker_mm, dictionary)

    def corners_mm(self) -> NDArray[np.float32]:
        """(N, 3) positions of the inner corners on the board, by id."""
        row, column = np.divmod(np.arange(self.corner_count), self.columns - 1)
        places = np.stack((column + 1, row + 1, np.zeros(self.corner_count)), axis=1)
        return np.asarray(places * self.square_mm, np.float32)

    def picture(self, pixels_per_mm: float) -> Image:
        """The board as it should look, (H, W) uint8, without margin."""
        width, height = (round(side * pixels_per_mm) for side in self.size_mm)
        if self.is_plain:
            dark = np.add.outer(np.arange(self.rows), np.arange(self.columns)) % 2 == 0
            squares = np.where(dark, 0, 255).astype(np.uint8)
            return np.asarray(cv2.resize(squares, (width, height), interpolation=cv2.INTER_NEAREST), np.uint8)
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
    per_square = 1 if board.is_plain else 10 * (int(board.dictionary[0]) + 2)
    raster = board.picture(per_square / board.square_mm)
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
