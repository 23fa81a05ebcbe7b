"""Does one network for three tasks pay? `python -m tests.bench.ablation --train DIR... --data PHOTOS --out FOLDER`.

Lite from scratch for `--steps` steps with all losses; its three single-task siblings for as many steps each (equal
training time), and for a third each (equal total compute). All begin with the same weights and see the same windows in
the same order. Measured on the val suite.
"""

from __future__ import annotations

import argparse
import csv
import os
import subprocess
import sys
from pathlib import Path

import numpy as np

from models.evaluation.measure import Row, measure
from models.evaluation.networks import open_network
from models.evaluation.suite import HEIGHT, WIDTH, open_suite
from models.training.recipe import TASKS

RATE = "8e-4"
JUDGED: dict[str, tuple[str, ...]] = {
    "enhance": ("psnr", "ssim", "temporal"),
    "flow": ("epe", "epe_tooth"),
    "tooth": ("iou",),
}
MEASURES = tuple(name for names in JUDGED.values() for name in names)


def trained(args: argparse.Namespace, name: str, steps: int, only: str | None) -> Path:
    """The manifest of one network; a run that was stopped goes on."""
    run: Path = args.runs / name
    weights = run / "weights"
    manifest = weights / "mostnet-lite.json"
    if manifest.exists():
        return manifest
    command = ["torch.distributed.run", "--standalone", "--nproc-per-node", "2", "-m", "models", "train"]
    command += ["--config", "lite", "--threads", "1", "--rate", RATE, "--steps", str(steps), "--out", str(run)]
    command += ["--data", *map(str, args.train), *(["--only", only] if only else [])]
    call(command)
    call(["models", "export", "mostnet-lite", "--weights", str(run / "last.pt"), "--out", str(weights)])
    return manifest


def call(module: list[str]) -> None:
    """Run `python -m ...` with one thread a process."""
    subprocess.run([sys.executable, "-m", *module], check=True, env={**os.environ, "OMP_NUM_THREADS": "1"})


def mean(rows: list[Row], name: str) -> float:
    """Over every frame that has it."""
    return float(np.nanmean([row.values[name] for row in rows]))


def results(args: argparse.Namespace) -> list[dict[str, str]]:
    """One row per network; what it was not trained for stays empty."""
    clips = open_suite(args.data, "val", args.cache, lambda _: None)
    windows = [clips[k] for k in range(len(clips))]
    plans: list[tuple[str, int, str | None]] = [("all tasks", args.steps, None)]
    plans += [(f"{task} alone", args.steps, task) for task in TASKS]
    plans += [(f"{task} alone, a third of the time", args.steps // 3, task) for task in TASKS]
    table = []
    for name, steps, task in plans:
        manifest = trained(args, name.replace(", ", "-").replace(" ", "-"), steps, task)
        rows = measure(open_network(manifest, (HEIGHT, WIDTH), "f32"), windows).rows
        judged = MEASURES if task is None else JUDGED[task]
        found = {key: f"{mean(rows, key):.4g}" if key in judged else "" for key in MEASURES}
        table.append({"network": name, "steps": str(steps), **found})
    return table


def main() -> None:
    """Train, measure, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--train", type=Path, nargs="+", required=True, help="caches of windows")
    parser.add_argument("--data", type=Path, required=True, help="folder of the photos")
    parser.add_argument("--cache", type=Path, default=Path(".cache/evaluation"))
    parser.add_argument("--runs", type=Path, default=Path("runs/ablation"))
    parser.add_argument("--steps", type=int, default=600)
    parser.add_argument("--out", type=Path, default=Path("docs/benchmarks/ablation"))
    args = parser.parse_args()
    table = results(args)
    args.out.mkdir(parents=True, exist_ok=True)
    with (args.out / "val.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(table[0]))
        writer.writeheader()
        writer.writerows(table)


if __name__ == "__main__":
    main()
