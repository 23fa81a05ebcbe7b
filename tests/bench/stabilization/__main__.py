"""`make bench-stabilization`: run what is missing, then write tables and plots.

Results are kept and only what is missing is run; tables mark what other code or weights made, --renew runs it again.

python -m tests.bench.stabilization [--quick] [--report-only] [--renew] [--only ours|peers] [--sets NAMES] ...
--seeds 5 --sets main --only ours --sources network: five seeds of the network alone.
--seeds 1 --sets fast: one clip at 60 fps with everybody.
"""

from __future__ import annotations

import argparse
import functools
import logging
import os
from pathlib import Path

import cv2

from engine.inference.preprocess import WORKING_PIXELS
from tests.bench.stabilization.clips import ClipSpec
from tests.bench.stabilization.fields import ExactFields, OpenCvFields, SpoiltFields
from tests.bench.stabilization.network import network_maker
from tests.bench.stabilization.plan import (
    OURS,
    REAPPEARANCES,
    SEEDS,
    Job,
    clip_for,
    drift_jobs,
    fast_jobs,
    main_jobs,
    reappearance_jobs,
    scene_jobs,
)
from tests.bench.stabilization.plots import draw_plots
from tests.bench.stabilization.report import write_report
from tests.bench.stabilization.run import Bench, FieldMaker, run_job
from tests.bench.stabilization.summary import spec_of

log = logging.getLogger("bench-stabilization")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bench-stabilization", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--data", type=Path, default=os.environ.get("STEADYSCOPE_DATA"), help="folder with dental-photos"
    )
    parser.add_argument("--work", type=Path, default=Path(".cache/bench-stabilization"), help="raw results; resumed")
    parser.add_argument("--out", type=Path, default=Path("docs/benchmarks/stabilization"), help="tables and plots")
    parser.add_argument("--peers", type=Path, default=Path(".cache/peers"), help="pip target folder of the peers")
    parser.add_argument("--weights", default="", help="manifest name for the network fields; empty: best there is")
    parser.add_argument(
        "--working-pixels", type=int, default=WORKING_PIXELS, help="of the network; with --work and --out of its own"
    )
    parser.add_argument("--quick", action="store_true", help="one seed, 8 re-appearances, no two-minute clips")
    parser.add_argument("--seeds", type=int, default=SEEDS, help="clips of each kind")
    parser.add_argument("--sources", default="exact,spoilt,classical,network", help="fields for our own runs")
    parser.add_argument("--sets", default="main,fast,reappear,drift,scenes", help="which sets of clips; fast: 60 fps")
    parser.add_argument("--clips", help="these instead of sets, by name: B100-30fps-8s,...; best with --work and --out")
    parser.add_argument("--only", choices=("ours", "peers"), help="run only one side")
    parser.add_argument("--renew", action="store_true", help="run again what other code or weights made")
    parser.add_argument("--report-only", action="store_true", help="only tables and plots of what is there")
    return parser.parse_args()


def _jobs(arguments: argparse.Namespace) -> list[Job]:
    if arguments.clips:
        return [_named(spec_of(name)) for name in arguments.clips.split(",")]
    if arguments.quick:
        return main_jobs(1) + reappearance_jobs(8)
    sets = {
        "main": main_jobs(arguments.seeds),
        "fast": fast_jobs(arguments.seeds),
        "reappear": reappearance_jobs(REAPPEARANCES),
        "drift": drift_jobs(),
        "scenes": scene_jobs(min(2, arguments.seeds)),
    }
    return [job for name in arguments.sets.split(",") for job in sets[name]]


def _named(spec: ClipSpec) -> Job:
    """One clip of any length; LOCK from a minute on, as the drift clips."""
    return Job(spec, OURS, ("lock",) if spec.seconds >= 60 else ("follow",), True, False)


def _makers(sources: list[str], weights: str, pixels: int) -> dict[str, FieldMaker]:
    """How to make each kind of fields that was asked for and can be had."""
    makers: dict[str, FieldMaker] = {"exact": ExactFields, "spoilt": SpoiltFields, "classical": OpenCvFields}
    network = network_maker(weights, pixels) if "network" in sources else None
    if network is not None:
        makers["network"] = network
    return {name: maker for name, maker in makers.items() if name in sources}


def main() -> None:
    """Run and report."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    cv2.setNumThreads(1)
    arguments = _arguments()
    if not arguments.report_only:
        if arguments.data is None:
            raise SystemExit("No photos. Give --data or set STEADYSCOPE_DATA to the folder that holds dental-photos.")
        makers: dict[str, FieldMaker] = {}
        if arguments.only != "peers":
            makers = _makers(arguments.sources.split(","), arguments.weights, arguments.working_pixels)
        site = None if arguments.only == "ours" else arguments.peers
        bench = Bench(makers, arguments.work, site, arguments.weights, arguments.renew)
        for job in _jobs(arguments):
            make_clip = functools.partial(clip_for, job.spec, Path(arguments.data), "val")
            made = run_job(job, make_clip, bench)
            log.info("%s: %d new", job.name, made)
    data = Path(arguments.data) if arguments.data else None
    rows = write_report(arguments.work, arguments.out, data, arguments.weights)
    draw_plots(rows, arguments.work, arguments.out, data)


if __name__ == "__main__":
    main()
