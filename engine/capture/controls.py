"""What can be turned on a camera while it runs, and the settings that are kept for the next time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from engine.capture.source import Source


@dataclass(frozen=True, slots=True)
class CameraFormat:
    """What to ask the camera for; 0 or empty leaves its own choice."""

    width: int = 0
    height: int = 0
    fps: float = 0.0
    fourcc: str = ""  # "MJPG", "YUYV"


@dataclass(frozen=True, slots=True)
class CameraSettings:
    """Format and controls that a camera is opened with."""

    format: CameraFormat = field(default_factory=CameraFormat)
    controls: Mapping[str, float] = field(default_factory=dict)  # by the names of engine.capture.opencv.CONTROLS


@dataclass(frozen=True, slots=True)
class ControlRange:
    """What a camera accepts for one control, in its own units."""

    name: str
    minimum: int
    maximum: int
    step: int
    default: int
    is_active: bool  # False while an automatic has it
    kind: str = "number"  # or "switch", or "choice"
    choices: tuple[tuple[int, str], ...] = ()  # of a choice: value and the driver's word for it


@dataclass(frozen=True, slots=True)
class Control:
    """One control as it stands."""

    name: str
    value: float  # as last read back
    range: ControlRange | None  # None: this system does not tell ranges


@dataclass(frozen=True, slots=True)
class FormatChoice:
    """One format that a camera offers."""

    fourcc: str
    width: int
    height: int
    fps: float  # the fastest


@runtime_checkable
class Adjustable(Source, Protocol):
    """A source whose controls can be turned while it runs."""

    def adjust(self, name: str, value: float) -> None:
        """Wish for a value; the camera takes it, or does not, before its next picture. Kept over replugging."""
        ...

    def look(self) -> list[Control]:
        """Every control with its true range and its value as read back. Asks the driver: call it on a worker."""
        ...

    def offered_formats(self) -> Sequence[FormatChoice]:
        """Formats to choose from, largest first; empty where the system does not tell. Call it on a worker."""
        ...

    def decode_ms(self) -> float | None:
        """Median milliseconds that unpacking a picture took of late; None before the first."""
        ...

    def settings(self) -> CameraSettings:
        """Format and controls as read back, without what an automatic governs: what a profile keeps."""
        ...

    def in_format(self, wish: CameraFormat) -> Adjustable:
        """The same camera with the same wishes, not yet opened, in another format."""
        ...
