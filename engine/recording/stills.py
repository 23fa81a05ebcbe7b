"""Still pictures: PNG at full size, encoded in the background, raw and shown side by side in the session folder."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import cv2

from engine.errors import RecordingError
from engine.values import Image, StabilizedFrame


class StillWriter:
    """One background thread that writes PNG files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="stills")
        self._pending: list[Future[None]] = []

    def save(self, result: StabilizedFrame) -> list[Path]:
        """Queue both pictures of this frame; returns the two paths. Raises RecordingError after `close`."""
        paths = []
        for kind, pixels in (("raw", result.raw.pixels), ("shown", result.pixels)):
            path = self._folder / f"{result.raw.seq:08d}-{kind}.png"
            try:
                self._pending.append(self._pool.submit(write_png, path, pixels))
            except RuntimeError as error:  # the recording has been stopped this very moment
                raise RecordingError("No recording is running.", "Start one first.") from error
            paths.append(path)
        return paths

    def close(self) -> None:
        """Wait until all are written. Raises RecordingError if one was not."""
        self._pool.shutdown(wait=True)
        pending, self._pending = self._pending, []
        for future in pending:
            future.result()


def write_png(path: Path, pixels: Image) -> None:
    """(H, W, 3) uint8 RGB as a lossless PNG, in one step: a reader never sees half a file."""
    is_encoded, data = cv2.imencode(".png", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR))
    if not is_encoded:
        raise RecordingError(f"The still {path.name} could not be encoded.", "Take it again.")
    temporary = path.with_suffix(".tmp")
    try:
        temporary.write_bytes(data.tobytes())
        temporary.replace(path)
    except OSError as error:
        raise RecordingError(
            f"The still {path.name} could not be written: {error.strerror}.", "Free disk space and take it again."
        ) from error
