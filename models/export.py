"""Writes a network as an ONNX step graph with its manifest: bytes in, bytes out, state in, state out."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from engine.inference.signature import (
    FLOW_DIRECTION,
    FLOW_UNIT,
    FRAME_SHAPE,
    Manifest,
    StateSpec,
    TensorSpec,
    Training,
    sha256_of,
    write_manifest,
)
from models.network import Network
from models.outputs import Outputs

OPSET = 18
WORKING_SIZE = (480, 640)
TRACED_SIZE = (96, 128)  # dynamic anyway; small, so that tracing is quick
STEP_OUTPUTS = ("enhanced", "flow", "trust", "tooth")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the weights come from and how good they were found to be."""

    trained: bool = False
    commit: str = ""
    steps: int = 0
    data: tuple[str, ...] = ()
    accuracy: Mapping[str, Any] | None = None


class StepGraph(nn.Module):
    """The network between the bytes that the engine exchanges.

    Casts stand next to the byte tensors, before any transposition: TensorRT takes bytes nowhere else.
    """

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, frame: Tensor, *state: Tensor) -> tuple[Tensor, ...]:
        """(1, H, W, 3) uint8 and the state -> enhanced, flow, trust, tooth, and the next state."""
        picture = self.network.seen(frame.float() * (1.0 / 255.0))
        outputs, after = self.network.step(picture, state)
        return (*as_bytes(outputs), *after)


def as_bytes(outputs: Outputs) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """-> enhanced (1, H, W, 3) uint8, flow (1, h, w, 2) float32, trust and tooth (1, h, w) uint8.

    Trust is 1 / (1 + b) of the error's Laplace scale b in pixels: 0.5 where a pixel of error is expected.
    """
    enhanced = outputs.enhanced.float().clamp(0.0, 1.0) * 255.0 + 0.5
    trust = torch.sigmoid(-outputs.log_scale.float()) * 255.0 + 0.5
    tooth = torch.sigmoid(outputs.tooth[-1].float()) * 255.0 + 0.5
    return (
        enhanced.permute(0, 2, 3, 1).to(torch.uint8),
        outputs.flow[-1].pixels.float().permute(0, 2, 3, 1),
        trust.squeeze(1).to(torch.uint8),
        tooth.squeeze(1).to(torch.uint8),
    )


def export(network: Network, folder: Path, precision: str = "fp32", origin: Origin | None = None) -> Manifest:
    """Write NAME.onnx and NAME.json (NAME-fp16 for half precision) into `folder`; returns the manifest."""
    name = network.name + ("" if precision == "fp32" else f"-{precision}")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.onnx"
    graph = StepGraph(prepared(network, precision))
    state = graph.network.initial_state(torch.zeros(1, 3, *TRACED_SIZE, dtype=_dtype(precision)))
    _trace(graph, state, path)
    manifest = _manifest(graph.network, name, path, precision, origin or Origin())
    write_manifest(manifest, folder / f"{name}.json")
    return manifest


def prepared(network: Network, precision: str = "fp32") -> Network:
    """A copy ready for inference: evaluation mode, batch norms folded into their convolutions, the right precision."""
    ready = copy.deepcopy(network).cpu().eval().requires_grad_(False)
    fold_batch_norms(ready)
    return ready.to(_dtype(precision))


def fold_batch_norms(module: nn.Module) -> None:
    """Fold every batch norm that directly follows a convolution in a Sequential; in place, in evaluation mode."""
    for child in module.children():
        fold_batch_norms(child)
    if not isinstance(module, nn.Sequential):
        return
    for (_, first), (name, second) in pairwise(list(module.named_children())):
        if not isinstance(second, nn.BatchNorm2d) or not isinstance(first, nn.Conv2d | nn.ConvTranspose2d):
            continue
        assert second.running_mean is not None
        assert second.running_var is not None
        first.weight, first.bias = nn.utils.fusion.fuse_conv_bn_weights(
            first.weight, first.bias, second.running_mean, second.running_var, second.eps, second.weight, second.bias,
            transpose=isinstance(first, nn.ConvTranspose2d),
        )  # fmt: skip
        setattr(module, name, nn.Identity())


def _dtype(precision: str) -> torch.dtype:
    return {"fp32": torch.float32, "fp16": torch.float16}[precision]


def _trace(graph: StepGraph, state: tuple[Tensor, ...], path: Path) -> None:
    height, width = TRACED_SIZE
    frame = torch.zeros(1, height, width, 3, dtype=torch.uint8)
    inputs = ["frame", *(f"state_{i}" for i in range(len(state)))]
    outputs = [*STEP_OUTPUTS, *(f"next_state_{i}" for i in range(len(state)))]
    axes = {"frame": {1: "H", 2: "W"}, "enhanced": {1: "H", 2: "W"}}
    axes |= {name: {1: f"{name}_h", 2: f"{name}_w"} for name in STEP_OUTPUTS[1:]}
    for i in range(len(state)):
        axes |= {f"{kind}_{i}": {2: f"{kind}_{i}_h", 3: f"{kind}_{i}_w"} for kind in ("state", "next_state")}
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tracer warns of every shape it turns into a number it was given
        torch.onnx.export(
            graph, (frame, *state), str(path), dynamo=False, opset_version=OPSET,
            input_names=inputs, output_names=outputs, dynamic_axes=axes,
        )  # fmt: skip


def _manifest(network: Network, name: str, path: Path, precision: str, origin: Origin) -> Manifest:
    probe = torch.zeros(1, *TRACED_SIZE, 3)
    state = network.initial_state(torch.zeros(1, 3, *TRACED_SIZE, dtype=_dtype(precision)))
    with torch.no_grad():
        outputs, _ = network.step(network.seen(probe), state)
    delivered = dict(zip(STEP_OUTPUTS, as_bytes(outputs), strict=True))
    specs = tuple(
        TensorSpec(
            key,
            str(tensor.dtype).removeprefix("torch."),
            (1, *_grid(tensor.shape[1:3]), *tensor.shape[3:]),
            FLOW_UNIT if key == "flow" else "",
            FLOW_DIRECTION if key == "flow" else "",
        )
        for key, tensor in delivered.items()
    )
    kept = tuple(
        StateSpec(
            f"state_{i}",
            f"next_state_{i}",
            "float32" if precision == "fp32" else "float16",
            (1, tensor.shape[1], *_grid(tensor.shape[2:])),
            meaning,
        )
        for i, (tensor, meaning) in enumerate(zip(state, network.state_meanings(), strict=True))
    )
    return Manifest(
        name=name,
        onnx=path.name,
        sha256=sha256_of(path),
        trained=origin.trained,
        precision=precision,
        working_size=WORKING_SIZE,
        stride=network.stride,
        inputs=(TensorSpec("frame", "uint8", FRAME_SHAPE),),
        outputs=specs,
        state=kept,
        training=Training(origin.commit, origin.steps, origin.data),
        accuracy={**(origin.accuracy or {}), "trust": "1 / (1 + Laplace scale of the flow error in pixels)"},
    )


def _grid(sides: torch.Size) -> tuple[str, str]:
    """The sides of a traced tensor as parts of the frame's: "H/4", "W/4"."""
    parts = [whole // side for whole, side in zip(TRACED_SIZE, sides, strict=True)]
    return ("H" if parts[0] == 1 else f"H/{parts[0]}", "W" if parts[1] == 1 else f"W/{parts[1]}")
