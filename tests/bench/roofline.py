"""The floor under a TensorRT FP16 step on known GPUs: an estimate from the graph's work and traffic, not a measurement.

`python -m tests.bench.roofline --out F.json MANIFEST.json ...` counts each graph at 640x480 and 800x800.
"""

from __future__ import annotations

import argparse
import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path

from engine.inference.ceiling import graph_at, macs
from engine.inference.openvino_offline import ov
from engine.inference.signature import Model, load_model

SIZES = ((480, 640), (800, 800))
HALF_BYTES = 2
# Ops that must read and write memory even when everything element-wise is fused into its neighbour.
TRAFFIC = (
    "Convolution", "GroupConvolution", "ConvolutionBackpropData", "GroupConvolutionBackpropData", "MatMul",
    "GridSample", "MaxPool", "AvgPool", "Interpolate", "ReduceMean", "DepthToSpace", "SpaceToDepth",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Gpu:
    """Published rates."""

    name: str
    tflops: float  # dense FP16 tensor cores with FP32 accumulation
    gb_per_s: float  # memory
    link_gb_per_s: float  # host to device, as usually reached; the frame and the outputs cross it
    source: str


GPUS = (
    Gpu(
        "RTX 4060 Laptop",
        29.1,
        256.0,
        12.0,
        "product page: 3072 lanes at 2.37 GHz; FP16 at twice FP32's rate, as on the 4090",
    ),
    Gpu("RTX 4090", 165.2, 1008.0, 24.0, "NVIDIA Ada GPU architecture white paper, table of peak rates"),
    Gpu(
        "Jetson AGX Orin 64GB",
        42.5,
        204.8,
        100.0,
        "Jetson AGX Orin technical brief: 170 sparse INT8 TOPS = 42.5 dense FP16",
    ),
)
REACHED = 0.5  # of the roof by good kernels on small batches: what a cautious reader should plan with


@dataclass(frozen=True, slots=True)
class Work:
    """One op of the graph."""

    flops: float
    bytes: float


def work_of(model: Model, size: tuple[int, int]) -> list[Work]:
    """FLOPs (2 a MAC) and bytes of each op that multiplies or must touch memory, at `size` (height, width)."""
    return [_work(op) for op in graph_at(model, size).get_ops() if op.get_type_name() in TRAFFIC]


def _work(op: ov.Node) -> Work:
    ports = [*(port.get_shape() for port in op.inputs()), *(port.get_shape() for port in op.outputs())]
    elements = [math.prod(int(side) for side in shape) for shape in ports]
    return Work(2.0 * macs(op), float(sum(elements) * HALF_BYTES))


def estimate(model: Model, size: tuple[int, int], gpu: Gpu) -> dict[str, object]:
    """Each op takes the longer of its arithmetic and its traffic; frame and outputs cross the link once."""
    works = work_of(model, size)
    floor_s = sum(max(work.flops / (gpu.tflops * 1e12), work.bytes / (gpu.gb_per_s * 1e9)) for work in works)
    crossing = 2 * size[0] * size[1] * 3 + size[0] * size[1] // 16 * 10
    link_s = crossing / (gpu.link_gb_per_s * 1e9)
    return {
        "network": model.manifest.name,
        "size": f"{size[1]}x{size[0]}",
        "gpu": gpu.name,
        "gflop": round(sum(work.flops for work in works) / 1e9, 2),
        "mbytes": round(sum(work.bytes for work in works) / 1e6, 1),
        "floor_ms": round((floor_s + link_s) * 1e3, 3),
        "fps_at_floor": round(1 / (floor_s + link_s), 1),
        "fps_at_half_the_roof": round(1 / (floor_s / REACHED + link_s), 1),
    }


def main() -> None:
    """Write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("manifests", nargs="+", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    models = [load_model(path) for path in arguments.manifests]
    names = " ".join(path.name for path in arguments.manifests)
    report = {
        "what": "an estimate from published rates, not a measurement",
        "command": f"python -m tests.bench.roofline --out {arguments.out.name} {names}",
        "gpus": [asdict(gpu) for gpu in GPUS],
        "rows": [estimate(model, size, gpu) for model in models for size in SIZES for gpu in GPUS],
    }
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
