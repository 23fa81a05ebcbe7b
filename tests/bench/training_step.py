"""Times one training step (forward and backward) in fp32 and bf16, taken in turns, and writes the medians as JSON.

python tests/bench/training_step.py --out docs/benchmarks/training/step.json
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import statistics
import time
from pathlib import Path

import torch

from models.build import build
from models.training.batches import Batch
from models.training.recipe import RECIPES
from models.training.rollout import Rollout

SIZES = {"lite": (2, 4, 256), "sw": (1, 2, 64), "dw": (1, 2, 64)}  # windows, frames, side: what fits two cores


def noise(windows: int, frames: int, side: int) -> Batch:
    """A batch that no network can predict; timing does not care."""
    shape = (windows, frames, side, side)
    pictures = [torch.randint(0, 255, (*shape, 3), dtype=torch.uint8) for _ in range(2)]
    ones = torch.ones(shape, dtype=torch.uint8)
    return Batch(*pictures, torch.randn(*shape, 2).half(), ones, ones)


def measure(config: str, rounds: int) -> dict[str, object]:
    """Median wall and processor seconds per step for each precision, on one thread."""
    batch = noise(*SIZES[config])
    rollouts = {}
    for precision in ("fp32", "bf16"):
        network = build(f"mostnet-{config}").to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        rollouts[precision] = Rollout(network, dataclasses.replace(RECIPES[config], precision=precision))
    spent: dict[str, list[tuple[float, float]]] = {name: [] for name in rollouts}
    for _ in range(rounds):
        for name, rollout in rollouts.items():
            wall, cpu = time.perf_counter(), time.process_time()
            rollout(batch, RECIPES[config].stages[-1].weights)[0].backward()
            spent[name].append((time.perf_counter() - wall, time.process_time() - cpu))
    medians = {
        name: {
            "wall_s": round(statistics.median(row[0] for row in rows[1:]), 3),
            "cpu_s": round(statistics.median(row[1] for row in rows[1:]), 3),
        }
        for name, rows in spent.items()
    }
    return {"windows_frames_side": SIZES[config], "parameters": count(config), **medians}


def count(config: str) -> int:
    """Parameters of a network."""
    return sum(p.numel() for p in build(f"mostnet-{config}").parameters())


def main() -> None:
    """Measure the named configurations."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--configs", nargs="+", choices=sorted(SIZES), default=sorted(SIZES))
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    torch.set_num_threads(1)
    found = {config: measure(config, args.rounds) for config in args.configs}
    stamp = {"date": time.strftime("%Y-%m-%d"), "machine": "one thread of a 2-core x86-64 with AVX512/AMX"}
    command = f"PYTHONPATH=. python tests/bench/training_step.py --rounds {args.rounds} --out {args.out.name}"
    args.out.write_text(json.dumps({**stamp, "command": command, "steps": found}, indent=1) + "\n")


if __name__ == "__main__":
    main()
