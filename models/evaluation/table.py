"""Turns rows per frame into the slides' table, by method, condition and level, as CSV and Markdown."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.evaluation.measure import MEASURES, Findings, Row

HEADINGS = {
    "psnr": "PSNR dB",
    "ssim": "SSIM",
    "epe": "EPE px",
    "epe_visible": "EPE visible",
    "epe_tooth": "EPE teeth",
    "iou": "IoU",
    "temporal": "flicker",
}
DIGITS = {"psnr": 2, "ssim": 3, "epe": 2, "epe_visible": 2, "epe_tooth": 2, "iou": 3, "temporal": 2}


@dataclass(frozen=True, slots=True)
class Line:
    """Means over the frames of one method in one group."""

    method: str
    group: str
    values: dict[str, float]


def summarise(rows: Iterable[Row], group: Callable[[Row], str]) -> list[Line]:
    """Means over frames that were measured, in order of first appearance."""
    gathered: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        gathered.setdefault((row.method, group(row)), []).append(row)
    return [
        Line(method, name, {measure: _mean([row.values[measure] for row in found]) for measure in MEASURES})
        for (method, name), found in gathered.items()
    ]


def _mean(values: Sequence[float]) -> float:
    measured = [value for value in values if not np.isnan(value)]
    return float(np.mean(measured)) if measured else float("nan")


def markdown(lines: Sequence[Line], group_heading: str = "") -> str:
    """A Markdown table; "-" stands where nothing was measured."""
    first = ["method", *([group_heading] if group_heading else [])]
    header = [*first, *HEADINGS.values()]
    out = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    for line in lines:
        names = [line.method, *([line.group] if group_heading else [])]
        out.append("| " + " | ".join([*names, *(_number(line.values[m], DIGITS[m]) for m in MEASURES)]) + " |")
    return "\n".join(out)


def _number(value: float, digits: int) -> str:
    return "-" if np.isnan(value) else f"{value:.{digits}f}"


def trust_table(findings: dict[str, Findings]) -> str:
    """One line per method with a trust output."""
    ratios = {name: found.trust_ratio() for name, found in findings.items()}
    lines = [f"- {name}: {ratio:.1f}" for name, ratio in ratios.items() if not np.isnan(ratio)]
    return "\n".join(lines) if lines else "- no method with a trust output"


def write_csv(path: Path, rows: Iterable[Row]) -> None:
    """Every frame of every method."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["method", "clip", "condition", "level", "frame", *MEASURES])
        for row in rows:
            numbers = ["" if np.isnan(row.values[m]) else f"{row.values[m]:.5g}" for m in MEASURES]
            writer.writerow([row.method, row.clip, row.condition, row.level, row.frame, *numbers])
