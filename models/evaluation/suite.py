"""The fixed test suite: the same clips for everybody, by condition and by level of degradation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from models.data.cache import CachedWindows, CachePlan, write_cache
from models.data.conditions import CONDITIONS, Condition
from models.data.generate import WindowOptions, conditioned_window
from models.data.photos import PhotoFile, list_photos
from models.data.rendered import conditioned_rendering, load_arches
from models.data.window import Window

VERSION = 3  # raise it with every change that alters the clips
SEEDS = {"val": 20261, "tune": 20263, "crowns": 20264}  # photos of a split, or rendered crowns
FRAMES, HEIGHT, WIDTH = 6, 480, 640
LEVELS = {"light": 0.4, "medium": 0.65, "hard": 0.95}
REPEATS = 2
Draw = Callable[[int, np.random.Generator, Condition], Window]
UNLABELLED_EVERY = 6  # every sixth clip shows a clinical photo, which has no mask


@dataclass(frozen=True, slots=True)
class ClipPlan:
    """What one clip is about."""

    condition: str
    level: str


def plan_clips(suite: str) -> list[ClipPlan]:
    """Every condition at every level, the clean one without levels; half as many clips where rendering is slow."""
    clips = [ClipPlan("clean", "clean") for _ in range(3)]
    for _ in range(1 if suite == "crowns" else REPEATS):
        clips += [ClipPlan(name, level) for name in CONDITIONS if name != "clean" for level in LEVELS]
    return clips


def at_level(clip: ClipPlan) -> Condition:
    """The clip's condition with its strength fixed by the level."""
    condition = CONDITIONS[clip.condition]
    if clip.level not in LEVELS:
        return condition
    strength = LEVELS[clip.level]
    return replace(condition, strength=(strength, strength))


def open_suite(data: Path, suite: str, cache: Path, progress: Callable[[int], None]) -> CachedWindows:
    """The suite's clips, made where `cache` does not hold them yet."""
    folder = cache / f"{suite}-v{VERSION}"
    clips = plan_clips(suite)
    plan = CachePlan(len(clips), FRAMES, HEIGHT, WIDTH, SEEDS[suite], suite, shard=len(clips))
    if not any(folder.glob("shard-*")):
        draw = _from_crowns(data) if suite == "crowns" else _from_photos(data, suite, len(clips))

        def make(index: int, rng: np.random.Generator) -> Window:
            window = draw(index, rng, at_level(clips[index]))
            progress(index + 1)
            subject = window.name.split("/")[0]
            return replace(window, name=f"{subject}/{clips[index].condition}/{clips[index].level}")

        write_cache(folder, plan, make, lambda _: None)
    return CachedWindows(folder)


def _from_photos(data: Path, split: str, count: int) -> Draw:
    chosen = _assign_photos(list_photos(data, split), count, SEEDS[split])
    options = WindowOptions(FRAMES, HEIGHT, WIDTH)
    return lambda index, rng, condition: conditioned_window(rng, [chosen[index]], options, condition)


def _from_crowns(data: Path) -> Draw:
    arches = load_arches(data)
    options = WindowOptions(FRAMES, HEIGHT, WIDTH)
    return lambda _, rng, condition: conditioned_rendering(rng, arches, options, condition)


def _assign_photos(photos: list[PhotoFile], count: int, seed: int) -> list[PhotoFile]:
    """One photo for each clip, all different as long as they last."""
    rng = np.random.default_rng(seed)
    labelled = [photo for photo in photos if photo.has_mask]
    unlabelled = [photo for photo in photos if not photo.has_mask] or labelled
    order, other = rng.permutation(len(labelled)), rng.permutation(len(unlabelled))
    chosen = []
    for k in range(count):
        if k % UNLABELLED_EVERY == UNLABELLED_EVERY - 1:
            chosen.append(unlabelled[other[(k // UNLABELLED_EVERY) % len(other)]])
        else:
            chosen.append(labelled[order[k % len(order)]])
    return chosen
