"""The table of what is timed side by side: our networks and every peer of the slides, each as one step on one frame."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from models.baselines.estrnn import Estrnn
from models.baselines.flownets import FlowNetS
from models.baselines.library import deeplab, raft, unet_plus_plus
from models.baselines.mimo_unet import MimoUNet
from models.build import build
from models.export import prepared
from models.mostnet.network import TwoFrames

Step = Callable[[], object]
COMBINED = ("ESTRNN", "RAFT", "DeepLabv3+")


@dataclass(frozen=True, slots=True)
class Peer:
    """One row: a network and how to run it once."""

    name: str
    slides_params_m: float | None  # what the slides state
    slides_fps: float | None  # in PyTorch on their GPU, at 800x800
    network: nn.Module
    step: Step  # works on the frame of a steady stream; what earlier frames gave is already there


def peers(height: int, width: int, layout: torch.memory_format = torch.contiguous_format) -> list[Peer]:
    """Every row, untrained (time does not depend on weights), in evaluation mode and without batch norms where ours.

    Weights and frames lie in memory as `layout` says: planes of channels, or channels last.
    """
    torch.manual_seed(0)
    current, previous = (torch.rand(1, 3, height, width).contiguous(memory_format=layout) for _ in range(2))
    rows = [
        _row("FlowNetS", 38.7, 52.7, FlowNetS(), lambda network: lambda: network(current, previous)),
        _row("RAFT", 5.3, 5.1, raft(), lambda network: lambda: network(current * 2 - 1, previous * 2 - 1)),
        _row("MIMO-UNet", 6.8, 4.6, MimoUNet(), lambda network: lambda: network(current)),
        _row("ESTRNN", 2.3, 10.6, Estrnn(), lambda network: _remembering(network, current)),
        _row("UNet++", 50.0, 7.9, unet_plus_plus(), lambda network: lambda: network(current)),
        _row("DeepLabv3+", 26.7, 25.5, deeplab(), lambda network: lambda: network(current)),
    ]
    for name, params_m, fps in (("mostnet-sw", 13.2, 6.4), ("mostnet-dw", 29.8, 5.2), ("mostnet-lite", None, None)):
        network = prepared(build(name))
        rows.append(_row(name, params_m, fps, network, lambda network: _streaming(network, current)))
    pair = TwoFrames(prepared(build("mostnet-sw")))
    rows.append(_row("mostnet-sw, two frames", 13.2, None, pair, lambda network: lambda: network(previous, current)))
    for row in rows:
        row.network.to(memory_format=layout)  # type: ignore[call-overload]
    return rows


def _row(
    name: str, params_m: float | None, fps: float | None, network: nn.Module, step: Callable[[nn.Module], Step]
) -> Peer:
    ready = network.eval().requires_grad_(False)
    return Peer(name, params_m, fps, ready, step(ready))


def _streaming(network: nn.Module, frame: Tensor) -> Step:
    state = network.initial_state(frame)  # type: ignore[operator]
    with torch.no_grad():
        _, state = network(frame, state)
    return lambda: network(frame, state)


def _remembering(network: nn.Module, frame: Tensor) -> Step:
    memory = network.initial_memory(frame)  # type: ignore[operator]
    return lambda: network(frame, memory)
