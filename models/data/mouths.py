"""Painted mouths as stills: worked teeth, fillings and preparations that photos seldom show, with exact masks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from engine.capture.demo.scene import Scene
from models.data.exposure import even_exposure
from models.data.photos import Photo

FIRST_SEED = 1_000_000  # mouths below are the demo's and the benchmarks': training never sees them
MOUTHS_PER_CACHE = 10_000  # no two caches of different seed share a mouth
MARGIN_PX = 70  # of gum around the row of teeth; more would fill half the windows with nothing else
WINDOWS_PER_MOUTH = 8  # painting one takes as long as drawing ten windows


@dataclass(frozen=True, slots=True)
class Mouth:
    """A mouth that is painted when it is looked at."""

    seed: int
    weight: float = 1.0

    def read(self) -> Photo:
        """The painted picture as if a photographer had taken it, each crown a tooth of its own."""
        return _painted(self.seed)


def mouth_of(cache_seed: int, window: int) -> Mouth:
    """Which mouth a cache's window shows."""
    return Mouth(FIRST_SEED + cache_seed * MOUTHS_PER_CACHE + window // WINDOWS_PER_MOUTH)


@lru_cache(maxsize=1)
def _painted(seed: int) -> Photo:
    scene = Scene.paint(seed)
    rows, columns = np.nonzero(scene.tooth)
    near = (slice(max(0, rows.min() - MARGIN_PX), rows.max() + MARGIN_PX),
            slice(max(0, columns.min() - MARGIN_PX), columns.max() + MARGIN_PX))  # fmt: skip
    return Photo(even_exposure(scene.pixels[near]), _crowns(scene)[near], scene.name)


def _crowns(scene: Scene) -> NDArray[np.uint8]:
    """(H, W) crown 1.., 0 = not a tooth. Crowns touch, so each pixel belongs to the nearest centre."""
    rows, columns = np.nonzero(scene.tooth)
    pixels = np.stack([columns, rows], 1).astype(np.float32)
    distances = [np.square(pixels - centre).sum(1) for centre in scene.waypoints.astype(np.float32)]
    crowns = np.zeros(scene.tooth.shape, np.uint8)
    crowns[rows, columns] = np.argmin(distances, axis=0) + 1
    return crowns
