"""`python -m models warm-colour`: train Lite's colour path alone, before or between joint runs."""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

from engine.errors import ModelError
from models.build import build
from models.data.cache import CachedWindows
from models.lite.network import MostnetLite
from models.training import checkpoint
from models.training.batches import Joined
from models.training.initial import adopt
from models.training.warm_colour import shrink, warm


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """From which weights, on what, for how long."""
    parser.add_argument("--init", type=Path, required=True, metavar="FILE", help="weights: a .pt or .onnx file")
    parser.add_argument("--data", type=Path, nargs="+", required=True, metavar="DIR", help="caches of windows")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="a checkpoint for `train --init`")
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)


def run(args: argparse.Namespace) -> int:
    """Look at every window once, then train on what was kept of it."""
    if args.steps < 1:
        raise ModelError(f"--steps is {args.steps}.", "Give at least 1.")
    network = build("mostnet-lite").eval()
    assert isinstance(network, MostnetLite)
    adopt(network, args.init)
    torch.manual_seed(args.seed)
    small = shrink(network, Joined([CachedWindows(path) for path in args.data]))
    warm(network, small, args.steps, args.seed, _say)
    checkpoint.save(args.out, {"config": "lite", "average": network.state_dict(), "step": 0})
    return 0


def _say(text: str) -> None:
    print(text, flush=True)
