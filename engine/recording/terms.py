"""What a recording is asked for and what it tells: options, source, status."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from engine.recording.disk import DiskRules, DiskState
from engine.recording.session_folder import RAW, STABILIZED

DISK_LOOK_EVERY_S = 1.0


@dataclass(frozen=True, slots=True)
class RecordingOptions:
    """What is recorded, and how."""

    library: Path
    streams: tuple[str, ...] = (RAW, STABILIZED)
    crf: int = 20
    is_hardware_encoder_allowed: bool = True
    disk: DiskRules = field(default_factory=DiskRules)
    disk_look_every_s: float = DISK_LOOK_EVERY_S
    operator: str = ""  # who records, for the report


@dataclass(frozen=True, slots=True)
class RecordedSource:
    """What the session remembers of the camera."""

    identity: str
    name: str
    width: int
    height: int
    fps: float


@dataclass(frozen=True, slots=True)
class RecordingStatus:
    """One look at a recording."""

    is_recording: bool
    is_paused: bool = False
    session_id: str = ""
    elapsed_s: float = 0.0
    frames: dict[str, int] = field(default_factory=dict)  # written, per tap
    lost: dict[str, int] = field(default_factory=dict)  # refused by a full tap: the recorder's own losses
    disk: DiskState | None = None
    notice: str = ""  # encoder fallback, disk warning, or the problem
    problem: str = ""  # why it finished by itself, or what of it could not be kept
