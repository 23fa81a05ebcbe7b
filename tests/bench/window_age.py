"""What training windows look like when they are played there and back for long: how many cells does age harm?

`python -m tests.bench.window_age --data CACHE --windows 48 --ages 16 64 200 WEIGHTS.pt ...`
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import torch
from torch import Tensor, nn

from models.build import build
from models.training.batches import Batch, stack
from models.training.initial import adopt
from models.training.losses import cell_errors
from models.training.rollout import initial_state, lead_in, pictures
from models.training.sources import open_windows

FRAMES = 5
TOGETHER = 8  # windows in a batch
APART = 7  # between one window and the next that is looked at
HARM = 8 / 255  # a cell of 8x8 pixels that much further from the truth


def main() -> None:
    """One line of JSON for each set of weights and each age."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights", type=Path, nargs="+")
    parser.add_argument("--data", type=Path, required=True, help="a cache of windows")
    parser.add_argument("--windows", type=int, default=48)
    parser.add_argument("--ages", type=int, nargs="+", default=[16, 64, 200])
    args = parser.parse_args()
    windows = open_windows(args.data, FRAMES, 1)
    for path in args.weights:
        network = build("mostnet-lite").eval()
        adopt(network, path)
        harm: dict[int, list[Tensor]] = {age: [] for age in args.ages}
        for first in range(0, args.windows, TOGETHER):
            batch = stack([windows[(first + k) * APART % len(windows)] for k in range(TOGETHER)])
            young = last_errors(network, batch, 0)
            for age in args.ages:
                harm[age].append((last_errors(network, batch, age) - young).amax(1))
        for age, found in harm.items():
            harmed = torch.cat(found).flatten(1) > HARM
            row = {
                "weights": path.name,
                "age": age,
                "harmed_percent": round(100 * harmed.float().mean().item(), 2),
                "windows_with_some_percent": round(100 * harmed.any(1).float().mean().item(), 1),
            }
            sys.stdout.write(json.dumps(row) + "\n")


@torch.no_grad()
def last_errors(network: nn.Module, batch: Batch, age: int) -> Tensor:
    """(B, 3, h, w) of the window's last frame, after `age` frames there and back through it before its first."""
    state = initial_state(network, pictures(batch.degraded[:, 0]))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        for t in (*lead_in(age, FRAMES), *range(FRAMES)):
            outputs, state = network(pictures(batch.degraded[:, t]), state)
    return cell_errors(outputs.enhanced.float().clamp(0, 1), pictures(batch.clean[:, -1]))


if __name__ == "__main__":
    main()
