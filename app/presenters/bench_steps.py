"""Which step object runs for which row of the bench, and which meter runs while nothing else does."""

from __future__ import annotations

from collections.abc import Callable

from engine.calibration.board import Board
from engine.calibration.colour_step import ColourMeter, ColourStep
from engine.calibration.picture_step import PictureMeter, PictureStep
from engine.calibration.steps import BenchStep, LensStep, SourceStep
from engine.calibration.vibration_step import VibrationMeter, VibrationStep
from engine.capture.source import SourceInfo


def make_meter(name: str, info: SourceInfo) -> BenchStep | None:
    """What is read live for as long as a step is looked at; most have nothing."""
    if name == "picture":
        return PictureMeter()
    if name == "colour":
        return ColourMeter()
    if name == "vibration":
        return VibrationMeter(info.fps)
    return None


def make_step(
    name: str, info: SourceInfo, board: Board, um_per_px: Callable[[], float | None], meter: BenchStep | None
) -> BenchStep:
    """The step itself; it takes over what its meter has seen."""
    if name == "picture":
        return PictureStep(info.fps, meter if isinstance(meter, PictureMeter) else None)
    makers: dict[str, Callable[[], BenchStep]] = {
        "source": lambda: SourceStep(info.fps),
        "lens": lambda: LensStep(board),
        "colour": lambda: ColourStep(meter if isinstance(meter, ColourMeter) else None),
        "vibration": lambda: VibrationStep(um_per_px, info.fps),
    }
    return makers[name]()
