"""Names a source in one short text and makes it: what the command line, the dialog and the settings share."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from engine.capture.demo.conditions import KINDS
from engine.capture.file import FileSource
from engine.capture.opencv import CameraFormat, CameraSource
from engine.capture.source import Source
from engine.capture.stream import StreamSource
from engine.capture.synthetic import SyntheticSource
from engine.errors import SourceError

DEFAULT_SEED = 7


class SourceKind(Enum):
    """Where pictures come from."""

    DEMO = "demo"
    FILE = "file"
    CAMERA = "camera"
    URL = "url"


@dataclass(frozen=True, slots=True)
class SourceSpec:
    """All that is needed to make a source again at the next start."""

    kind: SourceKind = SourceKind.DEMO
    target: str = ""  # path, camera identity or address; for the demo its kind of scene
    seed: int = DEFAULT_SEED  # demo
    is_paced: bool = True  # demo and file: in real time, or as fast as they are read
    is_looped: bool = False  # file
    camera_format: CameraFormat = field(default_factory=CameraFormat)
    controls: dict[str, float] = field(default_factory=dict)  # camera

    @property
    def text(self) -> str:
        """Short form that `parse_source` understands: demo:hard, file:a.mp4, camera:v4l2:..., url:rtsp://..."""
        return f"{self.kind.value}:{self.target}" if self.target else self.kind.value


def parse_source(text: str) -> SourceSpec:
    """The spec of a short text such as `SourceSpec.text` gives."""
    kind, _, target = text.partition(":")
    try:
        spec = SourceSpec(SourceKind(kind), target)
    except ValueError as error:
        raise SourceError(f"'{text}' names no source.", "Use demo, file:PATH, camera:ID or url:ADDRESS.") from error
    if spec.kind is not SourceKind.DEMO and not target:
        raise SourceError(f"'{text}' does not say which {kind}.", f"Write {kind}:NAME.")
    return spec


def make_source(spec: SourceSpec) -> Source:
    """A source that is made but not opened."""
    if spec.kind is SourceKind.FILE:
        return FileSource(spec.target, realtime=spec.is_paced, loop=spec.is_looped)
    if spec.kind is SourceKind.CAMERA:
        return CameraSource(spec.target, spec.camera_format, spec.controls)
    if spec.kind is SourceKind.URL:
        return StreamSource(spec.target)
    kind = spec.target or "demo"
    if kind not in KINDS:
        raise SourceError(f"There is no demo scene '{kind}'.", f"Choose one of: {', '.join(KINDS)}.")
    return SyntheticSource(seed=spec.seed, realtime=spec.is_paced, kind=kind)
