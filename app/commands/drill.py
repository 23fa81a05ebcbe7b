"""`steadyscope drill`: run the safety faults through the real session."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict

from engine.capture.synthetic import SyntheticSource
from engine.drill import Row, run_drill

FOUND_WANTING = 1
SIZE = (320, 240)  # width, height: small, so that the demo camera's own work does not blur the times


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `drill`."""
    parser.add_argument("--json", action="store_true", help="print the rows as JSON")


def run(args: argparse.Namespace) -> int:
    """0 when every reaction was in time, 1 otherwise."""
    camera = SyntheticSource(size=SIZE)
    camera.open()  # paints the scene before any clock runs
    camera.close()
    rows = run_drill(camera)
    print(json.dumps([asdict(row) for row in rows], indent=1) if args.json else _table(rows))
    return 0 if all(row.verdict == "pass" for row in rows) else FOUND_WANTING


def _table(rows: list[Row]) -> str:
    faults, reactions = max(len(row.fault) for row in rows), max(len(row.reaction) for row in rows)
    head = f"{'fault':<{faults}}  {'reaction':<{reactions}}  {'limit':>7}  {'measured':>9}  verdict"
    lines = [
        f"{row.fault:<{faults}}  {row.reaction:<{reactions}}  {row.limit_ms:>4.0f} ms  {row.measured_ms:>6.1f} ms  "
        f"{row.verdict}"
        for row in rows
    ]
    return "\n".join([head, *lines])
