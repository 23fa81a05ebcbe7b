"""Results on disk: per clip one truth file, per method one track; written at once and renamed, so a run can go on."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.stabilization.similarity import Similarity

TRACKING = ("tracking", "coasting", "lost", "reanchoring")


@dataclass
class Track:
    """What one method did to one clip. Corrections are steady-from-raw, without any crop's zoom; NaN where unknown."""

    correction: NDArray[np.complex128]  # (N, 2) turn, shift
    tracking: NDArray[np.int8]  # (N,) index into TRACKING, -1 for peers
    anchor: NDArray[np.int32]  # (N,)
    error_px: NDArray[np.float64]  # (N,) pose error against the truth of the same anchor; NaN when not TRACKING
    room_px: NDArray[np.float64]  # (N,) least distance of the shown window from the raw picture's edge
    ms: NDArray[np.float64]  # (N,) wall time of the stabilizer alone; empty for peers
    pose: NDArray[np.complex128]  # (N, 2) turn, shift: raw from the anchor's plane as told; NaN when not TRACKING
    facts: dict[str, float] = field(default_factory=dict)  # itf_db, sharpness, cpu_ms
    made_by: str = ""  # see version.py; empty for peers and for tracks of before it was kept

    def similarity(self, index: int) -> Similarity:
        """The correction of one frame."""
        return Similarity(complex(self.correction[index, 0]), complex(self.correction[index, 1]))

    def save(self, path: Path) -> None:
        """Write beside and rename."""
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_suffix(f".{os.getpid()}.npz")
        np.savez_compressed(
            beside,
            correction=self.correction,
            tracking=self.tracking,
            anchor=self.anchor,
            error_px=self.error_px,
            room_px=self.room_px,
            ms=self.ms,
            pose=self.pose,
            made_by=np.array(self.made_by),
            names=np.array(list(self.facts)),
            values=np.array(list(self.facts.values())),
        )
        beside.rename(path)


def empty_track(count: int) -> Track:
    """A track of `count` unknown frames."""
    return Track(
        np.full((count, 2), np.nan + 0j),
        np.full(count, -1, np.int8),
        np.zeros(count, np.int32),
        np.full(count, np.nan),
        np.full(count, np.nan),
        np.zeros(0),
        np.full((count, 2), np.nan + 0j),
    )


def load_track(path: Path) -> Track:
    """Read a saved track."""
    with np.load(path) as file:
        facts = {str(name): float(value) for name, value in zip(file["names"], file["values"], strict=True)}
        parts = {k: file[k] for k in ("correction", "tracking", "anchor", "error_px", "room_px", "ms")}
        parts["pose"] = file["pose"] if "pose" in file else np.full((len(file["ms"]), 2), np.nan + 0j)
    return Track(**parts, facts=facts, made_by=made_by(path))


def made_by(path: Path) -> str:
    """What made a saved track."""
    with np.load(path) as file:
        return str(file["made_by"]) if "made_by" in file else ""


def tracks_in(folder: Path) -> list[Path]:
    """The saved tracks of one clip; not its truth, nor what is just being written."""
    paths = folder.glob("*.npz")
    return sorted(p for p in paths if p.stem != "truth" and "." not in p.stem.removeprefix("vid."))


def claim(path: Path) -> bool:
    """Take a piece of work for this process; False if it is done or taken by a process that still lives."""
    mark = path.with_suffix(".claim")
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        return False
    try:
        handle = os.open(mark, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
    except FileExistsError:
        owner = mark.read_text().strip()
        if owner and Path(f"/proc/{owner}").exists():
            return False
        mark.unlink(missing_ok=True)
        return claim(path)
    with os.fdopen(handle, "w") as file:
        file.write(str(os.getpid()))
    return True


def release(path: Path) -> None:
    """Give a piece of work back."""
    path.with_suffix(".claim").unlink(missing_ok=True)
