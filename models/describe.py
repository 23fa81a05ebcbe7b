"""Counts what a network is made of: parameters, multiply-accumulates and state, box by box, without running it."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from models.build import build
from models.network import Network

SIZES = ((480, 640), (800, 800))  # (height, width)


@dataclass(frozen=True, slots=True)
class Box:
    """One box of the figure."""

    name: str
    params_m: float
    gmac_640x480: float
    gmac_800x800: float


@dataclass(frozen=True, slots=True)
class Description:
    """One network."""

    name: str
    params_m: float
    gmac_640x480: float
    gmac_800x800: float
    state_bytes: int  # in float32 at 640x480
    boxes: tuple[Box, ...]


def describe(name: str) -> Description:
    """Everything about the network called `name`. Shapes alone are propagated, so it takes a second at any size."""
    with torch.device("meta"):
        network = build(name).eval()
    counts = [macs(network, height, width) for height, width in SIZES]
    boxes = tuple(
        Box(path, _params_m(module), *(count.get(path, 0) / 1e9 for count in counts))
        for path, module in _boxes(network)
    )
    state = network.initial_state(torch.empty(1, 3, *SIZES[0], device="meta"))
    state_bytes = sum(tensor.numel() * tensor.element_size() for tensor in state)
    return Description(name, _params_m(network), counts[0][""] / 1e9, counts[1][""] / 1e9, state_bytes, boxes)


def macs(network: Network, height: int, width: int) -> dict[str, int]:
    """Multiply-accumulates by path of module; "" is the whole network."""
    frame: Tensor = torch.empty(1, 3, height, width, device="meta")
    counter = FlopCounterMode(display=False)
    with torch.no_grad(), counter:
        network(frame, network.initial_state(frame))
    root = type(network).__name__
    return {
        path.removeprefix(root).removeprefix("."): sum(operations.values()) // 2
        for path, operations in counter.get_flop_counts().items()
        if path.startswith(root)
    }


def _boxes(network: Network) -> list[tuple[str, nn.Module]]:
    """The network's children; lists of scales and levels are opened once more."""
    boxes: list[tuple[str, nn.Module]] = []
    for name, child in network.named_children():
        if isinstance(child, nn.ModuleList):
            boxes += [
                (f"{name}.{i}.{inner}", box) for i, part in enumerate(child) for inner, box in part.named_children()
            ]
        else:
            boxes.append((name, child))
    return boxes


def _params_m(module: nn.Module) -> float:
    return sum(parameter.numel() for parameter in module.parameters()) / 1e6
