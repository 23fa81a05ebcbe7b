"""The least time that a frame can take on a GPU, by its arithmetic and its memory traffic: an estimate, not measured.

Traffic assumes perfect fusion: every convolution reads its inputs and weights once and writes its output once in half
precision, and everything else rides along.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from models.build import build
from models.describe import SIZES, macs

HALF = 2  # bytes
REACHED = 0.5  # of the floor's speed, by experience with convolution networks in TensorRT


@dataclass(frozen=True, slots=True)
class Device:
    """A GPU by its maker's published figures."""

    name: str
    tflops: float  # half precision on tensor cores, dense, float32 accumulation
    gigabytes_per_second: float


# GeForce: NVIDIA's Ada whitepaper and product pages; the laptop part from its 233 sparse int8 TOPS (an eighth).
# Orin: 170 sparse int8 TOPS of the GPU alone (a quarter).
DEVICES = (
    Device("RTX 4060 laptop", 29.0, 256.0),
    Device("RTX 4090", 165.0, 1008.0),
    Device("Jetson AGX Orin 64 GB", 42.5, 204.8),
)


@dataclass(frozen=True, slots=True)
class Floor:
    """One network at one size on one device."""

    network: str
    size: str
    device: str
    gflop: float
    megabytes: float
    compute_ms: float
    memory_ms: float
    floor_ms: float
    fps_at_half: float


def floors(name: str) -> list[Floor]:
    """Every size and device for one network."""
    with torch.device("meta"):
        network = build(name).eval()
    rows = []
    for height, width in SIZES:
        gflop = 2 * macs(network, height, width)[""] / 1e9
        megabytes = _bytes(network, height, width) / 1e6
        for device in DEVICES:
            compute_ms, memory_ms = gflop / device.tflops, megabytes / device.gigabytes_per_second
            floor_ms = max(compute_ms, memory_ms)
            size, fps = f"{width}x{height}", REACHED * 1e3 / floor_ms
            rows.append(Floor(name, size, device.name, gflop, megabytes, compute_ms, memory_ms, floor_ms, fps))
    return rows


def _bytes(network: nn.Module, height: int, width: int) -> int:
    """Bytes that all convolutions and the state move for one frame."""
    moved = 0

    def count(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        nonlocal moved
        weights = sum(parameter.numel() for parameter in module.parameters())
        moved += HALF * (inputs[0].numel() + output.numel() + weights)

    layers = [module for module in network.modules() if isinstance(module, nn.Conv2d | nn.ConvTranspose2d)]
    hooks = [layer.register_forward_hook(count) for layer in layers]
    frame = torch.empty(1, 3, height, width, device="meta")
    with torch.no_grad():
        _, state = network(frame, network.initial_state(frame))  # type: ignore[operator]
    for hook in hooks:
        hook.remove()
    kept: int = sum(tensor.numel() for tensor in state)
    return moved + 2 * HALF * kept
