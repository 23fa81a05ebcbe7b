"""Tables of the benchmark: every figure as CSV, the medians as Markdown."""

from __future__ import annotations

import csv
import math
from collections import defaultdict
from pathlib import Path

import numpy as np

from tests.bench.stabilization.peers import PEERS
from tests.bench.stabilization.summary import Row, rows_of
from tests.bench.stabilization.version import code_version, present_version, weights_version

DELAYS = {peer.name: peer.delay for peer in PEERS}
KIND_WORDS = {
    "A": "A calm",
    "B": "B bur, textured handpiece, droplets, flicker, spray",
    "C": "C jaw jump and return",
    "D": "D walk along the arch",
    "E": "E low light",
    "demo": "painted scene: demo",
    "hard": "painted scene: hard",
    "walk": "painted scene: walk",
    "low_light": "painted scene: low light",
}
COLUMNS = (
    ("db_1-5", "1-5 Hz dB", 1),
    ("db_7-12", "7-12 Hz dB", 1),
    ("db_12-20", "12-20 Hz dB", 1),
    ("gain_0.4", "gain < 0.4 Hz", 2),
    ("lag_px", "view lag px", 1),
    ("cover_mean", "cover", 3),
    ("cover_min", "cover min", 3),
    ("cropping", "cropping", 3),
    ("stability", "stability", 3),
    ("itf_db", "ITF dB", 1),
    ("sharpness", "sharpness", 2),
    ("error_p95", "pose error p95 px", 2),
    ("cost_ms", "ms a frame", 1),
)


_INTRO = """# Stabilization: measured

{clips} clips, {runs} runs. `make bench-stabilization`, 2-core x86-64 with AVX512/AMX. Motion is synthetic with exact
truth, on validation photos that nothing was tuned on, and on painted scenes; there is no real handpiece video here.

dB: power of the shown tooth's motion over that of the camera picture's, over the stretches in which the tooth is
visible, from 3 frames after each return; more negative is steadier. Medians over seeds. Peers' corrections are
measured by tracking corners from their input into their output.

- `-masked`: the peer was fed frames whose non-teeth were blanked to the tooth's mean with the *true* mask.
- `klt`: our own stand-in for the usual zero-delay recipe: whole-frame KLT, RANSAC similarity, our path and budget.
- `ours-exact`: exact fields. `ours-spoilt`: truth with 1 px of smooth flow errors and false mask parts.
  `ours-network`: the trained network. `ours-classical`: OpenCV DIS and no mask, the degraded path.
- ms: of the stabilizer alone for ours (wall time on a busy machine; the quiet figure is in docs/stabilizer.md),
  processor time of the whole method for peers. cover: valid share of the output before any crop for peers; ours
  always fills it.
- \\*: in whole or in part by another version of engine/stabilization or other weights than the present
  ({present}); column made_by of results.csv."""


def write_report(work: Path, out: Path, data: Path | None, weights: str = "") -> list[Row]:
    """CSV of all rows and results.md; returns the rows for the plots. `weights`: manifest of the network fields."""
    out.mkdir(parents=True, exist_ok=True)
    rows = [row | {"is_old": _is_old(row, weights)} for row in rows_of(work, data)]
    names = list(dict.fromkeys(name for row in rows for name in row))
    with (out / "results.csv").open("w", newline="") as file:
        table = csv.DictWriter(file, names)
        table.writeheader()
        for row in rows:
            table.writerow({k: f"{v:.4g}" if isinstance(v, float) else v for k, v in row.items()})
    parts = [_intro(rows, weights)]
    for kind in KIND_WORDS:
        for fps in sorted({float(row["fps"]) for row in rows if row["kind"] == kind and "drift_px_min" not in row}):
            parts.append(_kind_table(rows, kind, fps))
    parts += [_reappearances(rows), _drift(rows)]
    (out / "results.md").write_text("\n\n".join(part for part in parts if part) + "\n")
    return rows


def median(rows: list[Row], name: str) -> float:
    """Median of a figure over rows that have it."""
    values = [float(row[name]) for row in rows if name in row and not math.isnan(float(row[name]))]
    return float(np.median(values)) if values else math.nan


def number(value: float, digits: int) -> str:
    """For a table; a dash for what does not apply."""
    return "-" if math.isnan(value) else f"{value:.{digits}f}"


def _intro(rows: list[Row], weights: str) -> str:
    clips = len({row["clip"] for row in rows})
    present = f"{code_version()}, weights {weights_version(weights)}"
    return _INTRO.format(clips=clips, runs=len(rows), present=present)


def _is_old(row: Row, weights: str) -> str:
    """For the CSV: "yes" where other code or weights than the present made the row."""
    return "yes" if row["made_by"] != present_version(str(row["method"]), weights) else ""


def _marked(method: str, group: list[Row]) -> str:
    """The method's name, with a star where any of its rows is old."""
    return method + r"\*" * any(row["is_old"] for row in group)


def _cost(row: Row) -> Row:
    cost = row.get("ms_p50", row.get("cpu_ms", math.nan))
    return row | {"cost_ms": cost}


def _kind_table(rows: list[Row], kind: str, fps: float) -> str:
    mine = [_cost(r) for r in rows if r["kind"] == kind and r["fps"] == fps and "drift_px_min" not in r]
    if not mine:
        return ""
    by_method: dict[str, list[Row]] = defaultdict(list)
    for row in mine:
        by_method[str(row["method"])].append(row)
    head = f"## {KIND_WORDS[kind]}, {fps:.0f} fps\n"
    lines = [head, "| method | delay | seeds | " + " | ".join(title for _, title, _ in COLUMNS) + " |"]
    lines.append("|---" * (len(COLUMNS) + 3) + "|")
    for method in sorted(by_method, key=lambda m: median(by_method[m], "db_7-12")):
        group = by_method[method]
        delay = "0" if method.startswith("ours") else DELAYS.get(method.removesuffix("-masked"), "?")
        cells = [number(median(group, name), digits) for name, _, digits in COLUMNS]
        lines.append(f"| {_marked(method, group)} | {delay} | {len(group)} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _reappearances(rows: list[Row]) -> str:
    mine = [r for r in rows if r["kind"] in ("R", "N", "O")]
    if not mine:
        return ""
    lines = [
        "## Re-appearances after a white-out of 0.5 s\n",
        "Same tooth (R), a neighbour 280 px away in the same mouth (N), another mouth (O). A false lock is any visible"
        " frame that says TRACKING on the old anchor with an error over 3 px.\n",
        "| fields | clips | same tooth found | frames to < 1 px: median / worst | in <= 3 | false locks R / N / O |",
        "|---|---|---|---|---|---|",
    ]
    for method in sorted({str(r["method"]) for r in mine}):
        group = [r for r in mine if r["method"] == method]
        same = [float(r["reacquire"]) for r in group if r["kind"] == "R"]
        found = [x for x in same if math.isfinite(x)]
        false = [sum(float(r["false_frames"]) > 0 for r in group if r["kind"] == kind) for kind in "RNO"]
        within = sum(x <= 3 for x in same)
        times = f"{np.median(found):.0f} / {max(found):.0f}" if found else "-"
        lines.append(
            f"| {_marked(method, group)} | {len(group)} | {len(found)} of {len(same)} | {times} | "
            f"{within} of {len(same)} | "
            f"{false[0]} / {false[1]} / {false[2]} |"
        )
    return "\n".join(lines)


def _drift(rows: list[Row]) -> str:
    mine = [r for r in rows if "drift_px_min" in r]
    if not mine:
        return ""
    lines = [
        "## A minute or two, LOCK\n",
        "Step: what the shown tooth moves from one frame to the next in the second after a re-lock, at most; with room"
        " left: without the steps onto the crop's edge, where the camera's own movement passes; own: what the"
        " stabilizer meant to show, without the errors of its poses.\n",
        "| clip | fields | drift px/min | pose error p95 px | 7-12 Hz dB | re-locks | of these with a step over 1 px | "
        "worst step px | with room left | own, with room left |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    figures = {"drift_px_min": 2, "error_p95": 2, "db_7-12": 2}
    figures |= {"relocks": 0, "relocks_over_1px": 0, "jump_px": 2, "jump_room_px": 2, "own_jump_room_px": 2}
    for row in mine:
        cells = [number(float(row.get(k, math.nan)), digits) for k, digits in figures.items()]
        lines.append(f"| {row['clip']} | {_marked(str(row['method']), [row])} | " + " | ".join(cells) + " |")
    return "\n".join(lines)
