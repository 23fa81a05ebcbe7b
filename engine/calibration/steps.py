"""The steps of the bench as plain objects: fed with live frames on a worker, asked for words, bars and a result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import cv2

from engine.calibration.board import Board
from engine.calibration.entries import lens_entry
from engine.calibration.guide import Guide
from engine.calibration.lens import calibrate
from engine.calibration.picture import PictureReading
from engine.calibration.spectrogram import SpectrogramView
from engine.calibration.view import BoardFinder
from engine.errors import CalibrationError
from engine.values import Frame, Image, StabilizedFrame

Entry = dict[str, Any]


@dataclass(frozen=True, slots=True)
class StepView:
    """What the bench shows while a step runs."""

    share: float  # 0..1 of the way
    hint: str
    bars: tuple[tuple[str, float], ...] = ()  # name, 0..1
    facts: tuple[tuple[str, str], ...] = ()  # name, value with unit
    points: tuple[tuple[float, float], ...] = ()  # marks on the picture, 0..1 of its width and height
    picture: PictureReading | None = None
    motion: SpectrogramView | None = None
    spread_ms: tuple[float, ...] = ()  # samples to show as a distribution


class BenchStep(Protocol):
    """Fed until it is done, then asked for its entry; `feed` and `result` run on one worker."""

    name: str

    @property
    def is_done(self) -> bool: ...
    def feed(self, frame: Frame, output: StabilizedFrame | None) -> StepView: ...
    def result(self) -> Entry: ...


class LensStep:
    """Guided capture of the sheet, then the fit."""

    name = "lens"

    def __init__(self, board: Board) -> None:
        self.board = board
        self.guide = Guide()
        self._finder = BoardFinder(board)

    @property
    def is_done(self) -> bool:
        """All four bars are full."""
        return self.guide.progress().is_enough

    def feed(self, frame: Frame, output: StabilizedFrame | None) -> StepView:
        """Find the board; keep the view if the guide wants it."""
        del output
        points: tuple[tuple[float, float], ...] = ()
        try:
            view = self._finder.find(frame.pixels, f"frame {frame.seq}")
        except CalibrationError as error:
            self.guide.lose()
            hint = error.sentence.replace(f"frame {frame.seq}", "The picture")
        else:
            _, hint = self.guide.offer(view)
            points = tuple((float(x), float(y)) for x, y in view.corners / view.image_size)
        progress = self.guide.progress()
        bars = (("X", progress.x), ("Y", progress.y), ("size", progress.size), ("tilt", progress.skew))
        facts = (("views", str(progress.views)),)
        return StepView(sum(share for _, share in bars) / 4, hint, bars, facts, points)

    def result(self) -> Entry:
        """Fit and judge. Raises CalibrationError for too few views."""
        return lens_entry(calibrate(self.guide.kept, self.board)) | {"board": self.board.name}


def patch_level(pixels: Image) -> float:
    """Mean grey level of the middle ninth of the picture: what the latency step watches."""
    height, width = pixels.shape[:2]
    middle = pixels[height // 3 : 2 * height // 3 : 4, width // 3 : 2 * width // 3 : 4]
    return float(cv2.mean(middle)[0])
