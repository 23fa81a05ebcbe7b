"""Which source is meant: from the command line or the dialog to an object that can be opened."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from engine.capture.source import Source


class SourceKind(Enum):
    """Where pictures come from."""

    DEMO = "demo"
    CAMERA = "camera"
    FILE = "file"
    URL = "url"


@dataclass(frozen=True, slots=True)
class SourceChoice:
    """One source, as the user named it."""

    kind: SourceKind = SourceKind.DEMO
    name: str = ""  # camera identity, file path or URL; the demo's seed

    def make(self) -> Source:
        """The source, not yet opened; its module is imported only now. Raises SourceError for a bad name."""
        if self.kind is SourceKind.FILE:
            from engine.capture.file import FileSource

            return FileSource(self.name, realtime=True)
        if self.kind is SourceKind.URL:
            from engine.capture.stream import StreamSource

            return StreamSource(self.name)
        if self.kind is SourceKind.CAMERA:
            from app.calibrated import settings_of
            from engine.capture.opencv import CameraSource

            return CameraSource(self.name, recall=settings_of)
        from engine.capture.synthetic import SyntheticSource

        return SyntheticSource(seed=int(self.name or 7))
