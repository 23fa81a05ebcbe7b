"""`python -m models compare`: our networks beside the single-task peers, in one run."""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

from models.build import NAMES
from models.compare import compare, plot, write_csv


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """How large, how often, where to."""
    parser.add_argument("--size", default="800x800", metavar="WxH", help="multiples of 64 (default: %(default)s)")
    parser.add_argument("--passes", type=int, default=60, help="the first half is dropped (default: %(default)s)")
    parser.add_argument("--threads", type=int, help="of torch (default: as many as cores)")
    parser.add_argument(
        "--openvino", nargs="*", choices=NAMES, default=NAMES, help="ours to time there too (default: all)"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="for compare.csv and compare.png")


def run(args: argparse.Namespace) -> int:
    """Needs the environment that `make compare` makes."""
    width, height = map(int, args.size.split("x"))
    if args.threads:
        torch.set_num_threads(args.threads)
    rows = compare(height, width, args.passes, args.openvino, print)
    args.out.mkdir(parents=True, exist_ok=True)
    write_csv(rows, args.out / "compare.csv")
    title = f"{args.size}, batch 1, {args.passes} passes in turn, first half dropped, {torch.get_num_threads()} threads"
    plot(rows, args.out / "compare.png", title)
    print(f"{'':<28}{'run time':<15}{'layout':<14}{'M':>8}{'GMAC':>9}{'ms':>10}{'ratio':>8}{'slides':>8}")
    for row in rows:
        slides = "" if row.slides_ratio is None else f"{row.slides_ratio:.1f}"
        print(
            f"{row.name:<28}{row.run_time:<15}{row.layout:<14}{row.params_m:>8.2f}{row.gmac:>9.2f}{row.ms:>10.1f}"
            f"{row.ratio_to_combined:>8.2f}{slides:>8}"
        )
    return 0
