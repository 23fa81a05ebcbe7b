"""The picture step: live meters for whoever turns the focus, then a verdict on exposure, noise, flicker and dust."""

from __future__ import annotations

import numpy as np

from engine.calibration import picture
from engine.calibration.steps import Entry, StepView
from engine.errors import CalibrationError
from engine.values import Frame, Image, StabilizedFrame

SETTLING_FRAMES = 15  # half a second to read what to do
STILL_FRAMES = 30  # flicker and noise are told from a still scene
MOVING_FRAMES = 60  # dust and dead pixels are what stays while the scene moves
JUDGED_FRAMES = 2 * SETTLING_FRAMES + STILL_FRAMES + MOVING_FRAMES
METER_EVERY = 3  # frames: ten readings a second are as many as an eye follows
FEWEST_FRAMES = 20  # flicker and dust show over time alone
MOST_BRIGHT = 0.02  # share of the picture
MOST_DARK = 0.2


class PictureMeter:
    """Reads and judges nothing: runs for as long as the step is looked at."""

    name = "picture"
    is_done = False

    def __init__(self) -> None:
        self._meters = picture.PictureMeters()
        self._reading: picture.PictureReading | None = None
        self._fed = 0

    def feed(self, frame: Frame, output: StabilizedFrame | None) -> StepView:
        """Histogram and focus now; between readings the last one."""
        del output
        reading = self.read(frame.pixels)
        return StepView(0.0, exposure_advice(reading) or self.advice(reading), picture=reading)

    def read(self, pixels: Image) -> picture.PictureReading:
        """Every third picture (H, W, 3); between these the last reading."""
        if self._reading is None or self._fed % METER_EVERY == 0:
            self._reading = self._meters.read(pixels)
        self._fed += 1
        return self._reading

    def advice(self, reading: picture.PictureReading) -> str:
        """What to do once the exposure is right."""
        if reading.share < 0.9:
            return "Turn the focus back: it was better before."
        return "Turn the focus until the curve is at its highest."

    def result(self) -> Entry:
        """There is none."""
        raise CalibrationError("A meter has no result.", "Start the step.")


class PictureStep:
    """Held still for a second, then moved for two: exposure, noise, flicker, dust."""

    name = "picture"

    def __init__(self, fps: float, meter: PictureMeter | None = None) -> None:
        """`meter` is the one that ran before: it knows the best focus seen."""
        self._fps = fps or 30.0
        self._still: list[Image] = []
        self._moving: list[Image] = []
        self._fed = 0
        self._meter = meter or PictureMeter()

    @property
    def is_done(self) -> bool:
        """Enough frames were seen."""
        return self._fed >= JUDGED_FRAMES

    def feed(self, frame: Frame, output: StabilizedFrame | None) -> StepView:
        """Live meters, and the frame for the verdict; frames while the hand gets ready are left out."""
        turn = SETTLING_FRAMES + STILL_FRAMES
        if SETTLING_FRAMES <= self._fed < turn:
            self._still.append(frame.pixels)
        elif self._fed >= turn + SETTLING_FRAMES and self._fed % 2:  # every second one will do
            self._moving.append(frame.pixels)
        self._fed += 1
        reading = self._meter.feed(frame, output).picture
        hint = "Hold the camera still." if self._fed < turn else "Now move it slowly over the surface."
        return StepView(self._fed / JUDGED_FRAMES, hint, picture=reading)

    def result(self) -> Entry:
        """The same figures as `calibrate picture`."""
        return picture_entry(self._moving, self._fps, self._still)


def exposure_advice(reading: picture.PictureReading) -> str:
    """Which way to turn the exposure; empty when it is right."""
    if reading.exposure.clipped_bright > MOST_BRIGHT:
        return "Lower the exposure: white areas are clipped."
    if reading.exposure.clipped_dark > MOST_DARK:
        return "Raise the exposure: dark areas are lost."
    return ""


def picture_entry(frames: list[Image], fps: float, still: list[Image] | None = None) -> Entry:
    """Figures and verdict of (H, W, 3) frames; flicker is looked for in `still`, where there are such."""
    if len(frames) < FEWEST_FRAMES:
        raise CalibrationError(
            f"{len(frames)} frames are too few to judge; {FEWEST_FRAMES} are needed.", "Take a second or more."
        )
    if len({frame.shape for frame in frames}) != 1:
        raise CalibrationError("The pictures have different sizes.", "Use pictures of one camera in one format.")
    exposure, flicker = picture.measure_exposure(frames[-1]), picture.measure_flicker(still or frames, fps)
    blemishes = picture.find_blemishes(frames[:: max(1, len(frames) // 30)])
    doubts = (
        (exposure.clipped_bright > MOST_BRIGHT, "over 2 % of the picture is overexposed"),
        (exposure.clipped_dark > MOST_DARK, "over 20 % of the picture is black"),
        (flicker.is_visible, "lamps flicker in the picture"),
        (len(blemishes.dead_pixels) > 20, "over 20 dead pixels"),
        (bool(blemishes.dust), "dust on the lens or sensor"),
    )
    problems = [words for is_bad, words in doubts if is_bad]
    sharpness = [picture.sharpness(frame) for frame in frames[::5]]
    return {
        "frames": len(frames),
        "clipped_dark": exposure.clipped_dark,
        "clipped_bright": exposure.clipped_bright,
        "mean_level": exposure.mean,
        "sharpness": float(np.median(sharpness)),
        "best_sharpness": max(sharpness),
        "noise_levels": float(np.median([picture.noise_sigma(frame) for frame in frames[::5]])),
        "flicker": {"amplitude": flicker.amplitude, "mains_hz": flicker.mains_hz, "is_visible": flicker.is_visible},
        "dead_pixels": [list(place) for place in blemishes.dead_pixels],
        "dust": [list(spot) for spot in blemishes.dust],
        "histogram": [[int(count) for count in row] for row in exposure.histogram],
        "verdict": "fail" if problems else "pass",
        "failures": problems,
    }
