"""What Lite costs in OpenVINO beside a plain convolution stack of the same GMAC, and whether its state drifts.

`python -m tests.bench.lite_cost --out docs/benchmarks/lite/cost.json`
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import torch

from engine.inference.openvino_offline import opset as op
from engine.inference.openvino_offline import ov
from engine.inference.signature import Model, load_model, resolve_shape
from models.build import build
from models.describe import describe
from models.export import StepGraph, export, prepared

SIZE = (480, 640)
DRIFT_SIZE = (64, 96)
CHANNELS, LAYERS = 48, 7  # of the stack, at a quarter of the resolution, where Lite does most of its work
STACK_GMAC = LAYERS * 9 * CHANNELS**2 * (SIZE[0] // 4) * (SIZE[1] // 4) / 1e9


def main() -> int:
    """Print and write the findings."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", type=Path, help="a manifest (default: untrained; time does not depend on weights)")
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--steps", type=int, default=1000, help="of the drift check")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        torch.manual_seed(0)
        network = build("mostnet-lite")
        export(network, Path(folder))
        model = load_model(Path(folder) / "mostnet-lite.json")
        timed = load_model(args.weights) if args.weights else model
        findings = {
            "command": " ".join(["python -m tests.bench.lite_cost", *sys.argv[1:]]),
            "cost": cost(timed, args.rounds, args.threads),
            "drift": drift(model, StepGraph(prepared(network)), args.steps),
        }
    text = json.dumps(findings, indent=1)
    print(text)  # noqa: T201
    if args.out:
        args.out.parent.mkdir(parents=True, exist_ok=True)
        args.out.write_text(text + "\n")
    return 0


def cost(model: Model, rounds: int, threads: int) -> dict[str, Any]:
    """Wall and processor milliseconds of Lite and of the stack in turn, and their ratio at equal GMAC."""
    gmac = describe("mostnet-lite").gmac_640x480
    height, width = SIZE
    requests = {
        (name, precision): (compiled(graph, precision, threads), inputs)
        for name, graph, inputs in (("lite", *lite(model, height, width)), ("stack", *stack(height, width)))
        for precision in ("f32", "bf16")
    }
    taken: dict[tuple[str, str], list[tuple[float, float]]] = {key: [] for key in requests}
    for _ in range(rounds):
        for key, (request, inputs) in requests.items():
            wall, processor = time.perf_counter(), time.process_time()
            request.infer(inputs)
            taken[key].append((time.perf_counter() - wall, time.process_time() - processor))
    table: dict[str, Any] = {"lite_gmac": gmac, "stack_gmac": STACK_GMAC, "threads": threads, "rounds": rounds}
    for precision in ("f32", "bf16"):
        row: dict[str, float] = {}
        for index, clock in enumerate(("wall", "processor")):
            for measure, choose in (("median", median), ("best", min)):
                ms = {name: 1e3 * choose(t[index] for t in taken[name, precision][5:]) for name in ("lite", "stack")}
                row[f"{clock}_{measure}_lite_ms"] = round(ms["lite"], 2)
                row[f"{clock}_{measure}_stack_ms"] = round(ms["stack"], 2)
                row[f"{clock}_{measure}_ratio_at_equal_gmac"] = round(ms["lite"] / ms["stack"] * STACK_GMAC / gmac, 2)
        table[precision] = row
    return table


def lite(model: Model, height: int, width: int) -> tuple[ov.Model, dict[str, Any]]:
    """The graph at a size, and an input with a state that has a past."""
    graph = ov.Core().read_model(model.onnx_path)
    shapes = {spec.input: resolve_shape(spec.shape, height, width) for spec in model.manifest.state}
    graph.reshape({"frame": [1, height, width, 3], **{key: list(shape) for key, shape in shapes.items()}})
    random = np.random.default_rng(0)
    frame = random.integers(0, 255, (1, height, width, 3), dtype=np.uint8)
    state = {key: random.random(shape, np.float32) * 0.1 for key, shape in shapes.items()}
    return graph, {"frame": frame, **state}


def stack(height: int, width: int) -> tuple[ov.Model, dict[str, Any]]:
    """Convolutions and ReLUs, nothing else."""
    random = np.random.default_rng(0)
    shape = [1, CHANNELS, height // 4, width // 4]
    first = x = op.parameter(shape, np.float32)
    first.output(0).set_names({"x"})
    for _ in range(LAYERS):
        weights = random.standard_normal((CHANNELS, CHANNELS, 3, 3)).astype(np.float32) * 0.05
        x = op.relu(op.convolution(x, op.constant(weights), [1, 1], [1, 1], [1, 1], [1, 1]))
    return ov.Model([x], [first]), {"x": random.random(shape, np.float32)}


def compiled(graph: ov.Model, precision: str, threads: int) -> ov.InferRequest:
    """Ready to run on the CPU."""
    hints = {"INFERENCE_PRECISION_HINT": precision, "PERFORMANCE_HINT": "LATENCY", "INFERENCE_NUM_THREADS": threads}
    return ov.Core().compile_model(graph, "CPU", hints).create_infer_request()


def drift(model: Model, graph: StepGraph, steps: int) -> dict[str, Any]:
    """Each run time streams the same frames on its own state; how far from torch is it after so many?"""
    height, width = DRIFT_SIZE
    random = np.random.default_rng(1)
    field = random.uniform(0, 255, (height + 64, width + 64, 3)).astype(np.float32)
    for axis in (0, 1):
        field = (field + np.roll(field, 1, axis) + np.roll(field, 2, axis) + np.roll(field, 3, axis)) / 4
    names = [spec.input for spec in model.manifest.state]
    start = {
        spec.input: np.zeros(resolve_shape(spec.shape, height, width), np.float32) for spec in model.manifest.state
    }
    shaped, _ = lite(model, height, width)
    requests = {precision: compiled(shaped, precision, 1) for precision in ("f32", "bf16")}
    states: dict[str, Any] = {key: dict(start) for key in (*requests, "torch")}
    outputs: dict[str, list[Any]] = {}
    found: dict[str, Any] = {"steps": steps, "size": f"{width}x{height}"}
    for step in range(steps):
        x, y = (16 + 14 * np.sin(step * np.array([0.21, 0.13]))).astype(int)
        noisy = field[y : y + height, x : x + width] + random.normal(0, 6, (height, width, 3))
        frame = np.clip(noisy, 0, 255).astype(np.uint8)[None]
        with torch.no_grad():
            state = [torch.from_numpy(states["torch"][name]) for name in names]
            results = [tensor.numpy() for tensor in graph(torch.from_numpy(frame), *state)]
        outputs["torch"], states["torch"] = results[:4], dict(zip(names, results[4:], strict=True))
        for key, request in requests.items():
            infered = request.infer({"frame": frame, **states[key]})
            results = [infered[index].copy() for index in range(4 + len(names))]
            outputs[key], states[key] = results[:4], dict(zip(names, results[4:], strict=True))
        if step + 1 in (10, 100, steps):
            found[f"after_{step + 1}"] = {key: distance(outputs[key], outputs["torch"]) for key in requests}
    return found


def distance(one: list[Any], other: list[Any]) -> dict[str, float]:
    """Image difference in dB and flow difference in pixels."""
    error = float(np.mean((one[0].astype(float) - other[0].astype(float)) ** 2))
    flow = np.abs(one[1] - other[1])
    decibels = round(10 * float(np.log10(255**2 / max(error, 1e-6))), 1)
    return {
        "image_db": decibels,
        "flow_mean_px": round(float(flow.mean()), 5),
        "flow_max_px": round(float(flow.max()), 4),
    }


if __name__ == "__main__":
    sys.exit(main())
