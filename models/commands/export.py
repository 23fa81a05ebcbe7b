"""`python -m models export NAME`: ONNX and manifest of a network."""

from __future__ import annotations

import argparse
import csv
import math
from pathlib import Path
from typing import Any

import torch

import resources
from engine.errors import ModelError
from models.build import NAMES, build
from models.export import Origin, export
from models.training import checkpoint
from models.training.initial import adopt


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which network, with which weights, where to."""
    parser.add_argument("name", choices=NAMES)
    parser.add_argument("--out", type=Path, help="folder (default: resources/weights)")
    parser.add_argument("--precision", choices=("fp32", "fp16", "both"), default="both")
    parser.add_argument("--weights", type=Path, metavar="FILE.pt", help="a checkpoint; its average is written")
    parser.add_argument("--commit", default="", help="of the training, for the manifest")
    parser.add_argument("--trained-on", nargs="+", default=[], metavar="TEXT", help="the data, for the manifest")
    parser.add_argument("--findings", type=Path, metavar="DIR", help="what `evaluate --out` wrote, for the manifest")
    parser.add_argument("--seed", type=int, default=0, help="of the random weights of an untrained network")


def run(args: argparse.Namespace) -> int:
    """Untrained networks are marked as such; the live path refuses them."""
    torch.manual_seed(args.seed)
    network = build(args.name)
    origin = Origin(trained=False)
    if args.weights is not None:
        adopted = adopt(network, args.weights)
        if adopted.left:
            raise ModelError(
                f"{args.weights} lacks {', '.join(adopted.left)}.", "Export the weights of this very configuration."
            )
        accuracy = read_findings(args.findings) if args.findings else {}
        steps = int(checkpoint.load(args.weights)["step"])
        origin = Origin(True, args.commit, steps, tuple(args.trained_on), accuracy)
    folder = args.out or Path(resources.__file__).parent / "weights"
    for precision in ("fp32", "fp16") if args.precision == "both" else (args.precision,):
        manifest = export(network, folder, precision, origin)
        size = (folder / manifest.onnx).stat().st_size / 1e6
        print(f"{folder / manifest.onnx}  {size:.1f} MB  {precision}  {'trained' if manifest.trained else 'untrained'}")
    return 0


def read_findings(folder: Path) -> dict[str, Any]:
    """Mean of every measure for every method in an evaluation's frames.csv: {method: {measure: value}}."""
    path = folder / "frames.csv"
    if not path.is_file():
        raise ModelError(f"There is no {path}.", "Make it: python -m models evaluate --out DIR.")
    values: dict[str, dict[str, list[float]]] = {}
    with path.open(newline="") as file:
        for row in csv.DictReader(file):
            method = values.setdefault(row.pop("method"), {})
            for name, cell in row.items():
                if name not in ("condition", "level", "clip", "frame") and cell and not math.isnan(float(cell)):
                    method.setdefault(name, []).append(float(cell))
    return {
        method: {name: round(sum(cells) / len(cells), 4) for name, cells in measures.items()}
        for method, measures in values.items()
    }
