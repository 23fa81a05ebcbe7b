"""`python -m models data`: make, keep, measure and look at training and test data."""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import cv2
import numpy as np

from engine.errors import SourceError
from models.data.cache import CachedWindows, CachePlan, write_cache
from models.data.conditions import CONDITIONS
from models.data.generate import WindowOptions, photo_window
from models.data.mouths import mouth_of
from models.data.photos import SPLITS, list_photos
from models.data.rendered import load_arches, rendered_window
from models.data.sheet import contact_sheet, write_clip
from models.data.stats import statistics
from models.data.vident import SPLITS as VIDENT_SPLITS
from models.data.vident import list_sequences
from models.data.vident_flow import Dis, Raft, label_sequence
from models.data.window import Window

CLIP_FRAMES, CLIP_FPS = 60, 30
Maker = Callable[[int, np.random.Generator], Window]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """One sub-command per task."""
    tasks = parser.add_subparsers(dest="task", required=True)
    cache = tasks.add_parser("cache", help="write windows into memory-mapped shards; goes on where it was interrupted")
    _add_source(cache)
    cache.add_argument("--windows", type=int, default=1500)
    cache.add_argument("--size", type=int, default=256, help="side of the square windows")
    cache.add_argument("--frames", type=int, default=5)
    cache.set_defaults(work=run_cache)
    preview = tasks.add_parser("preview", help="a contact sheet, and a clip for each condition named")
    _add_source(preview)
    preview.add_argument("--clips", nargs="*", choices=tuple(CONDITIONS), default=["mixed"], metavar="CONDITION")
    preview.set_defaults(work=run_preview)
    stats = tasks.add_parser("stats", help="input PSNR, motion and teeth of a cache, beside the slides' figures")
    stats.add_argument("--cache", type=Path, required=True, help="folder written by `data cache` or by `evaluate`")
    stats.add_argument("--windows", type=int, default=300, help="look at so many, evenly chosen")
    stats.add_argument("--out", type=Path, help="write the figures as JSON")
    stats.set_defaults(work=run_stats)
    labels = tasks.add_parser("vident-flow", help="make the flow labels of a Vident-real tree, once")
    labels.add_argument("--vident", type=Path, required=True, help="ROOT of the data set")
    labels.add_argument("--split", choices=VIDENT_SPLITS, default="train")
    labels.add_argument("--stride", type=int, default=1, help="2 = every second frame")
    labels.add_argument("--method", choices=("raft", "dis"), default="raft")
    labels.add_argument("--raft-weights", type=Path, help="torchvision's raft_large .pth, where there is no internet")
    labels.add_argument("--device", default="cuda")
    labels.set_defaults(work=run_vident_flow)


def _add_source(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, default=os.environ.get("STEADYSCOPE_DATA"), help="folder of the photos")
    parser.add_argument("--kind", choices=("photos", "crowns", "mouths"), default="photos")
    parser.add_argument("--split", choices=SPLITS, default="train")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, required=True)


def run(args: argparse.Namespace) -> int:
    """Do the task."""
    cv2.setNumThreads(1)  # small pictures; and OpenCV's rasteriser races with itself on several threads
    return int(args.work(args))


def run_cache(args: argparse.Namespace) -> int:
    """Fill a cache of photo or rendered windows."""
    make = _maker(args, WindowOptions(args.frames, args.size, args.size))
    plan = CachePlan(args.windows, args.frames, args.size, args.size, args.seed, args.split)
    begun = time.monotonic()

    def report(done: int) -> None:
        print(f"{done}/{plan.windows} windows, {time.monotonic() - begun:.0f} s", flush=True)

    write_cache(args.out, plan, make, report)
    return 0


def run_preview(args: argparse.Namespace) -> int:
    """Write sheet.jpg with two windows of each condition, and clips at the working size."""
    args.out.mkdir(parents=True, exist_ok=True)
    windows = []
    for number, name in enumerate(CONDITIONS):
        make = _maker(args, WindowOptions(condition=name))
        windows += [make(k, np.random.default_rng([args.seed, number, k])) for k in range(2)]
    sheet = contact_sheet(windows)
    cv2.imwrite(str(args.out / "sheet.jpg"), cv2.cvtColor(sheet, cv2.COLOR_RGB2BGR))
    for name in args.clips:
        make = _maker(args, WindowOptions(CLIP_FRAMES, 480, 640, name, procedural=0.0))
        write_clip(args.out / f"{name}.mp4", make(0, np.random.default_rng([args.seed, 99])), CLIP_FPS)
    print(f"{args.out}: sheet.jpg and {len(args.clips)} clips")
    return 0


def run_stats(args: argparse.Namespace) -> int:
    """Print the figures beside the slides'."""
    cache = CachedWindows(args.cache)
    chosen = np.unique(np.linspace(0, len(cache) - 1, min(args.windows, len(cache))).round().astype(int))
    found = statistics(cache[int(k)] for k in chosen)
    print(f"input PSNR {found.input_psnr:.2f} dB (slides 17.80 test, 18.77 validation)")
    print(f"mean |flow| {found.mean_flow_at_800:.2f} px at 800x800 (slides 9.24, 8.52)")
    print(f"teeth {100 * found.tooth_fraction:.1f} % of the frame (slides 27.0, 21.4)")
    print(json.dumps(asdict(found), indent=1))
    if args.out is not None:
        args.out.parent.mkdir(parents=True, exist_ok=True)
        args.out.write_text(json.dumps(asdict(found), indent=1) + "\n", encoding="utf-8")
    return 0


def run_vident_flow(args: argparse.Namespace) -> int:
    """Label what is not labelled yet."""
    labeller = Raft(args.device, args.raft_weights) if args.method == "raft" else Dis()
    sequences = list_sequences(args.vident, args.split)
    for number, sequence in enumerate(sequences, start=1):
        label_sequence(sequence, args.stride, labeller, lambda _: None)
        print(f"{number}/{len(sequences)} {sequence.folder.name}", flush=True)
    return 0


def _maker(args: argparse.Namespace, options: WindowOptions) -> Maker:
    if args.kind == "mouths":
        return lambda k, rng: photo_window(rng, [mouth_of(args.seed, k)], options)
    if args.data is None:
        raise SourceError("No data folder was given.", "Use --data DIR or set STEADYSCOPE_DATA.")
    if args.kind == "crowns":
        arches = load_arches(args.data)
        return lambda _, rng: rendered_window(rng, arches, options)
    photos = list_photos(args.data, args.split)
    return lambda _, rng: photo_window(rng, photos, options)
