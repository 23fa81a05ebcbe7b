"""Windows made once and read many times: shards of memory-mapped arrays."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.errors import SourceError
from models.data.window import Window

FIELDS = tuple(field.name for field in fields(Window) if field.name != "name")
META = "meta.json"


@dataclass(frozen=True, slots=True)
class CachePlan:
    """What a cache holds: enough to make it again, shard by shard."""

    windows: int
    frames: int
    height: int
    width: int
    seed: int
    split: str
    shard: int = 100  # windows in a shard

    @property
    def shards(self) -> int:
        """How many shards the windows fill."""
        return -(-self.windows // self.shard)


def write_cache(
    out: Path, plan: CachePlan, make: Callable[[int, np.random.Generator], Window], progress: Callable[[int], None]
) -> None:
    """Make the shards that are not there yet. A shard appears in one rename, so a training may read along.

    Window k depends on the seed and k alone: an interrupted or enlarged cache goes on as if never interrupted.
    """
    out.mkdir(parents=True, exist_ok=True)
    _check_same(out, plan)
    (out / META).write_text(json.dumps(asdict(plan), indent=1) + "\n")
    for number in range(plan.shards):
        if not (out / _shard_name(number)).exists():
            _write_shard(out, plan, number, make)
        progress(min((number + 1) * plan.shard, plan.windows))


def _check_same(out: Path, plan: CachePlan) -> None:
    if not (out / META).exists():
        return
    there = json.loads((out / META).read_text())
    wanted = asdict(plan)
    differing = [key for key in wanted if key != "windows" and there.get(key) != wanted[key]]
    if differing:
        raise SourceError(
            f"{out} holds a cache with another {', '.join(differing)}.", "Give another folder, or the same options."
        )


def _shard_name(number: int) -> str:
    return f"shard-{number:04d}"


def _write_shard(out: Path, plan: CachePlan, number: int, make: Callable[[int, np.random.Generator], Window]) -> None:
    unfinished = out / f"unfinished-{number:04d}-{os.getpid()}"
    unfinished.mkdir(exist_ok=True)
    count = min(plan.shard, plan.windows - number * plan.shard)
    arrays: dict[str, NDArray[np.generic]] = {}
    names = []
    for k in range(count):
        index = number * plan.shard + k
        window = make(index, np.random.default_rng([plan.seed, index]))
        names.append(window.name)
        for name in FIELDS:
            value = getattr(window, name)
            if name not in arrays:
                shape = (count, *value.shape)
                arrays[name] = np.lib.format.open_memmap(unfinished / f"{name}.npy", "w+", value.dtype, shape)
            arrays[name][k] = value
    for array in arrays.values():
        array.flush()  # type: ignore[attr-defined]  # open_memmap gives a memmap
    (unfinished / "names.json").write_text(json.dumps(names))
    unfinished.rename(out / _shard_name(number))


class CachedWindows:
    """Read access to a cache. Reading touches the pages of one window only."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._shards: list[dict[str, NDArray[np.generic]]] = []
        self._names: list[list[str]] = []
        self.refresh()
        if not self._shards:
            raise SourceError(f"{folder} holds no finished shard of windows.", "Make one: python -m models data cache.")

    def refresh(self) -> int:
        """Take up shards finished since; returns how many windows there are now."""
        for path in sorted(self.folder.glob("shard-*"))[len(self._shards) :]:
            self._shards.append({name: np.load(path / f"{name}.npy", mmap_mode="r") for name in FIELDS})
            self._names.append(json.loads((path / "names.json").read_text()))
        return len(self)

    def __len__(self) -> int:
        return sum(map(len, self._names))

    def __getitem__(self, index: int) -> Window:
        """The window as it was made (arrays are read-only views of the files)."""
        for arrays, names in zip(self._shards, self._names, strict=True):
            if index < len(names):
                return Window(**{name: arrays[name][index] for name in FIELDS}, name=names[index])
            index -= len(names)
        raise IndexError(index)
