"""Where a damaged file of a session is kept when a mended one takes its place."""

from __future__ import annotations

from pathlib import Path

DAMAGED = "damaged"  # what it is called by, behind its name


def free_aside(path: Path) -> Path:
    """`NAME.damaged-N`; whatever was set aside before stays too."""
    number = 1
    while (aside := _aside(path, number)).exists():
        number += 1
    return aside


def last_set_aside(path: Path) -> Path | None:
    """What a repair that was cut short, or an earlier one, left; None if there is nothing."""
    number = 0
    while _aside(path, number + 1).exists():
        number += 1
    return _aside(path, number) if number else None


def _aside(path: Path, number: int) -> Path:
    return path.with_name(f"{path.name}.{DAMAGED}-{number}")
