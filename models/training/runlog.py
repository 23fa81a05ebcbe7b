"""The run's log: one CSV file with a row for every so many steps, cut back when a run resumes earlier."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path


class RunLog:
    """Appends rows that share a set of columns; a cell that a row does not have stays empty."""

    def __init__(self, path: Path, columns: tuple[str, ...]) -> None:
        self.path = path
        self._columns = ("step", *columns)

    def start(self, after_step: int) -> None:
        """Keep the rows up to a step, drop later ones: they are going to be written again."""
        kept = [row for row in read(self.path) if row["step"] <= after_step] if self.path.exists() else []
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("w", newline="") as file:
            writer = csv.DictWriter(file, self._columns, restval="")
            writer.writeheader()
            writer.writerows(kept)

    def add(self, step: int, values: Mapping[str, float]) -> None:
        """Write one row and close the file, so that a kill loses no row."""
        with self.path.open("a", newline="") as file:
            row = {"step": step, **{key: f"{value:.6g}" for key, value in values.items()}}
            csv.DictWriter(file, self._columns, restval="").writerow(row)


def read(path: Path) -> list[dict[str, float]]:
    """Rows as numbers, empty cells left out."""
    with path.open(newline="") as file:
        return [{key: float(cell) for key, cell in row.items() if cell} for row in csv.DictReader(file)]
