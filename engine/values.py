"""The frozen values that flow from the camera to the views; every array in them is read-only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]  # (H, W, 3) uint8 RGB unless a docstring says otherwise
Field = NDArray[np.float32]  # one or two float channels on a grid that covers the whole picture
Matrix3 = NDArray[np.float64]  # (3, 3), acts on column vectors (x, y, 1) in pixels


class Tracking(Enum):
    """How well the picture is held on the tooth right now."""

    TRACKING = "tracking"
    COASTING = "coasting"
    LOST = "lost"
    REANCHORING = "reanchoring"


class Mode(Enum):
    """What the shown picture went through."""

    STABILIZED = "stabilized"
    ENHANCED_ONLY = "enhanced_only"
    PASSTHROUGH = "passthrough"


def frozen(array: NDArray[np.generic]) -> NDArray[np.generic]:
    """The same array with its write flag cleared."""
    array.flags.writeable = False
    return array


@dataclass(frozen=True, slots=True)
class Frame:
    """One image as the camera delivered it."""

    pixels: Image  # (H, W, 3) uint8 RGB
    seq: int  # counts every grab, so a gap is a dropped frame
    captured_ns: int  # time.monotonic_ns() right after the grab; for files, the presentation time


@dataclass(frozen=True, slots=True)
class Inference:
    """What the network says about one frame. Each field has a grid of its own that covers the whole picture."""

    seq: int
    enhanced: Image  # (H, W, 3) uint8 RGB, at the working size
    flow: Field  # (h, w, 2) float32 (x, y), current -> previous, in pixels of the working size
    trust: Field  # (h, w) float32 0..1, how far the flow is to be believed
    tooth: Field  # (h, w) float32 0..1, probability of tooth


@dataclass(frozen=True, slots=True)
class Motion:
    """Movement of the tooth between two frames."""

    seq: int
    current_from_previous: Matrix3  # similarity, in pixels of the camera's frame
    residual_px: float  # median distance of the used flow vectors from the similarity
    inliers: float  # 0..1 share of the evidence that agrees


@dataclass(frozen=True, slots=True)
class StabilizedFrame:
    """One frame at the end of the chain; the raw frame always stays reachable."""

    raw: Frame
    inference: Inference | None  # None in PASSTHROUGH: the network gave nothing for this frame
    enhanced: Image  # (H, W, 3) uint8 at the camera's size; the raw pixels in PASSTHROUGH
    pixels: Image  # (H, W, 3) uint8 at the camera's size, stabilized
    stabilized_from_raw: Matrix3
    motion: Motion | None
    tracking: Tracking
    mode: Mode
    reason: str  # why the mode or tracking is what it is; empty when all is well
    anchor_box: tuple[float, float, float, float] | None = None  # x, y, w, h of the locked tooth in raw pixels
    stage_ms: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))


class Liveness(Enum):
    """Is the newest picture new? Judged apart from the camera driver."""

    WAITING = "waiting"
    LIVE = "live"
    STALE = "stale"  # 250 ms without a fresh frame
    NO_LIVE_IMAGE = "no_live_image"  # 500 ms without a fresh frame


@dataclass(frozen=True, slots=True)
class LatencyMs:
    """Percentiles of capture-to-hand-over time."""

    p50: float
    p95: float
    p99: float


@dataclass(frozen=True, slots=True)
class Health:
    """One look at how the session is doing."""

    fps_in: float
    fps_processed: float
    latency_ms: LatencyMs
    stage_ms: Mapping[str, float]
    dropped: Mapping[str, int]  # per hand-off: "pipeline", "raw_view", "recorder_raw", ...
    backend: str
    source: str
    liveness: Liveness
    is_bypassed: bool
    reason: str = ""
    model: str = ""
