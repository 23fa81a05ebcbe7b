"""`steadyscope bench`: what engine and pipeline reach on this machine, and how near that is to its ceiling."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict

from engine.benchmarking import SOURCE_SIZES, Effort, Figures, demo_clip, measure, profile
from engine.inference.choose import AUTO, DEFAULT_MODEL, NAMES, BackendOptions

ROWS = (
    ("working size", "{0.working_size}", ""),
    ("engine alone", "{0.engine_ms:.2f}", "ms"),
    ("pipeline", "{0.pipeline_ms:.2f}", "ms"),
    ("pipeline rate", "{0.pipeline_fps:.1f}", "frames/s"),
    ("engine / pipeline", "{0.ratio:.3f}", ""),
    ("outside the engine", "{0.outside_ms:.2f}", "ms"),
    ("network", "{0.gmac:.2f}", "GMAC"),
    ("reached", "{0.gmac_per_s:.0f}", "GMAC/s"),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `bench`."""
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--backend", choices=NAMES, default=AUTO, help="inference back end (default: %(default)s)")
    parser.add_argument("--model", default=DEFAULT_MODEL, help="network name or manifest (default: %(default)s)")
    parser.add_argument("--threads", type=int, default=0, help="CPU threads of the engine (default: all)")
    parser.add_argument("--ops", action="store_true", help="also time the network op by op (on the CPU)")
    parser.add_argument("--keep-pace", action="store_true", help="at the working size that the live path chooses here")
    usual = Effort()
    parser.add_argument("--rounds", type=_at_least_one, default=usual.rounds, help="default: %(default)s")
    parser.add_argument("--frames", type=_at_least_one, default=usual.frames, help="a round (default: %(default)s)")


def run(args: argparse.Namespace) -> int:
    """Exit code 0."""
    # Speed does not depend on what the weights are: an untrained network may be measured.
    options = BackendOptions(args.backend, args.model, args.threads, allow_untrained=True, keeps_pace=args.keep_pace)
    effort = Effort(rounds=args.rounds, frames=args.frames)
    clip = demo_clip(effort.clip_frames)
    figures = []
    for size in SOURCE_SIZES:
        print(f"measuring {size[1]}x{size[0]} ...", file=sys.stderr)
        figures.append(measure(options, size, clip, effort))
    ops = profile(options, SOURCE_SIZES[0], clip) if args.ops else []
    if args.json:
        print(json.dumps(to_json(figures) | ({"ops": [asdict(each) for each in ops]} if ops else {}), indent=1))
        return 0
    print(table(figures))
    for each in ops:
        print(f"{each.share:6.1%} {each.ms:8.3f} ms {each.count:4d} x {each.kind}  ({', '.join(each.implementations)})")
    return 0


def to_json(figures: list[Figures]) -> dict[str, object]:
    """The figures of every size, and those of the first beside them under their own names."""
    first = asdict(figures[0])
    return {"sizes": [asdict(each) for each in figures], **{name: first[name] for name in first if name != "source"}}


def table(figures: list[Figures]) -> str:
    """For people: a column for each source size."""
    rows = [("source", *(each.source for each in figures), "")]
    rows += [(label, *(cell.format(each) for each in figures), unit) for label, cell, unit in ROWS]
    rows.append(("ceiling", *(_or_dash(each.ceiling_gmac_per_s, "{:.0f}") for each in figures), "GMAC/s"))
    rows.append(("share of ceiling", *(_or_dash(each.share, "{:.0%}") for each in figures), ""))
    lines = [f"{figures[0].model} on {figures[0].backend}"]
    lines += [f"{row[0]:<20}" + "".join(f"{cell:>12}" for cell in row[1:-1]) + f"  {row[-1]}" for row in rows]
    return "\n".join(line.rstrip() for line in lines)


def _or_dash(value: float | None, form: str) -> str:
    return "-" if value is None else form.format(value)


def _at_least_one(text: str) -> int:
    value = int(text) if text.isdigit() else 0
    if value < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number above 0")
    return value
