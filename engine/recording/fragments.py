"""The fragments of a recorded MP4, whether it still shows them or hides them behind the index of a closed file.

A closed file has its index at the end and its fragments inside one `mdat` box, where they were written: cut short, it
is unreadable for every player until that box is turned into empty space again (ISO/IEC 14496-12, 4.2 and 8.8).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

HEADER_BYTES, LONG_HEADER_BYTES = 8, 16
PARTS = (b"ftyp", b"moov", b"moof", b"mdat", b"free")
BLOCK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Fragments:
    """Where a video's fragments lie, in bytes from its beginning. A fragment holds a frame."""

    veil: tuple[int, int]  # the bytes that hide them in a closed file; begin = end in one that was never closed
    end: int  # behind the last whole one
    count: int  # of whole ones
    is_torn: bool  # more follows, which is no whole one

    @property
    def are_hidden(self) -> bool:
        """Players see them by the index at the end alone."""
        return self.veil[0] < self.veil[1]


@dataclass(frozen=True, slots=True)
class _Box:
    kind: bytes
    begin: int
    content: int
    end: int


def fragments_of(path: Path) -> Fragments | None:
    """Those of a video that this program recorded; None of any other file. Raises OSError."""
    with path.open("rb", buffering=0) as file:
        size = os.fstat(file.fileno()).st_size
        veil, limit = (0, 0), size
        for box in _boxes(file, 0, size):
            if box.kind == b"mdat" and _header_at(file, box.content)[4:8] == b"ftyp":
                veil, limit = (veil[0], box.content), min(box.end, size)
                break
            if box.kind == b"moov":
                veil = (0, 0)
                break
            if box.kind not in PARTS:
                return None
            if box.kind == b"ftyp":
                veil = (box.end, box.end)
        return _whole_ones(file, veil, limit)


def unhide(path: Path, found: Fragments, target: Path) -> None:
    """Write the whole fragments of the closed file `path` to `target`, every byte at its place. Raises OSError."""
    begin, end = found.veil
    with path.open("rb") as source, target.open("wb") as copy:
        copy.write(source.read(begin))
        copy.write((end - begin).to_bytes(4, "big") + b"free" + bytes(end - begin - HEADER_BYTES))
        source.seek(end)
        while rest := source.read(min(BLOCK_BYTES, found.end - copy.tell())):
            copy.write(rest)
        copy.flush()
        os.fsync(copy.fileno())


def _whole_ones(file: FileIO, veil: tuple[int, int], limit: int) -> Fragments | None:
    kinds: list[bytes] = []
    end = count = 0
    for box in _boxes(file, veil[1], limit):
        if box.end > limit or box.kind not in PARTS:
            break
        kinds.append(box.kind)
        if box.kind == b"mdat":
            end, count = box.end, count + 1
    return Fragments(veil, end, count, end < limit) if b"moov" in kinds and (count < 2 or b"moof" in kinds) else None


def _boxes(file: FileIO, begin: int, end: int) -> Iterator[_Box]:
    """In their order, for as far as they have a header; the last one may reach behind `end`."""
    while begin + HEADER_BYTES <= end:
        header = _header_at(file, begin)
        size, kind, length = int.from_bytes(header[:4], "big"), header[4:8], HEADER_BYTES
        if size == 1:
            size, length = int.from_bytes(header[8:], "big"), LONG_HEADER_BYTES
        if size < length:
            return
        yield _Box(kind, begin, begin + length, begin + size)
        begin += size


def _header_at(file: FileIO, begin: int) -> bytes:
    file.seek(begin)
    return file.read(LONG_HEADER_BYTES)
