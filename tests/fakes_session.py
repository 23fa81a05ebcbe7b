"""A session whose frames, health and events are scripted; it notes every command."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from engine.calibration.correction import PictureCorrection
from engine.capture.source import Source, SourceInfo
from engine.events import Event, EventKind
from engine.exchange import RecorderTap
from engine.values import (
    Frame,
    Health,
    Image,
    Inference,
    LatencyMs,
    Liveness,
    Mode,
    Motion,
    StabilizedFrame,
    Tracking,
    frozen,
)

SIZE = (96, 128)  # (H, W)


class ScriptedSession:
    """Stands in for engine.session.Session under the window; `commands` lists what was asked of it."""

    def __init__(self) -> None:
        self.raw: Frame | None = None
        self.output: StabilizedFrame | None = None
        self.told = healthy()
        self.happened: list[Event] = []
        self.commands: list[tuple[Any, ...]] = []
        self.source_info: SourceInfo | None = SourceInfo("scripted", "Scripted camera", SIZE[1], SIZE[0], 30.0, True)
        self.recorder: RecorderTap | None = None
        self.source: Source | None = None

    def attach_recorder(self, recorder: RecorderTap | None) -> None:
        """Kept, so that a test can offer frames to it."""
        self.recorder = recorder

    def take_raw(self) -> Frame | None:
        """The scripted frame, once."""
        frame, self.raw = self.raw, None
        return frame

    def take_output(self) -> StabilizedFrame | None:
        """The scripted output, once."""
        output, self.output = self.output, None
        return output

    def health(self) -> Health:
        """The scripted health."""
        return self.told

    def events(self) -> list[Event]:
        """The scripted events, once."""
        happened, self.happened = self.happened, []
        return happened

    def start(self, source: Source) -> None:
        """Noted by identity."""
        self.source = source
        self.commands.append(("start", source.identity))

    def stop(self) -> None:
        """Noted."""
        self.commands.append(("stop",))

    def set_correction(self, correction: PictureCorrection) -> None:
        """Noted by its kind."""
        self.commands.append(("set_correction", type(correction).__name__))

    def set_bypass(self, is_on: bool) -> None:
        """Noted."""
        self.commands.append(("set_bypass", is_on))

    def set_mode(self, mode: str) -> None:
        """Noted."""
        self.commands.append(("set_mode", mode))

    def set_stabilizer(self, make: Callable[[], Any]) -> None:
        """Noted with the options of what it makes."""
        self.commands.append(("set_stabilizer", make().options))

    def set_engine(self, open_pipeline: Callable[..., Any]) -> None:
        """Noted."""
        self.commands.append(("set_engine", open_pipeline))

    def reanchor(self) -> None:
        """Noted."""
        self.commands.append(("reanchor",))

    def choose_tooth(self, x: float, y: float) -> None:
        """Noted."""
        self.commands.append(("choose_tooth", round(x, 3), round(y, 3)))


def picture(value: int = 120) -> Image:
    """(H, W, 3) of one grey value."""
    return np.asarray(frozen(np.full((*SIZE, 3), value, np.uint8)), dtype=np.uint8)


def raw_frame(seq: int, value: int = 120) -> Frame:
    """A fresh frame."""
    return Frame(picture(value), seq, time.monotonic_ns())


def stabilized(
    seq: int,
    tracking: Tracking = Tracking.TRACKING,
    mode: Mode = Mode.STABILIZED,
    moved_px: tuple[float, float] = (0.0, 0.0),
) -> StabilizedFrame:
    """An output whose raw, enhanced and stabilized pictures have the grey values 50, 100 and 150."""
    stabilized_from_raw = np.array([[1, 0, moved_px[0]], [0, 1, moved_px[1]], [0, 0, 1]], dtype=np.float64)
    grid = (SIZE[0] // 4, SIZE[1] // 4)
    inference = Inference(
        seq,
        picture(100),
        np.full((*grid, 2), -2.0, np.float32),
        np.ones(grid, np.float32),
        np.ones(grid, np.float32),
    )
    is_raw = mode is Mode.PASSTHROUGH
    return StabilizedFrame(
        raw=raw_frame(seq, 50),
        inference=None if is_raw else inference,
        enhanced=picture(50 if is_raw else 100),
        pixels=picture(50 if is_raw else 150),
        stabilized_from_raw=stabilized_from_raw,
        motion=None if is_raw else Motion(seq, np.eye(3), 0.1, 0.9),
        tracking=tracking,
        mode=mode,
        reason="",
        anchor_box=None if is_raw else (40.0, 30.0, 30.0, 24.0),
        stage_ms={"infer": 12.0, "warp": 1.0},
    )


def healthy(liveness: Liveness = Liveness.LIVE, bypass_reason: str = "") -> Health:
    """A healthy session, unless told otherwise."""
    return Health(
        fps_in=30.0,
        fps_processed=29.8,
        latency_ms=LatencyMs(21.4, 27.6, 30.0),
        stage_ms={"infer": 12.0, "warp": 1.0},
        dropped={"pipeline": 0, "raw_view": 4},
        backend="scripted-cpu",
        source="Scripted camera",
        liveness=liveness,
        is_bypassed=bool(bypass_reason),
        reason=bypass_reason,
        model="scripted-net",
    )


def happened(kind: EventKind, sentence: str = "", remedy: str = "") -> Event:
    """An event now."""
    return Event(kind, sentence, remedy, time.monotonic_ns())
