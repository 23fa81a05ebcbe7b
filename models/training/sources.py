"""Opens what `--data` names: a cache of windows, or a split of a Vident-real tree."""

from __future__ import annotations

from pathlib import Path

from models.data.cache import CachedWindows
from models.data.vident import is_vident, open_vident
from models.training.batches import Windows


def open_windows(folder: Path, frames: int, stride: int = 1) -> Windows:
    """The windows of a folder. Frames and their distance matter for a Vident-real tree; a cache has its own."""
    return open_vident(folder, frames, stride) if is_vident(folder) else CachedWindows(folder)
