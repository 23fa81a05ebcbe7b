"""`python -m models export NAME`: ONNX and manifest of a network."""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

import resources
from models.build import NAMES, build
from models.export import Origin, export


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which network, with which weights, where to."""
    parser.add_argument("name", choices=NAMES)
    parser.add_argument("--out", type=Path, help="folder (default: resources/weights)")
    parser.add_argument("--precision", choices=("fp32", "fp16", "both"), default="both")
    parser.add_argument("--seed", type=int, default=0, help="of the random weights of an untrained network")


def run(args: argparse.Namespace) -> int:
    """Untrained networks are marked as such; the live path refuses them."""
    torch.manual_seed(args.seed)
    network = build(args.name)
    folder = args.out or Path(resources.__file__).parent / "weights"
    for precision in ("fp32", "fp16") if args.precision == "both" else (args.precision,):
        manifest = export(network, folder, precision, Origin(trained=False))
        size = (folder / manifest.onnx).stat().st_size / 1e6
        print(f"{folder / manifest.onnx}  {size:.1f} MB  {precision}  {'trained' if manifest.trained else 'untrained'}")
    return 0
