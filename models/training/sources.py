"""Opens what `--data` names: a cache of windows, or a split of a Vident-real tree."""

from __future__ import annotations

from pathlib import Path

from models.data.cache import CachedWindows
from models.data.vident import is_vident, open_vident
from models.training.batches import Windows


def open_windows(folder: Path) -> Windows:
    """The windows of a cache, or of `ROOT/train`, `ROOT/val` or `ROOT/test` of Vident-real."""
    return open_vident(folder) if is_vident(folder) else CachedWindows(folder)
