"""Turns windows into batches: which window at which step, its crop and its flips, read ahead by threads."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.errors import ModelError
from models.data.window import Window
from models.training.augment import cut, tint, turn
from models.training.recipe import Recipe
from models.training.streams import Visit, visit_at


class Windows(Protocol):
    """Any data set of windows."""

    def __len__(self) -> int: ...
    def __getitem__(self, index: int, /) -> Window: ...


class Joined:
    """Several data sets, one after the other. A set given twice counts twice."""

    def __init__(self, parts: Sequence[Windows]) -> None:
        self._parts = parts
        self._ends = np.cumsum([len(part) for part in parts])

    def __len__(self) -> int:
        return int(self._ends[-1])

    def __getitem__(self, index: int) -> Window:
        part = int(np.searchsorted(self._ends, index, side="right"))
        return self._parts[part][index - int(self._ends[part - 1] if part else 0)]


@dataclass(frozen=True, slots=True)
class Batch:
    """Windows of one size, stacked: B windows of T frames, as they lie in `Window`."""

    degraded: Tensor  # (B, T, H, W, 3) uint8
    clean: Tensor  # (B, T, H, W, 3) uint8
    flow: Tensor  # (B, T, H, W, 2) float16
    visible: Tensor  # (B, T, H, W) uint8
    tooth: Tensor  # (B, T, H, W) uint8
    visit: Visit | None = None  # of a long stream, whose state is known

    def to(self, device: torch.device) -> Batch:
        """The same on a device."""
        own = (self.degraded, self.clean, self.flow, self.visible, self.tooth)
        degraded, clean, flow, visible, tooth = (tensor.to(device, non_blocking=True) for tensor in own)
        return Batch(degraded, clean, flow, visible, tooth, self.visit)


def stack(windows: Sequence[Window], visit: Visit | None = None) -> Batch:
    """A batch of windows that share a size."""

    def joined(name: str) -> Tensor:
        return torch.from_numpy(np.stack([getattr(window, name) for window in windows]))

    return Batch(joined("degraded"), joined("clean"), joined("flow"), joined("visible"), joined("tooth"), visit)


class Batches:
    """The batch of every step, a function of the seed and the step alone, so that a resumed run sees the same ones."""

    def __init__(self, windows: Windows, recipe: Recipe, rank: int = 0, peers: int = 1) -> None:
        if len(windows) == 0:
            raise ModelError("There is no window to train on.", "Make some: python -m models data --help.")
        if recipe.batch % peers:
            raise ModelError(
                f"A batch of {recipe.batch} windows cannot be shared by {peers} processes.",
                "Choose a multiple with --batch.",
            )
        self._windows, self._recipe = windows, recipe
        self._rank, self._peers = rank, peers

    def at(self, step: int) -> Batch:
        """This process's share of the batch of a step."""
        visit = visit_at(step, self._recipe)
        first = (step if visit is None else visit.began) * self._recipe.batch
        share = range(first + self._rank, first + self._recipe.batch, self._peers)
        return stack([self._window(position) for position in share], visit)

    def stream(self, step: int, workers: int = 2, ahead: int = 4) -> Generator[Batch, None, None]:
        """Batches from a step on, `ahead` of them being read while the network works."""
        with ThreadPoolExecutor(workers, thread_name_prefix="batches") as pool:
            waiting: deque[Future[Batch]] = deque(pool.submit(self.at, step + i) for i in range(ahead))
            step += ahead
            try:
                while True:
                    batch = waiting.popleft().result()
                    waiting.append(pool.submit(self.at, step))
                    step += 1
                    yield batch
            finally:
                for future in waiting:
                    future.cancel()

    def _window(self, position: int) -> Window:
        epoch, place = divmod(position, len(self._windows))
        window = self._windows[int(_order(len(self._windows), self._recipe.seed, epoch)[place])]
        _refuse_small(window, self._recipe)
        random = np.random.default_rng((self._recipe.seed, position))
        part = turn(cut(window, self._recipe.frames, self._recipe.crop, random), random)
        return tint(part, random) if self._recipe.tint else part


@lru_cache(maxsize=2)
def _order(count: int, seed: int, epoch: int) -> NDArray[np.int64]:
    return np.random.default_rng((seed, epoch, count)).permutation(count)


def _refuse_small(window: Window, recipe: Recipe) -> None:
    frames, height, width = window.tooth.shape
    if frames < recipe.frames or min(height, width) < recipe.crop:
        raise ModelError(
            f"The window '{window.name}' has {frames} frames of {width}x{height} pixels, "
            f"training asks for {recipe.frames} of {recipe.crop}x{recipe.crop}.",
            "Choose --crop and --frames to fit, or make larger windows.",
        )
