"""The private folder of built engine plans: what is found there is loaded only when it is whole and fits exactly."""

from __future__ import annotations

import hashlib
import json
import os
import stat
from dataclasses import asdict, dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from engine.errors import BackendRefused

ANY = "any"


@dataclass(frozen=True, slots=True)
class PlanKey:
    """Everything a plan depends on. A plan whose key differs in one field is never loaded."""

    model_name: str
    model_sha256: str
    flavour: str
    version: str  # of the flavour's library
    gpu: str  # the device's name; "any" for portable plans
    capability: str  # "sm89"
    driver: str  # "any" for portable plans
    height: int
    width: int

    @property
    def file_name(self) -> str:
        """One file per model, flavour, capability and size, so that a newer plan replaces the older."""
        return f"{self.model_name}-{self.flavour}-{self.capability}-{self.width}x{self.height}.plan"


class Finding(Enum):
    """What stood where a plan was looked for."""

    FITS = "fits"
    MISSING = "missing"
    CORRUPT = "corrupt"  # damaged or cut short
    STALE = "stale"  # whole, but for another model, version, GPU or driver


@dataclass(frozen=True, slots=True)
class Found:
    """The plan, when it fits."""

    finding: Finding
    plan: bytes = b""


class PlanCache:
    """Plans are code: the folder belongs to the user and nobody else may write to it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _require_private(folder)
        self.folder = folder

    def path(self, key: PlanKey) -> Path:
        """Where the plan of `key` lies or will lie."""
        return self.folder / key.file_name

    def find(self, key: PlanKey) -> Found:
        """The plan of `key`; whatever stands there and does not fit is deleted."""
        path = self.path(key)
        try:
            facts = json.loads(facts_path(path).read_text(encoding="utf-8"))
            plan = path.read_bytes()
        except FileNotFoundError:
            is_half_there = path.exists() or facts_path(path).exists()
            self.evict(key)
            return Found(Finding.CORRUPT if is_half_there else Finding.MISSING)
        except ValueError:
            self.evict(key)
            return Found(Finding.CORRUPT)
        if not isinstance(facts, dict) or facts.get("sha256") != hashlib.sha256(plan).hexdigest():
            self.evict(key)
            return Found(Finding.CORRUPT)
        if facts.get("key") != asdict(key):
            self.evict(key)
            return Found(Finding.STALE)
        return Found(Finding.FITS, plan)

    def evict(self, key: PlanKey) -> None:
        """Delete the plan of `key` and what stands beside it."""
        for path in (self.path(key), facts_path(self.path(key)), kernels_path(self.path(key))):
            path.unlink(missing_ok=True)


def facts_path(plan: Path) -> Path:
    """The file beside a plan that says what it is."""
    return plan.with_suffix(".plan.json")


def kernels_path(plan: Path) -> Path:
    """The file beside a plan with the kernels that were compiled from it on this machine."""
    return plan.with_suffix(".kernels")


def admit(built: Path, plan: Path, key: PlanKey, facts: dict[str, Any]) -> None:
    """Move the finished file `built` to `plan`. The facts come last: without them a plan is never loaded."""
    digest = hashlib.sha256(built.read_bytes()).hexdigest()
    facts_path(plan).unlink(missing_ok=True)
    kernels_path(plan).unlink(missing_ok=True)
    os.replace(built, plan)
    written = facts_path(plan).with_suffix(".tmp")
    written.write_text(json.dumps({"key": asdict(key), "sha256": digest, **facts}, indent=1) + "\n", encoding="utf-8")
    os.replace(written, facts_path(plan))


def _require_private(folder: Path) -> None:
    if os.name != "posix":
        return  # on Windows the user's profile folder is private by its access list
    status = folder.stat()
    if status.st_uid != os.getuid() or status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise BackendRefused(
            f"The engine cache {folder} can be written by others, and engines are code.",
            f"Run `chmod 700 {folder}`, or delete the folder.",
        )
