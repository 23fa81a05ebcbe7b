"""Networks by name."""

from __future__ import annotations

from engine.errors import ModelError
from models.configs import LITE
from models.lite.network import MostnetLite
from models.network import Network

NAMES = ("mostnet-lite",)


def build(name: str) -> Network:
    """A fresh, untrained network: "mostnet-lite"."""
    if name == LITE.name:
        return MostnetLite(LITE)
    raise ModelError(f"There is no network called '{name}'.", f"Choose one of: {', '.join(NAMES)}.")
