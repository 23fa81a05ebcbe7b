"""A small finished session whose frames tell their number by their grey, made by the real recorder."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from engine.recording.disk import DiskRules
from engine.recording.recorder import RecordedSource, Recorder, RecordingOptions
from engine.recording.session_folder import Patient, SessionFolder
from engine.values import Frame, Image, Mode, Motion, StabilizedFrame, Tracking

SIZE = (160, 120)  # (width, height)
STEP_NS = 40_000_000
SHIFT = np.array([[1.0, 0.0, 8.0], [0.0, 1.0, 4.0], [0.0, 0.0, 1.0]])  # stabilized from raw
FRAMES = 40
LOST = range(20, 25)


def grey_of(seq: int) -> int:
    """The level of frame `seq`."""
    return 20 + 5 * seq


def number_of(pixels: Image) -> int:
    """The frame that a picture shows."""
    return round((float(pixels.mean()) - 20) / 5)


def record_session(library: Path, patient: Patient | None = None, frames: int = FRAMES) -> SessionFolder:
    """`frames` frames of 25 a second, tracking lost in the middle."""
    recorder = Recorder(RecordingOptions(library, disk=DiskRules(0, 0, 0), is_hardware_encoder_allowed=False))
    source = RecordedSource("demo:1", "Demo", *SIZE, 25)
    folder = recorder.start(patient or Patient("77", "Roe", "Ann", "1990-05-06"), source)
    for seq in range(frames):
        pixels = np.full((SIZE[1], SIZE[0], 3), grey_of(seq), np.uint8)
        frame = Frame(pixels, seq, 10**9 + seq * STEP_NS)
        tracking = Tracking.LOST if seq in LOST else Tracking.TRACKING
        motion = None if seq in LOST else Motion(seq, np.eye(3), 0.1, 1.0)
        recorder.offer_raw(frame)
        recorder.offer_output(
            StabilizedFrame(frame, None, pixels, pixels, SHIFT, motion, tracking, Mode.STABILIZED, "")
        )
    assert recorder.stop().lost == {"raw": 0, "stabilized": 0}
    return folder
