"""Start a network from weights that exist: a checkpoint, or the shipped ONNX file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn

from engine.errors import ModelError
from models.training import checkpoint


@dataclass(frozen=True, slots=True)
class Adopted:
    """What a network took over and what stayed as it was built."""

    taken: int
    left: tuple[str, ...]


def adopt(network: nn.Module, path: Path) -> Adopted:
    """Copy every tensor of `path` whose name and number of elements fit; refuse when fewer than half do."""
    if not path.is_file():
        raise ModelError(f"There are no weights at {path}.", "Give --init a .pt checkpoint or a .onnx file.")
    source = _onnx_tensors(path) if path.suffix == ".onnx" else _checkpoint_tensors(path)
    left: list[str] = []
    own = network.state_dict()
    with torch.no_grad():
        for name, tensor in own.items():
            found = source.get(name)
            if found is None or found.numel() != tensor.numel():
                left.append(name)
            else:
                tensor.copy_(found.reshape(tensor.shape))
    if len(left) * 2 > len(own):
        raise ModelError(
            f"{path} has only {len(own) - len(left)} of the network's {len(own)} tensors.",
            "Give --init the weights of the same configuration.",
        )
    return Adopted(len(own) - len(left), tuple(left))


def _checkpoint_tensors(path: Path) -> Mapping[str, Tensor]:
    content = checkpoint.load(path)
    tensors: Mapping[str, Tensor] = content["average"]
    return tensors


def _onnx_tensors(path: Path) -> Mapping[str, Tensor]:
    """Exported graphs keep the parameters' names, below "network.". Heads that only training needs are not in them."""
    tensors = onnx.load(path).graph.initializer
    return {
        item.name.removeprefix("network."): torch.from_numpy(numpy_helper.to_array(item).copy()) for item in tensors
    }
