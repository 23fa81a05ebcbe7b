"""Keeps the kernels that TensorRT for RTX compiles when it loads a plan, so that the next start is quick."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan as it is loaded."""

    data: bytes
    kernels: Path | None = None  # where compiled kernels are kept; None: nowhere


class KernelCache:
    """Fills one runtime configuration from a file and writes back what was compiled anew. The data-centre flavour
    compiles nothing at load and has no such cache: then this does nothing."""

    def __init__(self, config: Any, path: Path | None) -> None:
        self._path = path
        self._cache: Any = None
        self._known = b""
        if path is None or not hasattr(config, "create_runtime_cache"):
            return
        self._cache = config.create_runtime_cache()
        self._known = path.read_bytes() if path.is_file() else b""
        if self._known and not self._cache.deserialize(self._known):
            self._known = b""  # of another driver or damaged: compiled anew
        config.set_runtime_cache(self._cache)

    def save(self) -> None:
        """After the first run: keep what is new."""
        if self._cache is None or self._path is None:
            return
        compiled = bytes(memoryview(self._cache.serialize()))
        if compiled != self._known:
            part = self._path.with_suffix(".part")
            part.write_bytes(compiled)
            os.replace(part, self._path)
