"""The numbers of a training run: what each network is trained with unless the command line says otherwise."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace
from typing import Literal

Precision = Literal["fp32", "bf16", "fp16"]
Shape = Literal["cosine", "one-cycle"]
Task = Literal["enhance", "flow", "tooth"]

TASKS: dict[Task, tuple[str, ...]] = {  # the terms of the loss that belong to each task
    "enhance": ("enhance", "edge", "steady", "age"),
    "flow": ("flow", "trust"),
    "tooth": ("tooth",),
}


@dataclass(frozen=True, slots=True)
class Weights:
    """What each term of the loss counts."""

    enhance: float
    flow: float
    tooth: float
    trust: float = 0.0
    edge: float = 0.0  # gradients of the enhanced frame against those of the clean one
    steady: float = 0.0  # what changes along the true motion, against what changes in the clean frames
    age: float = 0.0  # what a long stream shows worse than the same stream when it was young

    def as_row(self) -> tuple[float, ...]:
        """In the order of the loss's terms: enhance, edge, steady, age, flow, trust, tooth."""
        return (self.enhance, self.edge, self.steady, self.age, self.flow, self.trust, self.tooth)

    def only(self, task: Task) -> Weights:
        """The weights of one task alone; its siblings' losses count nothing."""
        return Weights(**{term.name: getattr(self, term.name) * (term.name in TASKS[task]) for term in fields(self)})


@dataclass(frozen=True, slots=True)
class Stage:
    """A stretch of the run with loss weights of its own."""

    name: str
    until: float  # share of the run at which it ends, 0..1
    weights: Weights


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that shapes the curve, so that a checkpoint can refuse to go on with another one."""

    config: str
    stages: tuple[Stage, ...]
    batch: int  # windows per step, over all processes together
    frames: int  # frames per window; gradients run through all of them unless states are detached
    crop: int  # side of the square training crop, pixels
    rate: float
    final_rate: float
    weight_decay: float
    clip: float
    gain_share: float = 1.0  # rate of the logarithms of gains, as a multiple of the rate
    betas: tuple[float, float] = (0.9, 0.999)
    shape: Shape = "cosine"
    warmup: float = 0.02  # share of the run in which the rate rises
    ema: float = 0.999
    detach: bool = False  # the state between frames carries no gradient
    streams: int = 0  # long streams kept beside each other; every other step looks at one of them
    visits: int = 12  # looks at a long stream, `streams` of them apart twice over, before another takes its place
    lead: int = 8  # frames shown without gradient at the beginning of each but the first
    tint: bool = False  # small random changes of what the camera delivers
    precision: Precision = "fp32"
    seed: int = 0

    def stage(self, progress: float) -> Stage:
        """The stage at a share of the run, 0..1."""
        return next((stage for stage in self.stages if progress < stage.until), self.stages[-1])

    def only(self, task: Task) -> Recipe:
        """The recipe of a single-task sibling: one stage, with the weights that the task has at the end."""
        return replace(self, stages=(Stage(task, 1.0, self.stages[-1].weights.only(task)),))

    def rate_at(self, progress: float) -> float:
        """Learning rate at a share of the run: a rise, then half a cosine down to the final rate.

        One-cycle (Smith and Topin, 2018) rises for 30 % of the run, also along a cosine and from a 25th.
        """
        warmup = 0.3 if self.shape == "one-cycle" else self.warmup
        if progress < warmup:
            rise = progress / warmup
            if self.shape == "one-cycle":
                rise = 1 / 25 + (1 - 1 / 25) * (1 - math.cos(math.pi * rise)) / 2
            return self.rate * max(rise, 0.01)
        fall = min((progress - warmup) / max(1 - warmup, 1e-9), 1.0)
        return self.final_rate + (self.rate - self.final_rate) * (1 + math.cos(math.pi * fall)) / 2


_PAPER = Weights(enhance=10.0, flow=10.0, tooth=1.0)
_PAPER_RECIPE = {
    "stages": (Stage("joint", 1.0, _PAPER),),
    "batch": 4,
    "frames": 5,
    "crop": 256,
    "rate": 1e-4,
    "final_rate": 1e-6,
    "weight_decay": 5e-4,
    "clip": 0.9,
    "warmup": 0.0,
    "ema": 0.0,
    "detach": True,
}

RECIPES: dict[str, Recipe] = {
    "lite": Recipe(
        config="lite",
        # A joint start left the flow at zero for as long as trials lasted, so flow and trust go first.
        stages=(
            Stage("flow", 0.15, Weights(enhance=0.0, flow=1.0, tooth=0.0, trust=0.1)),
            Stage(
                "joint", 1.0, Weights(enhance=20.0, flow=1.0, tooth=1.0, trust=0.1, edge=5.0, steady=10.0, age=100.0)
            ),
        ),
        batch=4,
        frames=4,
        crop=256,
        rate=8e-4,
        final_rate=1e-6,
        weight_decay=1e-4,
        clip=1.0,
        gain_share=10.0,
        ema=0.997,
        # Windows are short, streams are not: after minutes the recurrent features had turned dim gum into dark blots.
        streams=4,
        tint=True,
        precision="bf16",
    ),
    "sw": Recipe(config="sw", **_PAPER_RECIPE),  # type: ignore[arg-type]
    "dw": Recipe(config="dw", **_PAPER_RECIPE),  # type: ignore[arg-type]
}
