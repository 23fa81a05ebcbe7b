"""Networks by name."""

from __future__ import annotations

from engine.errors import ModelError
from models.configs import DW, LITE, SW
from models.lite.network import MostnetLite
from models.mostnet.network import Mostnet
from models.network import Network

NAMES = ("mostnet-sw", "mostnet-dw", "mostnet-lite")


def build(name: str) -> Network:
    """A fresh, untrained network: "mostnet-sw", "mostnet-dw" or "mostnet-lite"."""
    if name == LITE.name:
        return MostnetLite(LITE)
    for config in (SW, DW):
        if name == config.name:
            return Mostnet(config)
    raise ModelError(f"There is no network called '{name}'.", f"Choose one of: {', '.join(NAMES)}.")
