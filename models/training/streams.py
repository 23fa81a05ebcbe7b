"""Long streams made of short windows: every other step looks again at one that it left some steps ago, state and all.

A window has a handful of frames, a procedure ten thousand. What grows slowly in the state is seen by no loss on windows
that begin from nothing, so some windows are played there and back, visit after visit, and the state is kept between.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from torch import Tensor

from models.outputs import State
from models.training import checkpoint
from models.training.recipe import Recipe


@dataclass(frozen=True, slots=True)
class Visit:
    """One look at one of the long streams."""

    stream: int
    number: int  # 0 begins the stream
    began: int  # the step of visit 0, whose windows all of its visits see


@dataclass(frozen=True, slots=True)
class Kept:
    """What a stream leaves for its next visit."""

    state: State
    errors: Tensor  # (T, B, 3, h, w) of the picture at visit 0, when the stream was young


def visit_at(step: int, recipe: Recipe) -> Visit | None:
    """The visit that a step pays; None for the steps that begin from nothing, which is every even one.

    Streams take turns, and begin at different times so that ages are mixed.
    """
    if not recipe.streams or step % 2 == 0:
        return None
    round_, stream = divmod(step // 2, recipe.streams)
    staggered = (round_ + stream * recipe.visits // recipe.streams) % recipe.visits
    number = min(staggered, round_)
    return Visit(stream, number, step - 2 * recipe.streams * number)


class Streams:
    """The long streams of one process, in memory and beside the run's checkpoint."""

    def __init__(self) -> None:
        self._kept: dict[int, Kept] = {}

    def at(self, visit: Visit) -> Kept | None:
        """What its last visit left; None when nothing is known of it."""
        return self._kept.get(visit.stream) if visit.number else None

    def keep(self, visit: Visit, state: State, errors: Tensor) -> None:
        """Remember the state for the next visit; one that is not finite would spoil them all, and is forgotten."""
        if not all(tensor.isfinite().all() for tensor in (*state, errors)):
            self._kept.pop(visit.stream, None)
            return
        self._kept[visit.stream] = Kept(tuple(tensor.detach() for tensor in state), errors.detach())

    def save(self, path: Path, step: int) -> None:
        """Write them; states of a step fit the weights of that step alone."""
        kept = {number: [list(stream.state), stream.errors] for number, stream in self._kept.items()}
        checkpoint.save(path, {"step": step, "kept": kept})

    def load(self, path: Path, step: int) -> None:
        """Read them back; a file of another step, or none, leaves the streams to begin anew."""
        content = checkpoint.load(path) if path.exists() else {}
        if content.get("step") == step:
            self._kept = {number: Kept(tuple(state), errors) for number, (state, errors) in content["kept"].items()}
