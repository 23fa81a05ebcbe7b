"""A block of memory that two processes see: arrays are laid into it one behind the other and copied out again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from multiprocessing.shared_memory import SharedMemory
from typing import Any

import numpy as np
from numpy.typing import NDArray

ALIGNMENT = 64  # bytes: a cache line


@dataclass(frozen=True, slots=True)
class Place:
    """Where one array lies."""

    offset: int  # bytes
    shape: tuple[int, ...]
    dtype: str  # NumPy's name


class SharedArrays:
    """One writer at a time; who writes tells the reader the places."""

    def __init__(self, memory: SharedMemory, is_owner: bool) -> None:
        self._memory = memory
        self._is_owner = is_owner

    @classmethod
    def make(cls, size: int) -> SharedArrays:
        """A new block of `size` bytes; pages that are never used cost nothing."""
        return cls(SharedMemory(create=True, size=size), is_owner=True)

    @classmethod
    def attach(cls, name: str) -> SharedArrays:
        """The block that another process made."""
        return cls(SharedMemory(name=name), is_owner=False)

    @property
    def name(self) -> str:
        """For `attach`."""
        return self._memory.name

    def write(self, arrays: Mapping[str, NDArray[Any]]) -> dict[str, Place]:
        """Lay all arrays into the block from its start on; what lay there before is gone."""
        places, offset = {}, 0
        for name, array in arrays.items():
            place = Place(offset, array.shape, array.dtype.name)
            self._view(place)[...] = array
            places[name] = place
            offset += -(-array.nbytes // ALIGNMENT) * ALIGNMENT
        return places

    def read(self, place: Place) -> NDArray[Any]:
        """A read-only copy of the array there."""
        array = self._view(place).copy()
        array.flags.writeable = False
        return array

    def free(self) -> None:
        """Let go of the block; its maker also removes it."""
        self._memory.close()
        if self._is_owner:
            self._memory.unlink()

    def _view(self, place: Place) -> NDArray[Any]:
        return np.ndarray(place.shape, np.dtype(place.dtype), self._memory.buf, place.offset)
