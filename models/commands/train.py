"""`python -m models train`: train a network, or go on with a run that was stopped."""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path
from typing import Any

import torch

from engine.errors import ModelError
from models.build import build
from models.training.batches import Batches, Joined
from models.training.distributed import Place, place
from models.training.initial import adopt
from models.training.recipe import RECIPES, TASKS, Recipe
from models.training.sources import open_windows
from models.training.trainer import Length, Rhythm, Trainer
from models.training.validation import Validation

INTERRUPTED = 130
_OVERRIDES = (  # options that change one number of the recipe
    ("batch", int, "windows per step over all processes"),
    ("frames", int, "frames per window"),
    ("crop", int, "side of the training crop, pixels"),
    ("rate", float, "highest learning rate"),
    ("ema", float, "decay of the averaged weights"),
    ("seed", int, "order of windows, crops and flips"),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to train, on what, for how long."""
    parser.add_argument("--config", choices=sorted(RECIPES), required=True)
    parser.add_argument(
        "--data", type=Path, nargs="+", required=True, metavar="DIR", help="a cache of windows, or VIDENT/train"
    )
    parser.add_argument("--val", type=Path, metavar="DIR", help="windows to validate on, never trained on")
    parser.add_argument("--val-count", type=int, default=32, help="validate on so many windows, evenly chosen")
    parser.add_argument("--stride", type=int, default=1, help="take every so many-th frame of a Vident-real sequence")
    parser.add_argument("--out", type=Path, required=True, metavar="RUN", help="folder of the run; a run in it goes on")
    length = parser.add_mutually_exclusive_group(required=True)
    length.add_argument("--steps", type=int)
    length.add_argument("--minutes", type=float, help="computing time over all sittings; the rate anneals to it")
    parser.add_argument("--init", type=Path, metavar="FILE", help="start from the weights in a .pt or .onnx file")
    parser.add_argument("--precision", choices=("fp32", "bf16", "fp16"), help="bf16 where the processor has it")
    parser.add_argument("--shape", choices=("cosine", "one-cycle"), help="how the learning rate runs")
    parser.add_argument("--flow-first", type=float, metavar="SHARE", help="share of the run for the flow stage")
    parser.add_argument(
        "--only", choices=sorted(TASKS), help="train a single-task sibling: the other losses count nothing"
    )
    for name, kind, meaning in _OVERRIDES:
        parser.add_argument(f"--{name}", type=kind, help=meaning)
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto")
    parser.add_argument("--threads", type=int, help="processor threads for torch; default: all")
    parser.add_argument("--log-every", type=int, default=Rhythm().log, metavar="STEPS")
    parser.add_argument("--save-every", type=int, default=Rhythm().save, metavar="STEPS")
    parser.add_argument("--validate-every", type=int, default=Rhythm().validate, metavar="STEPS")


def run(args: argparse.Namespace) -> int:
    """Train; 0 when the run is finished, 130 when it was stopped and can go on."""
    if args.threads:
        torch.set_num_threads(args.threads)
    recipe = recipe_of(args)
    with place(args.device) as here:
        trainer = _trainer(args, recipe, here)
        windows = Joined([open_windows(path, recipe.frames, args.stride) for path in args.data])
        if here.leads:
            print(f"{len(windows)} windows, {recipe}", flush=True)
        validation = None
        if args.val is not None:
            validation = Validation(open_windows(args.val, recipe.frames, args.stride), args.val_count)
        is_finished = trainer.fit(Batches(windows, recipe, here.rank, here.peers), validation)
    return 0 if is_finished else INTERRUPTED


def recipe_of(args: argparse.Namespace) -> Recipe:
    """The configuration's recipe with the command line's changes."""
    recipe = RECIPES[args.config]
    changes: dict[str, Any] = {
        name: getattr(args, name)
        for name in (*(row[0] for row in _OVERRIDES), "precision", "shape")
        if getattr(args, name) is not None
    }
    if args.flow_first is not None:
        if len(recipe.stages) != 2 or not 0 <= args.flow_first < 1:
            raise ModelError("--flow-first does not fit.", "It is a share below 1 of a run of --config lite.")
        first, rest = recipe.stages
        changes["stages"] = (dataclasses.replace(first, until=args.flow_first), rest)
    recipe = dataclasses.replace(recipe, **changes)
    return recipe if args.only is None else recipe.only(args.only)


def _trainer(args: argparse.Namespace, recipe: Recipe, here: Place) -> Trainer:
    torch.manual_seed(recipe.seed)
    network = build(f"mostnet-{recipe.config}")
    length = Length(args.steps, args.minutes)
    rhythm = Rhythm(args.log_every, args.save_every, args.validate_every)
    trainer = Trainer(network, recipe, length, args.out, here, _say, rhythm)
    if trainer.resume():
        trainer_note = f"going on at step {trainer.step}"
    elif args.init is not None:
        adopted = adopt(trainer.network, args.init)
        trainer.average.restart(trainer.network)
        trainer_note = f"{adopted.taken} tensors from {args.init}, as built: {', '.join(adopted.left) or 'none'}"
    else:
        trainer_note = "a new run"
    if here.leads:
        print(trainer_note, flush=True)
    return trainer


def _say(text: str) -> None:
    print(text, flush=True)
