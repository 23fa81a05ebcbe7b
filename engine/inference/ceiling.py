"""What this machine's convolutions can do at best, and how much work a network is."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from engine.inference.openvino_offline import opset, ov
from engine.inference.signature import Model, resolve_shape

# (channels, divisor of the frame's sides): 3x3 convolutions where networks of this family do their work.
STACKS = ((64, 4), (128, 8), (256, 16))


@dataclass(frozen=True, slots=True)
class Stack:
    """A plain stack of 3x3 convolutions with ReLU, ready to run; nothing else could do the same GMAC faster."""

    name: str
    gmac: float
    run: Callable[[], None]

    def gmac_per_s(self) -> float:
        """One timed run."""
        began_s = time.perf_counter()
        self.run()
        return self.gmac / (time.perf_counter() - began_s)


def convolution_stacks(size: tuple[int, int], gmac: float, precision: str, threads: int = 0) -> list[Stack]:
    """Stacks of about `gmac` GMAC each for frames of `size` (height, width) on the CPU, in OpenVINO's `precision`."""
    settings: dict[str, object] = {
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_PRECISION_HINT": precision,
        "ENABLE_CPU_PINNING": False,  # as the engine itself runs
    }
    if threads > 0:
        settings["INFERENCE_NUM_THREADS"] = threads
    core = ov.Core()
    return [_stack(core, settings, size, gmac, channels, divisor) for channels, divisor in STACKS]


def _stack(
    core: ov.Core, settings: dict[str, object], size: tuple[int, int], gmac: float, channels: int, divisor: int
) -> Stack:
    height, width = max(size[0] // divisor, 1), max(size[1] // divisor, 1)
    layer_gmac = height * width * channels * channels * 9 / 1e9
    layers = max(1, round(gmac / layer_gmac))
    rng = np.random.default_rng(0)
    picture = opset.parameter([1, channels, height, width], ov.Type.f32)
    node = picture
    for _ in range(layers):
        weights = rng.standard_normal((channels, channels, 3, 3), dtype=np.float32) / math.sqrt(9 * channels)
        node = opset.relu(opset.convolution(node, opset.constant(weights), [1, 1], [1, 1], [1, 1], [1, 1]))
    # One number comes out, so that handing a large result over is not part of the ceiling.
    mean = opset.reduce_mean(node, opset.constant(np.array([1, 2, 3])), keep_dims=True)
    compiled = core.compile_model(ov.Model([mean], [picture], "ceiling"), "CPU", settings)
    request = compiled.create_infer_request()
    request.get_input_tensor().data[:] = rng.standard_normal((1, channels, height, width), dtype=np.float32)
    request.infer()
    return Stack(f"{layers} x 3x3x{channels} at {width}x{height}", layers * layer_gmac, request.infer)


def gmac_of(model: Model, size: tuple[int, int]) -> float:
    """Multiply-accumulates of one step at `size` (height, width) in units of 1e9: convolutions and matrix products."""
    return sum(macs(operation) for operation in graph_at(model, size).get_ops()) / 1e9


def graph_at(model: Model, size: tuple[int, int]) -> ov.Model:
    """The network's graph with every shape known, for frames of `size` (height, width)."""
    graph = ov.Core().read_model(os.fspath(model.onnx_path))
    shapes = {spec.name: resolve_shape(spec.shape, *size) for spec in model.manifest.inputs}
    shapes |= {spec.input: resolve_shape(spec.shape, *size) for spec in model.manifest.state}
    graph.reshape({name: ov.PartialShape(list(shape)) for name, shape in shapes.items()})
    return graph


def macs(operation: ov.Node) -> int:
    """Multiply-accumulates of one op of a graph whose shapes are known; 0 where nothing is convolved or multiplied."""
    kind = operation.get_type_name()
    if kind not in (
        "Convolution",
        "GroupConvolution",
        "ConvolutionBackpropData",
        "GroupConvolutionBackpropData",
        "MatMul",
    ):
        return 0
    first, second = ([int(side) for side in operation.input(index).get_shape()] for index in range(2))
    result = [int(side) for side in operation.output(0).get_shape()]
    if kind == "MatMul":
        inner = first[-2] if operation.get_attributes()["transpose_a"] else first[-1]
        return math.prod(result) * inner
    if kind.endswith("BackpropData"):  # weights (in, out, ...) or (groups, in, out, ...): each input feeds a kernel
        per_input = math.prod(second[2:]) if kind.startswith("Group") else math.prod(second[1:])
        return math.prod(first) * per_input
    per_output = math.prod(second[2:]) if kind.startswith("Group") else math.prod(second[1:])
    return math.prod(result) * per_output
