"""What a source of frames promises, whether camera, file, stream or demo."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from engine.values import Frame


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """What is known of an opened source."""

    identity: str  # stable across replugging: "v4l2:046d:0825:serial", "file:/a.mp4", "demo:seed=7"; never an index
    name: str  # for people
    width: int
    height: int
    fps: float  # nominal; 0 when unknown
    is_live: bool  # True: old frames are dropped. False (files): back-pressure, none is dropped
    frame_count: int | None = None  # files that know it
    controls: dict[str, float] = field(default_factory=dict)  # camera controls as read back


class Source(Protocol):
    """Created cheaply, opened on the capture thread, read there, closed there."""

    @property
    def identity(self) -> str:
        """Known before opening."""
        ...

    def open(self) -> SourceInfo:
        """Open the device or file. Raises SourceError (sentence and remedy)."""
        ...

    def read(self, timeout_s: float) -> Frame:
        """The next frame. Raises SourceTimeout, SourceError, or EndOfStream after a file's last frame."""
        ...

    def close(self) -> None:
        """Free the device; harmless when not open, and may be called while another thread hangs in `read`."""
        ...


@runtime_checkable
class Foretelling(Protocol):
    """A live source that may know its picture before it is opened, so that the engine can load meanwhile."""

    @property
    def expected_size(self) -> tuple[int, int] | None:
        """(height, width) of the pictures to come, None if that shows only later. Being wrong costs only time."""
        ...
