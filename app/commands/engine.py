"""`steadyscope engine`: TensorRT engines, built ahead of time, listed and cleared."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import time
from pathlib import Path
from typing import TextIO

from engine.inference import plan_build
from engine.inference.choose import BackendOptions, cache_folder
from engine.inference.flavour import FLAVOURS, RTX
from engine.inference.plan_cache import facts_path
from engine.inference.plan_orders import Order, requests_of
from engine.inference.plan_process import build_in_process
from engine.inference.plan_report import KINDS
from engine.recording.session_folder import refuse_session_folder

BAR_WIDTH = 30
REDRAW_EVERY_S = 0.2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The actions of `engine`."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    build = actions.add_parser("build", help="build engines; needs no GPU when --arch is given")
    build.add_argument("network", metavar="NETWORK", help="mostnet-lite, mostnet-sw or mostnet-dw")
    build.add_argument("--arch", type=_names, default=(), metavar="LIST", help="sm75,sm86,... (default: this GPU)")
    build.add_argument("--size", type=_size, action="append", metavar="WxH", help="working size; may be repeated")
    build.add_argument("--flavour", choices=list(FLAVOURS), default=RTX.name, help="default: %(default)s")
    build.add_argument("--onnx", type=Path, metavar="F", help="a graph of your own, with its manifest beside it")
    build.add_argument("--out", type=Path, metavar="DIR", help="folder for the engines (default: the user's cache)")
    build.add_argument("--layers", action="store_true", help="print the precision of every convolution and warp")
    build.add_argument("--json", action="store_true", help="print the results as JSON")
    actions.add_parser("list", help="the engines in the cache")
    actions.add_parser("clear", help="delete the engines in the cache")
    actions.add_parser("worker", help="serve one build request on standard input (used by `build`)")


def run(args: argparse.Namespace) -> int:
    """Exit code 0; a refused or cancelled build raises."""
    if args.action == "build":
        return _build(args)
    if args.action == "worker":
        plan_build.main()
    folder = cache_folder(BackendOptions()) / "engines"
    if args.action == "clear":
        shutil.rmtree(folder, ignore_errors=True)
        print(f"{folder} is empty.")
        return 0
    return _list(folder)


def _build(args: argparse.Namespace) -> int:
    refuse_session_folder(args.out)
    order = Order(
        network=args.network,
        architectures=args.arch,
        sizes=tuple(args.size or ()),
        flavour=FLAVOURS[args.flavour],
        onnx=args.onnx,
        out=args.out,
    )
    results = []
    for request in requests_of(order):
        label = f"{Path(request.manifest).stem} {request.capability} {request.width}x{request.height}"
        bar = Bar(label, sys.stderr)
        try:
            facts = build_in_process(request, bar.show)
        finally:
            bar.leave()
        results.append(
            {
                "network": Path(request.manifest).stem,
                "arch": request.capability,
                "size": f"{request.width}x{request.height}",
                "seconds": facts.seconds,
                "bytes": facts.size_bytes,
                "precision": facts.precision,
                "plan": facts.plan,
                "layers": facts.layers,
            }
        )
        if not args.json:
            _print_result(label, facts, with_layers=args.layers)
    if args.json:
        print(json.dumps(results, indent=1))
    return 0


def _print_result(label: str, facts: plan_build.BuildFacts, *, with_layers: bool) -> None:
    precision = facts.precision
    print(f"{label}: {facts.size_bytes / 1e6:.1f} MB in {facts.seconds:.1f} s -> {facts.plan}")
    print(
        f"  convolutions {_counted(precision['convolutions'])}; transposed "
        f"{_counted(precision['transposed_convolutions'])}; warps {_counted(precision['warps'])}; "
        f"{precision['engine_layers']} kernels; all layers: {facts.layers}"
    )
    if with_layers:
        for layer in json.loads(Path(facts.layers).read_text(encoding="utf-8"))["network"]:
            if layer["kind"] in KINDS.values():
                print(f"  {layer['precision']:<6} {layer['kind']:<23} {layer['onnx'] or layer['name']}")


def _counted(counts: dict[str, int]) -> str:
    names = {"HALF": "FP16", "FLOAT": "FP32"}
    return ", ".join(f"{count} {names.get(name, name)}" for name, count in sorted(counts.items())) or "none"


def _list(folder: Path) -> int:
    plans = sorted(folder.glob("*.plan")) if folder.is_dir() else []
    for plan in plans:
        facts = json.loads(facts_path(plan).read_text(encoding="utf-8")) if facts_path(plan).is_file() else {}
        version = facts.get("key", {}).get("version", "unknown")
        print(f"{plan.name}  {plan.stat().st_size / 1e6:.1f} MB  TensorRT {version}")
    print(f"{len(plans)} engines in {folder}.")
    return 0


class Bar:
    """One line on a terminal that redraws itself; silent elsewhere."""

    def __init__(self, label: str, stream: TextIO) -> None:
        self._label = label
        self._stream = stream
        self._drawn_s = 0.0

    def show(self, done: float, phase: str) -> None:
        """Draw `done` (0..1) and what is going on, if it is time to."""
        now_s = time.monotonic()
        if not self._stream.isatty() or now_s - self._drawn_s < REDRAW_EVERY_S:
            return
        self._drawn_s = now_s
        filled = round(BAR_WIDTH * done)
        bar = "#" * filled + "." * (BAR_WIDTH - filled)
        self._stream.write(f"\r{self._label} [{bar}] {done:4.0%} {phase[:40]}\x1b[K")
        self._stream.flush()

    def leave(self) -> None:
        """Clear the line."""
        if self._stream.isatty():
            self._stream.write("\r\x1b[K")
            self._stream.flush()


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip().lower() for name in text.split(",") if name.strip())


def _size(text: str) -> tuple[int, int]:
    width, separator, height = text.lower().partition("x")
    if not (separator and width.isdigit() and height.isdigit()):
        raise argparse.ArgumentTypeError(f"'{text}' is not a size like 640x480")
    return int(height), int(width)
