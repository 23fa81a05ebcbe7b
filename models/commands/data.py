"""`python -m models data`: make, keep, measure and look at training and test data."""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from engine.errors import SourceError
from models.data.cache import CachePlan, write_cache
from models.data.generate import WindowOptions, photo_window
from models.data.photos import SPLITS, list_photos
from models.data.rendered import load_arches, rendered_window
from models.data.window import Window


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """One sub-command per task."""
    tasks = parser.add_subparsers(dest="task", required=True)
    cache = tasks.add_parser("cache", help="write windows into memory-mapped shards; goes on where it was interrupted")
    _add_common(cache)
    cache.add_argument("--windows", type=int, default=1500)
    cache.add_argument("--size", type=int, default=256, help="side of the square windows")
    cache.add_argument("--frames", type=int, default=5)
    cache.add_argument("--kind", choices=("photos", "crowns"), default="photos")
    cache.set_defaults(work=run_cache)


def _add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, default=os.environ.get("STEADYSCOPE_DATA"), help="folder of the photos")
    parser.add_argument("--split", choices=SPLITS, default="train")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, required=True)


def run(args: argparse.Namespace) -> int:
    """Do the task."""
    if args.data is None:
        raise SourceError("No data folder was given.", "Use --data DIR or set STEADYSCOPE_DATA.")
    cv2.setNumThreads(1)
    return int(args.work(args))


def run_cache(args: argparse.Namespace) -> int:
    """Fill a cache of photo or rendered windows."""
    make = _maker(args)
    plan = CachePlan(args.windows, args.frames, args.size, args.size, args.seed, args.split)
    begun = time.monotonic()

    def report(done: int) -> None:
        print(f"{done}/{plan.windows} windows, {time.monotonic() - begun:.0f} s", flush=True)

    write_cache(args.out, plan, make, report)
    return 0


def _maker(args: argparse.Namespace) -> Callable[[int, np.random.Generator], Window]:
    options = WindowOptions(args.frames, args.size, args.size)
    if args.kind == "crowns":
        arches = load_arches(args.data)
        return lambda _, rng: rendered_window(rng, arches, options)
    photos = list_photos(args.data, args.split)
    return lambda _, rng: photo_window(rng, photos, options)
