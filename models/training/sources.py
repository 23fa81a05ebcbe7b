"""Opens what `--data` names: a cache of windows."""

from __future__ import annotations

from pathlib import Path

from models.data.cache import CachedWindows
from models.training.batches import Windows


def open_windows(folder: Path) -> Windows:
    """The windows of a folder."""
    return CachedWindows(folder)
