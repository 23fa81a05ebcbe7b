"""What `steadyscope calibrate` reads: pictures, folders of them, videos, and tables of times."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import PIL.Image
from numpy.typing import NDArray

from engine.capture.file import FileSource
from engine.errors import CalibrationError, EndOfStream
from engine.values import Image

PICTURES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp")
READ_TIMEOUT_S = 30.0
MOST_PIXELS = 100_000_000
MOST_TABLE_BYTES = 4_000_000


def frames_of(path: Path) -> Iterator[tuple[str, Callable[[], Image]]]:
    """Name of each picture in a folder or each frame of a video, and what reads it as (H, W, 3) RGB.

    Raises CalibrationError or SourceError, and so does the reading: one bad picture of many is the caller's matter.
    """
    if not path.is_dir():
        source = FileSource(path)
        source.open()
        try:
            for number in range(1 << 30):
                pixels = source.read(READ_TIMEOUT_S).pixels
                yield f"frame {number}", partial(np.asarray, pixels)
        except EndOfStream:
            return
        finally:
            source.close()
    try:
        files = sorted(one for one in path.iterdir() if one.suffix.lower() in PICTURES)
    except OSError as error:
        raise CalibrationError(f"{path} cannot be read: {error.strerror}.", "Check your right to read it.") from error
    if not files:
        raise CalibrationError(f"{path} holds no pictures.", f"Put {', '.join(PICTURES[:3])} files there.")
    for file in files:
        yield file.name, partial(read_picture, file)


def rate_of(path: Path) -> float:
    """Frames a second of a video as it says itself; 0 of a folder, and where it does not tell. Raises SourceError."""
    if path.is_dir():
        return 0.0
    source = FileSource(path)
    try:
        return source.open().fps
    finally:
        source.close()


def read_picture(path: Path) -> Image:
    """(H, W, 3) uint8 RGB. Raises CalibrationError."""
    if not path.is_file():
        raise CalibrationError(f"There is no file {path}.", "Check the name.")
    try:
        with PIL.Image.open(path) as whole:  # OpenCV fills up what is missing of a picture that was cut short
            if whole.width * whole.height > MOST_PIXELS:
                raise CalibrationError(
                    f"{path.name} has {whole.width} x {whole.height} pixels.", "Use pictures as the camera gives them."
                )
            whole.load()
        picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
    except (OSError, SyntaxError, ValueError, PIL.Image.DecompressionBombError, cv2.error):
        picture = None
    if picture is None:
        raise CalibrationError(
            f"{path.name} is no picture that can be read, or is cut short.", "Use PNG, JPEG or TIFF, and copy it again."
        )
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), np.uint8)


def read_table(path: Path, columns: tuple[str, ...]) -> NDArray[np.float64]:
    """(N, columns) seconds, a row a line with commas between; the first line may name them, an empty cell is NaN.

    Raises CalibrationError, with the line that is wrong.
    """
    form = f"Write {', '.join(columns)} in seconds, one line each."
    try:
        if path.stat().st_size > MOST_TABLE_BYTES:
            raise CalibrationError(f"{path.name} is too large for a table of times.", form)
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise CalibrationError(f"{path} cannot be read: {error.strerror}.", "Check the name.") from error
    except UnicodeDecodeError as error:
        raise CalibrationError(f"{path.name} is no table of times.", form) from error
    cells = [[cell.strip() for cell in line.split(",")] for line in lines]
    if cells and cells[0] == list(columns):
        cells[0] = [""]
    rows = []
    for number, row in enumerate(cells, 1):
        if row == [""]:
            continue
        try:
            rows.append([float(cell) if cell else math.nan for cell in row])
        except ValueError:
            rows.append([])
        if len(rows[-1]) != len(columns) or np.isinf(rows[-1]).any() or math.isnan(rows[-1][0]):
            raise CalibrationError(f"Line {number} of {path.name} does not hold {' and '.join(columns)}.", form)
    if not rows:
        raise CalibrationError(f"{path.name} holds no times.", form)
    return np.array(rows, np.float64)


def within(value: float, most: float, what: str) -> float:
    """A number above 0 and up to `most`. Raises CalibrationError."""
    if not (math.isfinite(value) and 0 < value <= most):
        raise CalibrationError(f"{what} of {value:g} is not possible.", f"Give a number above 0, up to {most:g}.")
    return value
