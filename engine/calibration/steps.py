"""The steps of the bench as plain objects: fed with live frames on a worker, asked for words, bars and a result."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import cv2
import numpy as np

from engine.calibration import picture
from engine.calibration.board import Board
from engine.calibration.entries import lens_entry, timing_entry, vibration_entry
from engine.calibration.guide import Guide
from engine.calibration.latency import measure_timing
from engine.calibration.lens import calibrate
from engine.calibration.registration import Registration
from engine.calibration.vibration import analyse
from engine.calibration.view import BoardFinder
from engine.errors import CalibrationError
from engine.values import Frame, Image, StabilizedFrame

TIMED_FRAMES = 150
JUDGED_FRAMES = 90
MOVING_S = 12.0
MOST_JITTER_SHARE = 0.25  # of the frame interval
MOST_BRIGHT = 0.02
Entry = dict[str, Any]


@dataclass(frozen=True, slots=True)
class StepView:
    """What the bench shows while a step runs."""

    share: float  # 0..1 of the way
    hint: str
    bars: tuple[tuple[str, float], ...] = ()  # name, 0..1
    facts: tuple[tuple[str, str], ...] = ()  # name, value with unit
    points: tuple[tuple[float, float], ...] = ()  # marks on the picture, 0..1 of its width and height


class BenchStep(Protocol):
    """Fed until it is done, then asked for its entry; `feed` and `result` run on one worker."""

    name: str

    @property
    def is_done(self) -> bool: ...
    def feed(self, frame: Frame, output: StabilizedFrame | None) -> StepView: ...
    def result(self) -> Entry: ...


class SourceStep:
    """Delivered rate and regularity."""

    name = "source"

    def __init__(self, nominal_fps: float) -> None:
        self._nominal = nominal_fps
        self._times: list[int] = []

    @property
    def is_done(self) -> bool:
        """Enough intervals were seen."""
        return len(self._times) >= TIMED_FRAMES

    def feed(self, frame: Frame, output: StabilizedFrame | None) -> StepView:
        """Only the time counts."""
        del output
        self._times.append(frame.captured_ns)
        facts: tuple[tuple[str, str], ...] = ()
        if len(self._times) >= 30:
            timing = measure_timing(self._times)
            facts = (("delivered", f"{timing.fps:.2f} fps"), ("jitter", f"{timing.jitter_ms:.2f} ms"))
        return StepView(len(self._times) / TIMED_FRAMES, "Counting frames.", facts=facts)

    def result(self) -> Entry:
        """Fails if frames are missed, if the rate is not what was asked for, or if intervals scatter widely."""
        timing = measure_timing(self._times)
        problems = []
        if timing.missed:
            problems.append(f"{timing.missed} frames were missed")
        if self._nominal and abs(timing.fps / self._nominal - 1) > 0.1:
            problems.append(f"{timing.fps:.1f} frames a second come, {self._nominal:.0f} were asked for")
        if timing.jitter_ms > MOST_JITTER_SHARE * 1000 / timing.fps:
            problems.append(f"intervals scatter by {timing.jitter_ms:.1f} ms")
        return {**timing_entry(timing), "verdict": "fail" if problems else "pass", "failures": problems}


class PictureStep:
    """Exposure, focus, noise, flicker, dust."""

    name = "picture"

    def __init__(self, fps: float) -> None:
        self._fps = fps or 30.0
        self._frames: list[Image] = []
        self._focus = picture.FocusMeter()

    @property
    def is_done(self) -> bool:
        """Enough frames were seen."""
        return len(self._frames) >= JUDGED_FRAMES

    def feed(self, frame: Frame, output: StabilizedFrame | None) -> StepView:
        """Live meters, and the frame for the verdict."""
        del output
        self._frames.append(frame.pixels)
        exposure = picture.measure_exposure(frame.pixels)
        _, share = self._focus.read(frame.pixels)
        hint = "Turn the focus until the bar is full, then hold."
        if exposure.clipped_bright > MOST_BRIGHT:
            hint = "Lower the exposure: white areas are clipped."
        return StepView(
            len(self._frames) / JUDGED_FRAMES,
            hint,
            bars=(("focus", share), ("mean level", exposure.mean / 255)),
            facts=(
                ("clipped bright", f"{100 * exposure.clipped_bright:.1f} %"),
                ("noise", f"{picture.noise_sigma(frame.pixels):.1f} levels"),
            ),
        )

    def result(self) -> Entry:
        """The same figures as `calibrate picture`."""
        return picture_entry(self._frames, self._fps)


def picture_entry(frames: list[Image], fps: float) -> Entry:
    """Figures and verdict of (H, W, 3) frames."""
    if not frames:
        raise CalibrationError("There are no frames to judge.", "Check the source.")
    exposure, flicker = picture.measure_exposure(frames[-1]), picture.measure_flicker(frames, fps)
    blemishes = picture.find_blemishes(frames[:: max(1, len(frames) // 30)])
    doubts = (
        (exposure.clipped_bright > MOST_BRIGHT, "over 2 % of the picture is overexposed"),
        (exposure.clipped_dark > 0.2, "over 20 % of the picture is black"),
        (flicker.is_visible, "lamps flicker in the picture"),
        (len(blemishes.dead_pixels) > 20, "over 20 dead pixels"),
        (bool(blemishes.dust), "dust on the lens or sensor"),
    )
    problems = [words for is_bad, words in doubts if is_bad]
    return {
        "frames": len(frames),
        "clipped_dark": exposure.clipped_dark,
        "clipped_bright": exposure.clipped_bright,
        "mean_level": exposure.mean,
        "sharpness": float(np.median([picture.sharpness(frame) for frame in frames[::5]])),
        "noise_levels": float(np.median([picture.noise_sigma(frame) for frame in frames[::5]])),
        "flicker": {"amplitude": flicker.amplitude, "mains_hz": flicker.mains_hz, "is_visible": flicker.is_visible},
        "dead_pixels": [list(place) for place in blemishes.dead_pixels],
        "dust": [list(spot) for spot in blemishes.dust],
        "histogram": [[int(count) for count in row] for row in exposure.histogram],
        "verdict": "fail" if problems else "pass",
        "failures": problems,
    }


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


class ColourStep:
    """Looks for the chart until it is read twice alike."""

    name = "colour"

    def __init__(self) -> None:
        self._entry: Entry | None = None
        self._trials = 0

    @property
    def is_done(self) -> bool:
        """The chart was read."""
        return self._entry is not None

    def feed(self, frame: Frame, output: StabilizedFrame | None) -> StepView:
        """Try this frame."""
        from engine.calibration.chart import read_chart  # the colour library takes a second to import
        from engine.calibration.colour_fit import calibrate_colour
        from engine.calibration.entries import colour_entry

        del output
        self._trials += 1
        try:
            reading = read_chart(frame.pixels)
            self._entry = colour_entry(calibrate_colour(reading), reading)
        except CalibrationError as error:
            return StepView(0.0, f"{error.sentence} {error.remedy}")
        size = np.array([frame.pixels.shape[1], frame.pixels.shape[0]])
        points = tuple((float(x), float(y)) for x, y in reading.corners / size)
        return StepView(1.0, "The chart was read.", points=points)

    def result(self) -> Entry:
        """Fit and judge. Raises CalibrationError if no chart was seen."""
        if self._entry is None:
            raise CalibrationError("No colour chart was seen.", "Fill the picture with the chart.")
        return self._entry


class VibrationStep:
    """The motion of a fixed target, raw and stabilized."""

    name = "vibration"

    def __init__(self, um_per_px: Callable[[], float | None]) -> None:
        self._um_per_px = um_per_px
        self._raw, self._held = Registration(), Registration()
        self._times: list[int] = []
        self._paths: list[tuple[float, float, float, float]] = []

    @property
    def is_done(self) -> bool:
        """Long enough."""
        return self._seconds >= MOVING_S

    @property
    def _seconds(self) -> float:
        return (self._times[-1] - self._times[0]) / 1e9 if len(self._times) > 1 else 0.0

    def feed(self, frame: Frame, output: StabilizedFrame | None) -> StepView:
        """Register both pictures against their first."""
        if output is None:
            return StepView(0.0, "Waiting for the stabilized picture.")
        raw, held = self._raw.shift(frame.pixels), self._held.shift(output.pixels)
        self._times.append(frame.captured_ns)
        self._paths.append((*raw, *held))
        facts = (("raw", f"{raw[0]:+.1f}, {raw[1]:+.1f} px"), ("stabilized", f"{held[0]:+.1f}, {held[1]:+.1f} px"))
        return StepView(self._seconds / MOVING_S, "Hold the handpiece over the fixed target.", facts=facts)

    def result(self) -> Entry:
        """Spectra of both. Raises CalibrationError for a path with gaps."""
        paths, fps = evenly(np.array(self._times, np.float64) / 1e9, np.array(self._paths, np.float64).reshape(-1, 4))
        return vibration_entry(analyse(paths[:, :2], fps), analyse(paths[:, 2:], fps), self._um_per_px())


def evenly(at_s: np.ndarray, paths: np.ndarray) -> tuple[np.ndarray, float]:
    """(N, C) samples at uneven times (a busy machine skips frames) -> the same at even ones, and their rate in Hz."""
    if len(at_s) < 2:
        raise CalibrationError("No motion was seen.", "Check the source.")
    even_s = np.linspace(at_s[0], at_s[-1], len(at_s))
    columns = [np.interp(even_s, at_s, column) for column in paths.T]  # a gap (NaN) stays one
    return np.stack(columns, axis=1), float((len(at_s) - 1) / (at_s[-1] - at_s[0]))


def patch_level(pixels: Image) -> float:
    """Mean grey level of the middle ninth of the picture: what the latency step watches."""
    height, width = pixels.shape[:2]
    middle = pixels[height // 3 : 2 * height // 3 : 4, width // 3 : 2 * width // 3 : 4]
    return float(cv2.mean(middle)[0])
