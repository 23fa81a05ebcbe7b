"""Which source is meant: from the command line or the dialog to an object that can be opened."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import platformdirs

from engine.capture.controls import CameraFormat
from engine.capture.source import Source
from engine.errors import SourceError

DEFAULT_SEED = "7"
FORMAT = re.compile(r"(?P<width>\d{1,5})x(?P<height>\d{1,5})(@(?P<fps>\d{1,4}(\.\d+)?))?(:(?P<code>[A-Za-z0-9]{4}))?")


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
    format: str = ""  # of a camera or of the demo, see `format_of`; empty: as it was signed off, or its own choice
    scene: str = ""  # what the demo is put through, a name in engine.capture.demo.conditions; empty: the usual
    is_looped: bool = False  # a file begins again at its end

    def make(self) -> Source:
        """The source, not yet opened; its module is imported only now. Raises SourceError for a bad name or option."""
        self._refuse_what_does_not_fit()
        if self.kind is SourceKind.FILE:
            from engine.capture.file import FileSource

            return FileSource(self.name, realtime=True, loop=self.is_looped)
        if self.kind is SourceKind.URL:
            from engine.capture.stream import StreamSource

            return StreamSource(self.name)
        if self.kind is SourceKind.CAMERA:
            from app.calibrated import settings_of
            from engine.capture.opencv import CameraSource

            return CameraSource(self.name, format_of(self.format) if self.format else None, recall=settings_of)
        return self._demo()

    def _demo(self) -> Source:
        from engine.capture.synthetic import SyntheticSource

        seed = self.name or DEFAULT_SEED
        if not (seed.isascii() and seed.isdigit()):
            raise SourceError(f"The demo's seed '{seed}' is not a whole number.", "Use 0 or more, such as --seed 7.")
        wish = format_of(self.format or "640x480@30")
        if wish.fourcc:
            raise SourceError("The demo camera has no pixel format.", "Leave the part after the colon away.")
        return SyntheticSource(
            int(seed),
            wish.fps or 30.0,
            (wish.width, wish.height),
            kind=self.scene or "demo",
            cache_dir=Path(platformdirs.user_cache_dir("steadyscope", appauthor=False)) / "demo",
        )

    def _refuse_what_does_not_fit(self) -> None:
        if self.format and self.kind in (SourceKind.FILE, SourceKind.URL):
            raise SourceError(
                "A file or stream has the format that it has.", "Leave --format away, or name a camera or the demo."
            )
        if self.scene and self.kind is not SourceKind.DEMO:
            raise SourceError("Only the demo has scenes.", "Leave --scene away, or use --demo.")
        if self.is_looped and self.kind is not SourceKind.FILE:
            raise SourceError("Only a file can be repeated.", "Leave --loop away, or name a file with --file.")


def format_of(text: str) -> CameraFormat:
    """ "1280x720", "1280x720@30" or "1280x720@30:MJPG" as a wish. Raises SourceError for anything else."""
    match = FORMAT.fullmatch(text.strip())
    if match is None or min(int(match["width"]), int(match["height"])) == 0:
        raise SourceError(
            f"The format '{text}' is not understood.", "Write it as 1280x720, 1280x720@30 or 1280x720@30:MJPG."
        )
    return CameraFormat(
        int(match["width"]), int(match["height"]), float(match["fps"] or 0), (match["code"] or "").upper()
    )


def format_text(wish: CameraFormat) -> str:
    """The same format as `format_of` reads it."""
    rate = f"@{wish.fps:g}" if wish.fps else ""
    code = f":{wish.fourcc}" if wish.fourcc else ""
    return f"{wish.width}x{wish.height}{rate}{code}"
