"""Which step object runs for which row of the bench, and which meter runs while nothing else does."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from engine.calibration.board import Board
from engine.calibration.colour_step import ColourMeter, ColourStep
from engine.calibration.picture_step import PictureMeter, PictureStep
from engine.calibration.source_step import CameraFacts, SourceStep
from engine.calibration.steps import BenchStep, LensStep
from engine.calibration.vibration_step import VibrationMeter, VibrationStep
from engine.capture.controls import Adjustable
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
    name: str,
    info: SourceInfo,
    board: Board,
    um_per_px: Callable[[], float | None],
    meter: BenchStep | None,
    camera: Adjustable | None,
) -> BenchStep:
    """The step itself; it takes over what its meter has seen."""
    if name == "picture":
        return PictureStep(info.fps, meter if isinstance(meter, PictureMeter) else None)
    makers: dict[str, Callable[[], BenchStep]] = {
        "source": lambda: SourceStep(info.fps, partial(camera_facts, camera)),
        "lens": lambda: LensStep(board),
        "colour": lambda: ColourStep(meter if isinstance(meter, ColourMeter) else None),
        "vibration": lambda: VibrationStep(um_per_px, info.fps),
    }
    return makers[name]()


def camera_facts(camera: Adjustable | None) -> CameraFacts:
    """What the camera says of itself. Asks the driver: call it on a worker."""
    if camera is None:
        return CameraFacts()
    now = camera.settings().format
    formats = tuple(f"{one.fourcc} {one.width}x{one.height}, {one.fps:g} fps" for one in camera.offered_formats())
    return CameraFacts(f"{now.fourcc} {now.width}x{now.height}, {now.fps:g} fps".strip(), formats, camera.decode_ms())
