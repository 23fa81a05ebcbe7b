"""What precision each layer of a TensorRT engine works in, by the network and by the builder's own layer list."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

KINDS = {"CONVOLUTION": "convolution", "DECONVOLUTION": "transposed convolution", "GRID_SAMPLE": "warp"}
ARITHMETIC = ("FLOAT", "HALF", "BF16", "INT8", "FP8", "INT4", "FP4")
_LAYER = re.compile(
    r"^Name: (?P<name>.*?), LayerType: (?P<type>\w+), Inputs: \[(?P<inputs>.*?)\], Constants: \[(?P<constants>.*?)\], "
    r"Outputs: \[(?P<outputs>.*?)\], TacticName:.*$",
    re.MULTILINE,
)
_ITEM = re.compile(r"Datatype: (\w+)")
_NODE = re.compile(r"\[ONNX Layer: ([^\]]*)\]")


@dataclass(frozen=True, slots=True)
class NetworkLayer:
    """One layer of the parsed network. It is strongly typed: what stands here is binding for the engine."""

    name: str
    kind: str  # "convolution", "transposed convolution", "warp" or the layer's type in lower case
    precision: str  # of the arithmetic: the type of the layer's first input
    onnx: str


@dataclass(frozen=True, slots=True)
class EngineLayer:
    """One kernel of the built engine after fusion."""

    name: str
    type: str
    inputs: tuple[str, ...]  # types at its border; casts inside a fused kernel do not show
    outputs: tuple[str, ...]
    onnx: tuple[str, ...]  # the nodes of the graph that were fused into it


@dataclass(frozen=True, slots=True)
class PrecisionReport:
    """Both views of one built engine."""

    network: tuple[NetworkLayer, ...]
    engine: tuple[EngineLayer, ...]

    def counts(self, kind: str) -> dict[str, int]:
        """How many network layers of `kind` work in each precision."""
        return dict(Counter(layer.precision for layer in self.network if layer.kind == kind))

    def summary(self) -> dict[str, Any]:
        """Counts for people and manifests."""
        return {
            "convolutions": self.counts("convolution"),
            "transposed_convolutions": self.counts("transposed convolution"),
            "warps": self.counts("warp"),
            "network_layers": len(self.network),
            "engine_layers": len(self.engine),
        }

    def to_json(self) -> dict[str, Any]:
        """Everything, for the file beside the plan."""
        return {"summary": self.summary(), **asdict(self)}


def network_layers(network: Any) -> tuple[NetworkLayer, ...]:
    """The layers of an `INetworkDefinition` (either flavour) that compute; sums of shapes are left out."""
    found = []
    for index in range(network.num_layers):
        layer = network.get_layer(index)
        kind = layer.type.name
        first = layer.get_input(0) if layer.num_inputs else None
        precision = (first or layer.get_output(0)).dtype.name if layer.num_outputs else "NONE"
        if precision not in ARITHMETIC or kind == "CONSTANT":
            continue
        nodes = _NODE.findall(layer.metadata or "")
        found.append(NetworkLayer(layer.name, KINDS.get(kind, kind.lower()), precision, nodes[-1] if nodes else ""))
    return tuple(found)


def engine_layers(log: str) -> tuple[EngineLayer, ...]:
    """The kernels that the builder lists in its verbose log (which, unlike the inspector, needs no GPU)."""
    return tuple(
        EngineLayer(
            match["name"],
            match["type"],
            tuple(_ITEM.findall(match["inputs"])),
            tuple(_ITEM.findall(match["outputs"])),
            tuple(_NODE.findall(match[0])),
        )
        for match in _LAYER.finditer(log)
    )
