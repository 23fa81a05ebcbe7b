"""The training loop: steps, schedule, guard against NaN, checkpoints, progress; it stops cleanly, goes on exactly."""

from __future__ import annotations

import math
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from engine.errors import ModelError
from models.training import checkpoint, plots
from models.training.batches import Batches
from models.training.distributed import Place
from models.training.ema import Average
from models.training.recipe import Recipe
from models.training.rollout import TERMS, Rollout
from models.training.runlog import RunLog
from models.training.validation import COLUMNS, Validation, score

BAD_STEPS = 20  # this many steps in a row without a finite gradient end the run
LOG_COLUMNS = (*TERMS, "rate", "gradient", "step_s", *COLUMNS)


@dataclass(frozen=True, slots=True)
class Length:
    """How long a run is: so many steps, or so many minutes of computing over all its sittings."""

    steps: int | None = None
    minutes: float | None = None

    def progress(self, step: int, active_s: float) -> float:
        """Share of the run that is done, 0..1."""
        if self.steps is not None:
            return step / self.steps
        assert self.minutes is not None
        return active_s / (60 * self.minutes)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Every how many steps something happens."""

    log: int = 20
    save: int = 200
    validate: int = 1000


class Trainer:
    """One run in one folder: `last.pt`, `best.pt`, `log.csv`, `curves.png`."""

    def __init__(
        self,
        network: nn.Module,
        recipe: Recipe,
        length: Length,
        run: Path,
        place: Place,
        say: Callable[[str], None],
        rhythm: Rhythm | None = None,
    ) -> None:
        self.recipe, self.length, self.run, self.place = recipe, length, run, place
        self.network = network.to(place.device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.average = Average(self.network, recipe.ema)
        self.step, self.active_s, self.best = 0, 0.0, -math.inf
        self._say = say if place.leads else _silence
        self._rhythm = rhythm or Rhythm()
        self._optimizer = torch.optim.AdamW(_groups(self.network, recipe), lr=recipe.rate, betas=recipe.betas)
        self._scaler = torch.amp.GradScaler(place.device.type, enabled=recipe.precision == "fp16")
        rollout = Rollout(self.network, recipe)
        self._streams, self._rollout = rollout.streams, cast(nn.Module, rollout)
        if place.peers > 1:
            self._rollout = DistributedDataParallel(self._rollout, find_unused_parameters=True)
        self._log = RunLog(run / "log.csv", LOG_COLUMNS)
        self._bad = 0
        self._is_asked_to_stop = False

    def resume(self) -> bool:
        """Go on from `last.pt` when there is one; False when the run is new."""
        path = self.run / checkpoint.LAST
        if not path.exists():
            return False
        content = checkpoint.load(path)
        checkpoint.refuse_other_recipe(path, content, self.recipe)
        self.network.load_state_dict(content["network"])
        self.average.network.load_state_dict(content["average"])
        self.average.updates = content["average_updates"]
        self._optimizer.load_state_dict(content["optimizer"])
        self._scaler.load_state_dict(content["scaler"])
        self.step, self.active_s, self.best = content["step"], content["active_s"], content["best"]
        self._streams.load(self._streams_path, self.step)
        return True

    def fit(self, batches: Batches, validation: Validation | None = None) -> bool:
        """Train to the end, or until Ctrl-C or SIGTERM; saves the state either way. True when finished."""
        if self.place.leads:
            self._log.start(self.step)
        with self._signals(), closing(batches.stream(self.step)) as stream:
            for batch in self._timed(stream):
                progress = self.place.lead_value(self.length.progress(self.step, self.active_s))
                if progress >= 1 or self.place.any(self._is_asked_to_stop):
                    break
                self._advance(batch.to(self.place.device), progress)
                if validation is not None and self.step % self._rhythm.validate == 0:
                    self._validate(validation)
                elif self.step % self._rhythm.save == 0:
                    self._save(checkpoint.LAST)
            is_finished = not self.place.any(self._is_asked_to_stop)
            if is_finished and validation is not None and self.step % self._rhythm.validate:
                self._validate(validation)
        self._save(checkpoint.LAST)
        ending = "finished" if is_finished else "stopped"
        self._say(f"{ending} at step {self.step}, {_clock(self.active_s)} of computing")
        return is_finished

    def _timed(self, batches: Iterator[Any]) -> Iterator[Any]:
        """Pass batches on and count the time between them, waiting for data included."""
        self._since = time.monotonic()
        for batch in batches:
            yield batch
            now = time.monotonic()
            self.active_s += now - self._since
            self._since = now

    def _advance(self, batch: Any, progress: float) -> None:
        began = time.monotonic()
        stage, rate = self.recipe.stage(progress), self.recipe.rate_at(progress)
        for group in self._optimizer.param_groups:
            group["lr"] = rate * group["share"]
        self._rollout.train()
        self._optimizer.zero_grad(set_to_none=True)
        terms: Tensor = self._rollout(batch, stage.weights)
        gradient = self._descend(terms[0])
        self._guard(gradient)
        self.step += 1
        if self.step % self._rhythm.log == 0:
            mean = self.place.mean(terms.detach())
            self._report(mean, stage.name, progress, rate, gradient, time.monotonic() - began)

    def _descend(self, loss: Tensor) -> float:
        """One optimiser step; returns the gradient's norm, NaN when the loss is not finite in one of the processes."""
        if self.place.any(not math.isfinite(loss.item())):
            return math.nan  # backward is not even tried: torch's grid_sample reads out of bounds at NaN positions
        self._scaler.scale(loss).backward()  # type: ignore[no-untyped-call]
        self._scaler.unscale_(self._optimizer)
        gradient = float(nn.utils.clip_grad_norm_(self.network.parameters(), self.recipe.clip))
        if math.isfinite(gradient) or self._scaler.is_enabled():
            self._scaler.step(self._optimizer)
        self._scaler.update()
        if math.isfinite(gradient):
            self.average.update(self.network)
        return gradient

    def _guard(self, gradient: float) -> None:
        """Skip a step whose gradient is not finite; give up after too many in a row."""
        self._bad = 0 if math.isfinite(gradient) else self._bad + 1
        if self._bad >= BAD_STEPS:
            raise ModelError(
                f"The gradient was not finite for {BAD_STEPS} steps up to step {self.step}.",
                f"Lower --rate and start a new run with --init {self.run / checkpoint.BEST}.",
            )

    def _report(self, terms: Tensor, stage: str, progress: float, rate: float, gradient: float, step_s: float) -> None:
        if not self.place.leads:
            return
        row = dict(zip(TERMS, terms.tolist(), strict=True))
        self._log.add(self.step, {**row, "rate": rate, "gradient": gradient, "step_s": step_s})
        shown = " ".join(f"{name} {value:.3f}" for name, value in row.items())
        left = self.active_s * (1 - progress) / max(progress, 1e-6)
        self._say(f"{self.step} {stage} {progress:6.1%} {shown} | {step_s:.2f} s/step, {_clock(left)} left")

    def _validate(self, validation: Validation) -> None:
        if self.place.leads:
            found = validation.run(self.average.network, self.place.device)
            self._log.add(self.step, found)
            self._say(f"{self.step} validation " + " ".join(f"{key[4:]} {value:.3f}" for key, value in found.items()))
            if score(found) > self.best:
                self.best = score(found)
                self._save(checkpoint.BEST)
            plots.draw(self._log.path, self.run / "curves.png")
        self._save(checkpoint.LAST)
        self.place.wait()

    def _save(self, name: str) -> None:
        if self.place.leads:
            checkpoint.save(self.run / name, self._content())
        if name == checkpoint.LAST and self.recipe.streams:
            self._streams.save(self._streams_path, self.step)

    @property
    def _streams_path(self) -> Path:
        return self.run / f"streams-{self.place.rank}.pt"

    def _content(self) -> Mapping[str, Any]:
        return {
            "config": self.recipe.config,
            "recipe": checkpoint.plain(self.recipe),
            "network": self.network.state_dict(),
            "average": self.average.network.state_dict(),
            "average_updates": self.average.updates,
            "optimizer": self._optimizer.state_dict(),
            "scaler": self._scaler.state_dict(),
            "step": self.step,
            "active_s": self.active_s,
            "best": self.best,
        }

    @contextmanager
    def _signals(self) -> Iterator[None]:
        """Ctrl-C and SIGTERM finish the step and save; a second Ctrl-C breaks off at once."""

        def ask(number: int, _frame: FrameType | None) -> None:
            if self._is_asked_to_stop and number == signal.SIGINT:
                raise KeyboardInterrupt
            self._is_asked_to_stop = True

        self._is_asked_to_stop = False
        before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _groups(network: nn.Module, recipe: Recipe) -> list[dict[str, Any]]:
    """Weight decay on convolution kernels alone: biases, norms and gains stay free.

    Logarithms of gains (`log_...`) have far to go and few steps to do it in, so they have a rate of their own.
    """
    named = list(network.named_parameters())
    gains = [p for name, p in named if name.rpartition(".")[2].startswith("log_")]
    others = [p for name, p in named if not name.rpartition(".")[2].startswith("log_")]
    return [
        {"params": [p for p in others if p.ndim > 1], "weight_decay": recipe.weight_decay, "share": 1.0},
        {"params": [p for p in others if p.ndim <= 1], "weight_decay": 0.0, "share": 1.0},
        {"params": gains, "weight_decay": 0.0, "share": recipe.gain_share},
    ]


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02d}:{rest:02d}"


def _silence(_text: str) -> None:
    return
