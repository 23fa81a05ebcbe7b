"""`make bench-stabilization`: run what is missing, then write tables and plots.

python -m tests.bench.stabilization [--quick] [--only-ours|--only-peers] [--report-only] ...
"""

from __future__ import annotations

import argparse
import functools
import logging
import os
from pathlib import Path

import cv2

from tests.bench.stabilization.fields import ExactFields, OpenCvFields, SpoiltFields
from tests.bench.stabilization.network import network_maker
from tests.bench.stabilization.plan import REAPPEARANCES, SEEDS, Job, clip_for, drift_jobs, main_jobs, reappearance_jobs
from tests.bench.stabilization.report import write_report
from tests.bench.stabilization.run import FieldMaker, run_job

log = logging.getLogger("bench-stabilization")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench-stabilization", description=__doc__)
    parser.add_argument(
        "--data", type=Path, default=os.environ.get("STEADYSCOPE_DATA"), help="folder with dental-photos"
    )
    parser.add_argument("--work", type=Path, default=Path(".cache/bench-stabilization"), help="raw results; resumed")
    parser.add_argument("--out", type=Path, default=Path("docs/benchmarks/stabilization"), help="tables and plots")
    parser.add_argument("--peers", type=Path, default=Path(".cache/peers"), help="pip target folder of the peers")
    parser.add_argument("--weights", default="", help="manifest name for the network fields; empty: best there is")
    parser.add_argument("--quick", action="store_true", help="one seed, 8 re-appearances, no two-minute clips")
    parser.add_argument("--only", choices=("ours", "peers"), help="run only one side")
    parser.add_argument("--report-only", action="store_true", help="only tables and plots of what is there")
    return parser.parse_args()


def _jobs(is_quick: bool) -> list[Job]:
    if is_quick:
        return main_jobs(1)[:5] + reappearance_jobs(8)
    return main_jobs(SEEDS) + drift_jobs() + reappearance_jobs(REAPPEARANCES)


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
            makers = {"exact": ExactFields, "spoilt": SpoiltFields, "classical": OpenCvFields}
            network = network_maker(arguments.weights)
            if network is not None:
                makers["network"] = network
        site = None if arguments.only == "ours" else arguments.peers
        for job in _jobs(arguments.quick):
            make_clip = functools.partial(clip_for, job.spec, Path(arguments.data), "val")
            made = run_job(job, make_clip, makers, arguments.work, site)
            log.info("%s: %d new", job.name, made)
    write_report(arguments.work, arguments.out)


if __name__ == "__main__":
    main()
