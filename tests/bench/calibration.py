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

from engine.calibration.chart import read_chart
from engine.calibration.colour_fit import calibrate_colour
from engine.calibration.correction import ColourCorrection, Undistortion
from engine.calibration.lens import calibrate
from engine.calibration.view import BoardFinder, BoardView
from engine.errors import CalibrationError
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
        row |= {f"{name}_mean": round(float(values.mean()), 3), f"{name}_max": round(float(values.max()), 3)}
    return row


def correction_cost(rounds: int = 60) -> dict[str, float]:
    """Median milliseconds a 640x480 frame on one thread, steps interleaved with a plain copy as the yardstick."""
    cv2.setNumThreads(1)
    pixels, _ = photograph_chart(np.random.default_rng(3))
    matrix = np.array([[600.0, 0, 320], [0, 600, 240], [0, 0, 1]])
    undistort = Undistortion("pinhole", matrix, np.array([-0.2, 0.05, 0, 0, 0]), (640, 480))
    fit = calibrate_colour(read_chart(pixels)).fit
    colour = ColourCorrection(fit.table(), fit.matrix)
    steps = {"undistort": undistort.apply, "colour": colour.apply, "copy": np.copy}
    times: dict[str, list[float]] = {name: [] for name in steps}
    for _ in range(rounds):
        for name, step in steps.items():
            began = time.perf_counter()
            step(pixels)
            times[name].append(1000 * (time.perf_counter() - began))
    return {f"{name}_ms": round(float(np.median(values)), 3) for name, values in times.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=30)
    parser.add_argument("--out", type=Path, default=Path("docs/benchmarks/calibration"))
    args = parser.parse_args()
    cost = correction_cost()
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
    (args.out / "README.md").write_text("\n".join(lines) + "\n")


TARGETS = {
    "focal length error (%)": "0.5",
    "principal point error (px)": "2",
    "RMS (px)": "0.5",
    "hold-out / RMS": "1.25",
    "right lens model (share)": "-",
    "Delta E 2000 mean after": "3",
    "Delta E 2000 max after": "6",
    "Delta E 2000 mean, left out": "3",
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
    ]
    return {name: round(float(value), 3) for name, value in zip(TARGETS, values, strict=True)}


if __name__ == "__main__":
    main()
