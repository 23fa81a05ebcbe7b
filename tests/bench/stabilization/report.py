"""Tables."""

from pathlib import Path


def write_report(work: Path, out: Path) -> None:
    """x"""
