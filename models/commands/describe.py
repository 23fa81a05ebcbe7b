"""`python -m models describe`: what each network costs, box by box."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict

from models.build import NAMES
from models.describe import Description, describe


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which networks, and in which form."""
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"default: {', '.join(NAMES)}")
    parser.add_argument("--json", action="store_true", help="print a JSON list")


def run(args: argparse.Namespace) -> int:
    """A table to read, or JSON to work with."""
    descriptions = [describe(name) for name in args.names or NAMES]
    if args.json:
        print(json.dumps([asdict(description) for description in descriptions], indent=1))
    else:
        print("\n\n".join(map(table, descriptions)))
    return 0


def table(description: Description) -> str:
    """One network as text."""
    rows = [("", "parameters M", "GMAC 640x480", "GMAC 800x800")]
    rows += [(box.name, *_numbers(box.params_m, box.gmac_640x480, box.gmac_800x800)) for box in description.boxes]
    rows.append(("all", *_numbers(description.params_m, description.gmac_640x480, description.gmac_800x800)))
    lines = [f"  {name:<22}{params:>14}{small:>14}{large:>14}" for name, params, small, large in rows]
    state = f"  state {description.state_bytes / 1e6:.2f} MB at 640x480 in float32"
    return "\n".join([description.name, *lines, state])


def _numbers(params: float, small: float, large: float) -> tuple[str, str, str]:
    return f"{params:.3f}", f"{small:.3f}", f"{large:.3f}"
