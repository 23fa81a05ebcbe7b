"""`python -m models average`: the mean of several checkpoints' weights, runs that went on from one another."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor

from engine.errors import ModelError
from models.training import checkpoint


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which checkpoints, and where to."""
    parser.add_argument("checkpoints", type=Path, nargs="+", metavar="FILE", help="two or more of one configuration")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="a checkpoint for `export`")


def run(args: argparse.Namespace) -> int:
    """Write the mean; its step is the last checkpoint's."""
    contents = [checkpoint.load(path) for path in args.checkpoints]
    configs = {content["config"] for content in contents}
    if len(contents) < 2 or len(configs) > 1:
        raise ModelError(
            f"A mean needs two checkpoints of one configuration, not {len(contents)} of {', '.join(sorted(configs))}.",
            "Give the last.pt of runs that went on from one another.",
        )
    weights = mean([content["average"] for content in contents])
    last = contents[-1]
    checkpoint.save(args.out, {"config": last["config"], "average": weights, "step": last["step"]})
    return 0


def mean(states: Sequence[Mapping[str, Tensor]]) -> dict[str, Tensor]:
    """Tensor by tensor, summed in double precision; whole numbers (counters) are the last one's."""
    if any(state.keys() != states[0].keys() for state in states):
        raise ModelError("The checkpoints do not hold the same tensors.", "Give runs of one version of the network.")
    return {
        name: torch.stack([state[name].double() for state in states]).mean(0).to(tensor.dtype)
        if tensor.is_floating_point()
        else tensor
        for name, tensor in states[-1].items()
    }
