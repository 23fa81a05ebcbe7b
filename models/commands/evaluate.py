"""`python -m models evaluate`: fills the slides' table for a network and the baselines, on the fixed suite."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import cv2

from engine.errors import SourceError
from models.data.window import Window
from models.evaluation.classical import Chain, ClassicalChain, tune
from models.evaluation.measure import Findings, Row, measure
from models.evaluation.networks import open_network
from models.evaluation.picture import grid
from models.evaluation.predictors import DisFlow, InputItself, Predictor
from models.evaluation.suite import HEIGHT, LEVELS, SEEDS, WIDTH, open_suite
from models.evaluation.table import markdown, summarise, trust_table, write_csv


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument(
        "--suite", choices=tuple(SEEDS), default="tune", help="val: report only; tune: choose by it; crowns: rendered"
    )
    parser.add_argument("--data", type=Path, default=os.environ.get("STEADYSCOPE_DATA"), help="folder of the photos")
    parser.add_argument("--weights", type=Path, help="NAME.json or .onnx (OpenVINO), or a .pt checkpoint (torch)")
    parser.add_argument("--precision", choices=("f32", "bf16", "f16"), default="f32", help="of OpenVINO")
    parser.add_argument(
        "--working-pixels", type=int, metavar="N", help="run an exported network on about N pixels and lift its answer"
    )
    parser.add_argument("--cache", type=Path, default=Path(".cache/evaluation"), help="keeps the suite's clips")
    parser.add_argument("--out", type=Path, help="folder for table.md, frames.csv and grid.jpg")
    parser.add_argument("--no-baselines", action="store_true", help="measure the network alone")
    parser.add_argument("--tune-chain", action="store_true", help="tune the classical chain on the suite and stop")


def run(args: argparse.Namespace) -> int:
    """Measure and print."""
    if args.data is None:
        raise SourceError("No data folder was given.", "Use --data DIR or set STEADYSCOPE_DATA.")
    if not args.data.is_dir():  # though a kept suite may not need it: figures must not come from other data than named
        raise SourceError(f"There is no folder {args.data}.", "Give the folder of the photos.")
    cv2.setNumThreads(1)
    size = (HEIGHT, WIDTH)
    network = open_network(args.weights, size, args.precision, args.working_pixels) if args.weights else None
    suite = open_suite(args.data, args.suite, args.cache, _Counter("clips made"))
    clips = [suite[k] for k in range(len(suite))]
    if args.tune_chain:
        chain, score = tune(clips, Chain())
        print(f"{chain}\nmean PSNR on '{args.suite}': {score:.2f} dB")
        return 0
    findings = _measure_all(network, clips, not args.no_baselines)
    report = write_report(findings, args.suite)
    print(report)
    if args.out is not None:
        args.out.mkdir(parents=True, exist_ok=True)
        (args.out / "table.md").write_text(report + "\n", encoding="utf-8")
        write_csv(args.out / "frames.csv", _all_rows(findings))
        if network is not None:
            picture = grid(network, _one_of_each(clips))
            cv2.imwrite(str(args.out / "grid.jpg"), cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    return 0


def _measure_all(network: Predictor | None, clips: Sequence[Window], has_baselines: bool) -> dict[str, Findings]:
    findings: dict[str, Findings] = {}
    if has_baselines:
        chain, dis, dis_clean = ClassicalChain(Chain()), DisFlow(), DisFlow("OpenCV DIS on clean frames")
        findings["input"] = measure(InputItself(), clips, progress=_Counter("clips, input"))
        findings[chain.name] = measure(chain, clips, only_last=True, progress=_Counter("clips, classical chain"))
        findings[dis.name] = measure(dis, clips, progress=_Counter("clips, DIS"))
        findings[dis_clean.name] = measure(dis_clean, clips, on_clean=True, progress=_Counter("clips, DIS on clean"))
    if network is not None:
        findings[network.name] = measure(network, clips, progress=_Counter("clips, network"))
        found = measure(network, clips, on_clean=True, progress=_Counter("clips, network on clean"))
        name = f"{network.name} on clean frames"
        findings[name] = Findings([Row(name, *_rest(row)) for row in found.rows], found.trust, found.error)
    return findings


def _rest(row: Row) -> tuple[str, str, str, int, dict[str, float]]:
    return row.condition, row.level, row.clip, row.frame, row.values


def write_report(findings: dict[str, Findings], suite: str) -> str:
    """The whole report in Markdown."""
    rows = _all_rows(findings)
    levels = [row for row in rows if row.level in LEVELS]
    return "\n\n".join(
        [
            f"Suite '{suite}', synthetic motion and degradation.",
            markdown(summarise(rows, lambda _: "all")),
            "Flow error of the least trusted tenth of the pixels over that at median trust:",
            trust_table(findings),
            markdown(summarise(levels, lambda row: row.level), "level"),
            markdown(summarise(rows, lambda row: row.condition), "condition"),
        ]
    )


def _all_rows(findings: dict[str, Findings]) -> list[Row]:
    return [row for found in findings.values() for row in found.rows]


def _one_of_each(clips: Sequence[Window]) -> list[Window]:
    chosen: dict[str, Window] = {}
    for clip in clips:
        _, condition, level = clip.name.split("/")
        if level != "light":
            chosen.setdefault(condition, clip)
    return list(chosen.values())


class _Counter:
    def __init__(self, what: str) -> None:
        self._what = what

    def __call__(self, done: int) -> None:
        print(f"\r{done} {self._what}    ", end="", file=sys.stderr, flush=True)
