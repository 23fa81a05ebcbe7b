"""Networks by name."""

from __future__ import annotations

from torch import nn

from engine.errors import ModelError
from models.configs import LITE
from models.lite.network import MostnetLite

NAMES = ("mostnet-lite",)


def build(name: str) -> nn.Module:
    """A fresh, untrained network: "mostnet-lite"."""
    if name == LITE.name:
        return MostnetLite(LITE)
    raise ModelError(f"There is no network called '{name}'.", f"Choose one of: {', '.join(NAMES)}.")
