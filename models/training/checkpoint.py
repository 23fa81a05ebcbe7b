"""Checkpoints on disk: written whole or not at all, read with a reason when they do not fit."""

from __future__ import annotations

import os
import pickle
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from engine.errors import ModelError
from models.training.recipe import Recipe

SCHEMA = 1
LAST, BEST = "last.pt", "best.pt"


def save(path: Path, content: Mapping[str, Any]) -> None:
    """Write beside the target, sync, rename: a kill leaves the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_suffix(".tmp")
    with scratch.open("wb") as file:
        torch.save({"schema": SCHEMA, **content}, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(scratch, path)


def load(path: Path) -> dict[str, Any]:
    """The content of a checkpoint, tensors on the CPU."""
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, RuntimeError, EOFError, ValueError, pickle.UnpicklingError) as error:
        raise ModelError(f"The checkpoint {path} cannot be read.", "Continue from another one.") from error
    if not isinstance(content, dict) or content.get("schema") != SCHEMA:
        raise ModelError(f"{path} is not a checkpoint of this version.", "Start from its weights: --init.")
    return content


def refuse_other_recipe(path: Path, content: dict[str, Any], recipe: Recipe) -> None:
    """Raise ModelError, naming the differences, when a run would go on with other numbers than it began with."""
    old, new = content["recipe"], plain(recipe)
    changed = [f"{key} {old.get(key)} -> {new[key]}" for key in new if old.get(key) != new[key]]
    if changed:
        raise ModelError(
            f"{path} was trained with another recipe ({'; '.join(changed)}).",
            "Repeat the options it began with, or start a new run with --init.",
        )


def plain(recipe: Recipe) -> dict[str, Any]:
    """The recipe as lists, numbers and strings, as it stands in a checkpoint."""
    return {key: _plain(value) for key, value in asdict(recipe).items()}


def _plain(value: Any) -> Any:
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value
