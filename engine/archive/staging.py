"""Where an export grows before it is shown: what was cancelled or failed leaves nothing behind, on any disk."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

Progress = Callable[[float], bool]  # told 0..1; returning False cancels
TOLD_EACH = 0.005  # of the whole: often enough to be cancelled at once, seldom enough to cost nothing


class ExportCancelled(Exception):
    """The one who watches the progress wants no more. Not an error."""


class Meter:
    """Counts the work that is done, tells its share, and gives up when it is told to."""

    def __init__(self, total: int, progress: Progress, begin: float = 0.0, end: float = 1.0) -> None:
        """`total` is the work in bytes; its share runs from `begin` to `end` of the whole."""
        self._total, self._progress = max(total, 1), progress
        self._begin, self._end = begin, end
        self._done, self._told = 0, -1.0

    def add(self, count: int) -> None:
        """So many bytes more are done. Raises ExportCancelled."""
        self._done += count
        share = min(self._done / self._total, 1.0)
        if share - self._told >= TOLD_EACH:
            self._told = share
            if not self._progress(self._begin + (self._end - self._begin) * share):
                raise ExportCancelled


class MeteredFile:
    """A binary file to write that tells a meter of each byte."""

    def __init__(self, file: BinaryIO, meter: Meter) -> None:
        self._file, self._meter = file, meter

    def write(self, data: bytes) -> int:
        """Write, and count. Raises ExportCancelled."""
        self._meter.add(len(data))
        return self._file.write(data)

    def seek(self, offset: int, whence: int = 0) -> int:
        """As of any file."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """As of any file."""
        return self._file.tell()


@contextmanager
def staging(folder: Path, name: str) -> Iterator[Path]:
    """A hidden folder inside `folder`, which is made if need be: the same disk, so that what is whole is only renamed.

    Afterwards nothing is left of it, nor of an empty folder that was made for it.
    """
    made = [place for place in (folder, *folder.parents) if not place.exists()]
    place = folder / f".{name}.partial"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(place, ignore_errors=True)  # of a run that was killed
        place.mkdir()
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)
        for one in made:
            with suppress(OSError):  # only an empty folder goes
                one.rmdir()
