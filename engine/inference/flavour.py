"""The two flavours of TensorRT: one API under two module names."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from types import ModuleType

from engine.errors import BackendRefused


@dataclass(frozen=True, slots=True)
class Flavour:
    """One TensorRT library."""

    name: str  # as on the command line
    module: str
    is_portable: bool  # plans are built for a compute capability, without the GPU, and finished when they are loaded
    package: str  # what to install


RTX = Flavour("tensorrt-rtx", "tensorrt_rtx", True, "tensorrt-rtx-cu13")
DATA_CENTRE = Flavour("tensorrt", "tensorrt", False, "tensorrt-cu13")
FLAVOURS = {flavour.name: flavour for flavour in (RTX, DATA_CENTRE)}


def load_flavour(flavour: Flavour) -> ModuleType:
    """The flavour's module. Raises BackendRefused where it is not installed."""
    try:
        return importlib.import_module(flavour.module)
    except (ImportError, OSError) as error:
        if isinstance(error.__cause__, KeyboardInterrupt):  # Ctrl-C amid its start, dressed up as a failed import
            raise error.__cause__ from None
        raise BackendRefused(
            f"{flavour.module} does not load here: {error}.",
            f"Install it with `pip install {flavour.package}`, or choose the back end 'openvino'.",
        ) from error
