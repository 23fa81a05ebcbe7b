"""What the benchmark runs: the clips, on photos that nothing was tuned on, and the methods for each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tests.bench.stabilization.clips import Clip, ClipSpec
from tests.bench.stabilization.photos import choose, load
from tests.bench.stabilization.scenes import SceneClip

SEEDS = 5
SCENES = ("demo", "hard", "walk", "low_light")  # the demo camera's conditions
REAPPEARANCES = 100
OURS = ("exact", "spoilt", "network", "classical")


@dataclass(frozen=True)
class Job:
    """One clip and what is run on it."""

    spec: ClipSpec
    ours: tuple[str, ...]
    modes: tuple[str, ...]
    has_peers: bool
    has_masked_peers: bool

    @property
    def name(self) -> str:
        """Folder of the results."""
        return self.spec.name


def main_jobs(seeds: int) -> list[Job]:
    """Clips A to E, 20 s at 30 fps."""
    return [
        Job(ClipSpec(kind, 100 + seed), OURS, ("follow",), True, kind == "B")
        for seed in range(seeds)
        for kind in "BACDE"
    ]


def fast_jobs(seeds: int) -> list[Job]:
    """Clip B at 60 fps; the peers see the first."""
    return [Job(ClipSpec("B", 200 + seed, 60.0), OURS, ("follow",), seed == 0, False) for seed in range(seeds)]


def scene_jobs(seeds: int) -> list[Job]:
    """The demo camera's painted mouths: another picture of the world than photos."""
    return [
        Job(ClipSpec(kind, 500 + seed), ("network", "spoilt"), ("follow",), False, False)
        for seed in range(seeds)
        for kind in SCENES
    ]


def drift_jobs() -> list[Job]:
    """Two minutes each, LOCK."""
    return [Job(ClipSpec(kind, 300, 30.0, 120.0), ("network", "spoilt"), ("lock",), False, False) for kind in "ABE"]


def reappearance_jobs(count: int) -> list[Job]:
    """Half of them the same tooth; of the rest, half a neighbour and half another mouth."""
    kinds = ("R", "N", "R", "O")
    return [
        Job(ClipSpec(kinds[n % 4], 400 + n, 30.0, 3.0), ("network", "spoilt"), ("follow",), False, False)
        for n in range(count)
    ]


def clip_for(spec: ClipSpec, data: Path, split: str) -> Clip | SceneClip:
    """The clip on its photo, every seed has its own; or on a painted scene."""
    if spec.kind in SCENES:
        return SceneClip(spec)
    photos = choose(data, split)
    step = spec.seed * 5 + "ABCDERNO".index(spec.kind)
    other = load(photos[(step + 7) % len(photos)]) if spec.kind == "O" else None
    return Clip(spec, load(photos[step % len(photos)]), other)
