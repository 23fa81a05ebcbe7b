"""Times our networks and their peers side by side: one machine, one size, one run, pass by pass in turn."""

from __future__ import annotations

import csv
import ctypes
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from statistics import median

import numpy as np
import torch
from torch.utils.flop_counter import FlopCounterMode

from engine.errors import ModelError
from engine.inference.openvino_offline import ov
from engine.inference.signature import load_model, resolve_shape
from models.baselines.peers import COMBINED, Peer, Step, peers
from models.build import build
from models.export import export


@dataclass(frozen=True, slots=True)
class Row:
    """One network in one run time."""

    name: str
    run_time: str  # "torch", "openvino-f32", "openvino-bf16"
    layout: str  # of tensors in torch, the faster one for this network: "NCHW" or "NHWC"
    params_m: float
    slides_params_m: float | None
    gmac: float
    ms: float  # median
    fps: float
    ratio_to_combined: float
    slides_ratio: float | None


@dataclass(frozen=True, slots=True)
class Entry:
    """Something to time."""

    name: str
    run_time: str
    layout: str
    peer: Peer
    gmac: float
    step: Step


LAYOUTS = {"NCHW": torch.contiguous_format, "NHWC": torch.channels_last}
COMBINED_NAME = " + ".join(COMBINED)
COMBINED_SLIDES_FPS = 3.0
COMBINED_SLIDES_PARAMS_M = 34.3


def compare(height: int, width: int, passes: int, exported: Sequence[str], tell: Callable[[str], None]) -> list[Row]:
    """The whole table. As in the slides: batch 1, the first half of the passes dropped, only the current frame encoded.

    The networks named in `exported` are timed in OpenVINO too. Every pass runs each network once, so a busy machine
    slows all alike; medians are reported. In the dropped half each network in torch runs in both layouts of memory,
    and goes on in the one that was faster for it.
    """
    if passes < 2:
        raise ModelError(f"{passes} passes cannot be halved.", "Choose at least 2 with --passes.")
    if not keep_freed_memory():
        tell("This C library has no mallopt: large tensors may cost page faults.")
    with torch.no_grad(), tempfile.TemporaryDirectory() as folder:
        entries = _entries(height, width, exported, Path(folder), tell)
        taken: list[list[float]] = [[] for _ in entries]
        running = list(range(len(entries)))
        for number in range(passes):
            if number == passes // 2:
                running = fastest([(entry.name, entry.run_time) for entry in entries], taken)
            for index in running:
                taken[index].append(_milliseconds(entries[index].step))
            tell(f"pass {number + 1} of {passes}")
    return _rows([entries[index] for index in running], [median(taken[index][passes // 2 :]) for index in running])


def keep_freed_memory() -> bool:
    """Have the C library keep what is freed; False where it cannot be told.

    By default glibc maps every tensor over 32 MB anew and gives it back at once. A frame of 800x800 in 32 channels is
    one, and its page faults cost as much as its convolution: SW took 8.2 s a frame instead of 4.7.
    """
    try:
        set_option = ctypes.CDLL(None).mallopt
    except (OSError, TypeError, AttributeError):
        return False
    no_mapping, no_trimming = (-4, 0), (-1, -1)  # M_MMAP_MAX, M_TRIM_THRESHOLD
    return bool(set_option(*no_mapping) and set_option(*no_trimming))


def fastest(names: Sequence[tuple[str, str]], taken: Sequence[Sequence[float]]) -> list[int]:
    """Of the entries that share a name and a run time, the index of the one with the lowest median so far."""
    best: dict[tuple[str, str], int] = {}
    for index, name in enumerate(names):
        if name not in best or median(taken[index]) < median(taken[best[name]]):
            best[name] = index
    return sorted(best.values())


def _entries(
    height: int, width: int, exported: Sequence[str], folder: Path, tell: Callable[[str], None]
) -> list[Entry]:
    gmac: dict[str, float] = {}
    entries = []
    for layout, memory_format in LAYOUTS.items():
        for peer in peers(height, width, memory_format):
            if peer.name not in gmac:
                gmac[peer.name] = _gmac(peer)
                tell(f"{peer.name}: {_params_m(peer):.2f} M, {gmac[peer.name]:.2f} GMAC")
            entries.append(Entry(peer.name, "torch", layout, peer, gmac[peer.name], peer.step))
            if peer.name in exported and layout == "NCHW":
                torch.manual_seed(0)
                export(build(peer.name), folder)
                for precision in ("f32", "bf16"):
                    step = in_openvino(peer.name, folder, precision, height, width)
                    entries.append(Entry(peer.name, f"openvino-{precision}", "", peer, gmac[peer.name], step))
    return entries


def in_openvino(name: str, folder: Path, precision: str, height: int, width: int) -> Step:
    """A step of the graph exported to `folder`, on a steady stream."""
    model = load_model(folder / f"{name}.json")
    core = ov.Core()
    graph = core.read_model(model.onnx_path)
    shapes = {spec.input: resolve_shape(spec.shape, height, width) for spec in model.manifest.state}
    graph.reshape({"frame": [1, height, width, 3], **{key: list(shape) for key, shape in shapes.items()}})
    threads = torch.get_num_threads()
    hints = {"INFERENCE_PRECISION_HINT": precision, "PERFORMANCE_HINT": "LATENCY", "INFERENCE_NUM_THREADS": threads}
    request = core.compile_model(graph, "CPU", hints).create_infer_request()
    frame = np.random.default_rng(0).integers(0, 255, (1, height, width, 3), dtype=np.uint8)
    inputs = {"frame": frame, **{key: np.zeros(shape, np.float32) for key, shape in shapes.items()}}
    results = request.infer(inputs)
    for spec in model.manifest.state:
        inputs[spec.input] = results[spec.output].copy()
    return lambda: request.infer(inputs, share_inputs=True)


def write_csv(rows: Sequence[Row], path: Path) -> None:
    """One line per row."""
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(Row)])
        writer.writeheader()
        for row in rows:
            writer.writerow({key: f"{v:.4g}" if isinstance(v, float) else v for key, v in asdict(row).items()})


def plot(rows: Sequence[Row], path: Path, title: str) -> None:
    """Frames per second of every row, on a logarithmic axis."""
    from matplotlib.figure import Figure

    ordered = sorted(rows, key=lambda row: row.fps)
    figure = Figure(figsize=(9, 0.42 * len(ordered) + 1.2), layout="constrained")
    axes = figure.add_subplot()
    colours = ["#1f6f8b" if row.name.startswith("mostnet") else "#b9c2c9" for row in ordered]
    labels = [row.name if row.run_time == "torch" else f"{row.name} ({row.run_time})" for row in ordered]
    bars = axes.barh(labels, [row.fps for row in ordered], color=colours)
    axes.bar_label(bars, [f"{row.fps:.3g}/s  {row.ratio_to_combined:.3g}x" for row in ordered], padding=4, fontsize=9)
    axes.set_xscale("log")
    axes.set_xlim(right=ordered[-1].fps * 4)
    axes.set_xlabel("frames per second (x: ratio to the combined row)")
    axes.set_title(title, fontsize=10, loc="left")
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=110)


def _rows(entries: Sequence[Entry], medians: Sequence[float]) -> list[Row]:
    parts = [index for index, entry in enumerate(entries) if entry.name in COMBINED]
    combined_ms = sum(medians[index] for index in parts)
    rows = [
        Row(
            entry.name, entry.run_time, entry.layout, _params_m(entry.peer), entry.peer.slides_params_m, entry.gmac,
            ms, 1e3 / ms, combined_ms / ms, entry.peer.slides_fps and entry.peer.slides_fps / COMBINED_SLIDES_FPS,
        )
        for entry, ms in zip(entries, medians, strict=True)
    ]  # fmt: skip
    params_m = sum(_params_m(entries[index].peer) for index in parts)
    gmac = sum(entries[index].gmac for index in parts)
    rows.append(
        Row(
            COMBINED_NAME,
            "torch",
            "each its own",
            params_m,
            COMBINED_SLIDES_PARAMS_M,
            gmac,
            combined_ms,
            1e3 / combined_ms,
            1.0,
            1.0,
        )
    )
    return rows


def _milliseconds(step: Step) -> float:
    start = time.perf_counter()
    step()
    return (time.perf_counter() - start) * 1e3


def _gmac(peer: Peer) -> float:
    counter = FlopCounterMode(display=False)
    with counter:
        peer.step()
    return counter.get_total_flops() / 2e9


def _params_m(peer: Peer) -> float:
    return sum(parameter.numel() for parameter in peer.network.parameters()) / 1e6
