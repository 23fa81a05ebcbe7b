"""`make bench-calibration`: lens and colour against exact truth over many seeds, and what the live correction costs."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from engine.benchmarking import demo_clip
from engine.calibration.chart import read_chart
from engine.calibration.colour_fit import calibrate_colour
from engine.calibration.correction import ColourCorrection, Corrections, Undistortion
from engine.calibration.lens import calibrate
from engine.calibration.view import BoardFinder, BoardView
from engine.errors import CalibrationError
from engine.inference.choose import BackendOptions, open_backend
from engine.pipeline import Pipeline
from engine.stabilization.stabilizer import Stabilizer
from engine.values import Frame
from tests.rendered_boards import BOARD, Camera, camera, photographs
from tests.rendered_charts import photograph_chart

VIEWS = 14
FISHEYE_EVERY = 5


def lens_row(seed: int) -> dict[str, Any]:
    """One camera: what was found beside what is true."""
    rng = np.random.default_rng(seed)
    truth = camera(rng, is_fisheye=seed % FISHEYE_EVERY == FISHEYE_EVERY - 1)
    views, rejected = find_views(truth, rng)
    result = calibrate(views, BOARD, rejected)
    focal = np.diag(result.camera_matrix)[:2] / np.diag(truth.matrix)[:2] - 1
    middle = result.camera_matrix[:2, 2] - truth.matrix[:2, 2]
    row: dict[str, Any] = {"seed": seed, "true_model": "fisheye" if truth.is_fisheye else "pinhole"}
    row |= {"model": result.model, "views": len(views), "rejected": len(result.rejected)}
    row |= {"focal_error_percent": round(100 * float(np.abs(focal).max()), 4)}
    row |= {"middle_error_px": round(float(np.abs(middle).max()), 3), "rms_px": round(result.rms_px, 4)}
    return row | {"holdout_rms_px": round(result.holdout_rms_px, 4), "verdict": result.verdict}


def find_views(truth: Camera, rng: np.random.Generator) -> tuple[list[BoardView], list[tuple[str, str]]]:
    finder, views, rejected = BoardFinder(BOARD), [], []
    for index, pixels in enumerate(photographs(VIEWS, truth, rng)):
        try:
            views.append(finder.find(pixels, str(index)))
        except CalibrationError as error:
            rejected.append((str(index), error.sentence))
    return views, rejected


def colour_row(seed: int) -> dict[str, Any]:
    """One chart, found by itself."""
    photo, _ = photograph_chart(np.random.default_rng(1000 + seed))
    result = calibrate_colour(read_chart(photo))
    figures = {"before": result.before, "after": result.after, "left_out": result.left_out}
    row: dict[str, Any] = {"seed": seed, "verdict": result.verdict}
    for name, values in figures.items():
        judged = values[result.judged]
        row |= {f"{name}_mean": round(float(judged.mean()), 3), f"{name}_max": round(float(judged.max()), 3)}
    row["all_patches_max"] = round(float(result.after.max()), 3)
    return row | {"crushed": [one + 1 for one in result.crushed]}


def correction_cost(rounds: int = 60) -> dict[str, float]:
    """Median milliseconds a 640x480 frame on one thread, steps interleaved with a plain copy as the yardstick."""
    cv2.setNumThreads(1)
    pixels, _ = photograph_chart(np.random.default_rng(3))
    undistort, colour = correction_steps()
    steps = {"undistort": undistort.apply, "colour": colour.apply, "copy": np.copy}
    times: dict[str, list[float]] = {name: [] for name in steps}
    for _ in range(rounds):
        for name, step in steps.items():
            began = time.perf_counter()
            step(pixels)
            times[name].append(1000 * (time.perf_counter() - began))
    return {f"{name}_ms": round(float(np.median(values)), 3) for name, values in times.items()}


def pipeline_share(frames: int = 120) -> dict[str, float]:
    """What the correction adds to the live pipeline at 640x480 on one core; two pipelines take turns."""
    cv2.setNumThreads(1)
    clip = demo_clip(30)
    options = BackendOptions(threads=1, allow_untrained=True)
    plain, corrected = (Pipeline(open_backend(options, (480, 640)).backend, Stabilizer()) for _ in range(2))
    corrected.correction = Corrections(correction_steps())
    totals: dict[str, list[float]] = {"plain": [], "corrected": []}
    for index in range(frames):
        frame = Frame(clip[index % len(clip)], index, index * 33_333_333)
        for name, pipeline in (("plain", plain), ("corrected", corrected)):
            began = time.perf_counter()
            pipeline.step(frame)
            totals[name].append(1000 * (time.perf_counter() - began))
    for pipeline in (plain, corrected):
        pipeline.close()
    without, with_it = (float(np.median(values[10:])) for values in totals.values())
    added = float(np.median(np.subtract(totals["corrected"], totals["plain"])[10:]))
    return {
        "pipeline_ms": round(without, 2),
        "corrected_pipeline_ms": round(with_it, 2),
        "added_ms": round(added, 2),
        "share_of_corrected_pipeline": round(added / with_it, 3),
    }


def correction_steps() -> tuple[Undistortion, ColourCorrection]:
    """A plausible camera's."""
    pixels, _ = photograph_chart(np.random.default_rng(3))
    matrix = np.array([[600.0, 0, 320], [0, 600, 240], [0, 0, 1]])
    fit = calibrate_colour(read_chart(pixels)).fit
    undistortion = Undistortion("pinhole", matrix, np.array([-0.2, 0.05, 0, 0, 0]), (640, 480))
    return undistortion, ColourCorrection(fit.table(), fit.matrix)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=30)
    parser.add_argument("--out", type=Path, default=Path("docs/benchmarks/calibration"))
    parser.add_argument("--cost-only", action="store_true", help="print what the correction costs, and stop")
    args = parser.parse_args()
    cost = correction_cost() | pipeline_share()
    if args.cost_only:
        sys.stdout.write(json.dumps(cost, indent=1) + "\n")
        return
    lens, colour = [], []
    for seed in range(args.seeds):
        lens.append(lens_row(seed))
        colour.append(colour_row(seed))
        sys.stderr.write(f"{lens[-1]}\n{colour[-1]}\n")
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True).stdout
    facts = {"command": "make bench-calibration", "date": time.strftime("%Y-%m-%d"), "commit": commit.strip()}
    facts |= {"machine": f"{os.cpu_count()}-core x86-64", "views": str(VIEWS), "board": BOARD.name}
    args.out.mkdir(parents=True, exist_ok=True)
    summary = summarise(lens, colour)
    document = {**facts, "summary": summary, "correction": cost, "lens": lens, "colour": colour}
    (args.out / "results.json").write_text(json.dumps(document, indent=1) + "\n")
    lines = ["# Calibration against exact truth", "", ", ".join(f"{key} {value}" for key, value in facts.items()), ""]
    lines += ["| figure | worst of all seeds | target |", "|---|---|---|"]
    lines += [f"| {name} | {value} | {TARGETS[name]} |" for name, value in summary.items()]
    lines += ["", f"Cost of the live correction on one core, 640x480: {cost}"]
    (args.out / "table.md").write_text("\n".join(lines) + "\n")  # README.md says what it means


TARGETS = {
    "focal length error (%)": "0.5",
    "principal point error (px)": "2",
    "RMS (px)": "0.5",
    "hold-out / RMS": "1.25",
    "right lens model (share)": "-",
    "Delta E 2000 mean after": "3",
    "Delta E 2000 max after": "6",
    "Delta E 2000 mean, left out": "3",
    "patches cut off at black, not judged": "6",
    "Delta E 2000 max of all patches": "-",
}


def summarise(lens: list[dict[str, Any]], colour: list[dict[str, Any]]) -> dict[str, float]:
    """The worst over all seeds."""
    values = [
        max(row["focal_error_percent"] for row in lens),
        max(row["middle_error_px"] for row in lens),
        max(row["rms_px"] for row in lens),
        max(row["holdout_rms_px"] / row["rms_px"] for row in lens),
        float(np.mean([row["model"] == row["true_model"] for row in lens])),
        max(row["after_mean"] for row in colour),
        max(row["after_max"] for row in colour),
        max(row["left_out_mean"] for row in colour),
        max(len(row["crushed"]) for row in colour),
        max(row["all_patches_max"] for row in colour),
    ]
    return {name: round(float(value), 3) for name, value in zip(TARGETS, values, strict=True)}


if __name__ == "__main__":
    main()
