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
from engine.calibration.correction import ColourCorrection, Corrections, NoCorrection, PictureCorrection, Undistortion
from engine.calibration.lens import calibrate
from engine.calibration.view import BoardFinder, BoardView
from engine.errors import CalibrationError
from engine.inference.choose import BackendOptions, open_backend
from engine.pipeline import Pipeline
from engine.stabilization.stabilizer import Stabilizer
from engine.values import Frame, Image
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
    """One chart, found by itself; every patch is judged."""
    photo, _ = photograph_chart(np.random.default_rng(1000 + seed))
    result = calibrate_colour(read_chart(photo))
    figures = {"before": result.before, "after": result.after, "left_out": result.left_out}
    row: dict[str, Any] = {"seed": seed, "verdict": result.verdict}
    for name, values in figures.items():
        row |= {f"{name}_mean": round(float(values.mean()), 3), f"{name}_max": round(float(values.max()), 3)}
    row["crushed"] = [one + 1 for one in result.crushed]
    others = np.delete(result.after, result.crushed)
    row |= {"others_mean": round(float(others.mean()), 3), "others_max": round(float(others.max()), 3)}
    calm = calibrate_colour(read_chart(photograph_chart(np.random.default_rng(1000 + seed), saturation=0.85)[0]))
    row |= {"calm_max": round(float(calm.after.max()), 3), "calm_crushed": len(calm.crushed)}
    return row | {"overexposed": overexposed(seed)}


def overexposed(seed: int) -> str:
    """What the same chart comes to when its white is clipped."""
    photo, corners = photograph_chart(np.random.default_rng(1000 + seed), exposure=1.2)
    try:
        result = calibrate_colour(read_chart(photo, corners))
    except CalibrationError as error:
        return f"refused: {error.sentence}"
    return f"{result.verdict}: {'; '.join(result.failures)}"


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


class Timed:
    """A correction that notes what each picture cost it."""

    def __init__(self, inner: PictureCorrection) -> None:
        self._inner = inner
        self.taken_ms: list[float] = []

    def apply(self, pixels: Image, into: Image | None = None) -> Image:
        began = time.perf_counter()
        corrected = self._inner.apply(pixels, into)
        self.taken_ms.append(1000 * (time.perf_counter() - began))
        return corrected


def pipeline_share(frames: int = 120) -> dict[str, float]:
    """What the correction costs inside the live pipeline at 640x480 on one core: on for every second frame of one run.

    The frames between are given as already corrected, so that network and stabilizer see one scene all along.
    """
    cv2.setNumThreads(1)
    clip, correction = demo_clip(30), Timed(Corrections(correction_steps()))
    straight = [correction.apply(one) for one in clip]
    correction.taken_ms.clear()
    options = BackendOptions(threads=1, allow_untrained=True)
    pipeline = Pipeline(open_backend(options, (480, 640)).backend, Stabilizer())
    totals: dict[bool, list[float]] = {False: [], True: []}
    for index in range(2 * frames):
        is_corrected = index % 2 == 1
        pipeline.correction = correction if is_corrected else NoCorrection()
        pictures = clip if is_corrected else straight
        frame = Frame(pictures[index % len(clip)], index, index * 33_333_333)
        began = time.perf_counter()
        pipeline.step(frame)
        totals[is_corrected].append(1000 * (time.perf_counter() - began))
    pipeline.close()
    without, with_it = (float(np.median(totals[which][10:])) for which in (False, True))
    added = float(np.median(np.subtract(totals[True], totals[False])[10:]))
    inside = float(np.median(correction.taken_ms[10:]))
    return {
        "pipeline_ms": round(without, 2),
        "corrected_pipeline_ms": round(with_it, 2),
        "correction_inside_ms": round(inside, 2),
        "added_ms": round(added, 2),
        "share_of_corrected_pipeline": round(inside / with_it, 3),
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
    parser.add_argument("--only", choices=("lens", "colour", "cost"), help="measure one part, and leave the others")
    args = parser.parse_args()
    path = args.out / "results.json"
    document = json.loads(path.read_text()) if path.exists() else {}
    parts = (args.only,) if args.only else ("cost", "lens", "colour")
    for part in parts:
        document[part] = facts() | measure(part, args.seeds)
    args.out.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=1) + "\n")
    sys.stdout.write(json.dumps({part: document[part].get("worst", document[part]) for part in parts}, indent=1) + "\n")


def facts() -> dict[str, Any]:
    """What a measured part was measured with."""
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True).stdout
    return {"date": time.strftime("%Y-%m-%d"), "commit": commit.strip(), "machine": f"{os.cpu_count()}-core x86-64"}


def measure(part: str, seeds: int) -> dict[str, Any]:
    """One part: its seeds and the worst of them, or what the correction costs."""
    if part == "cost":
        return correction_cost() | pipeline_share()
    row = {"lens": lens_row, "colour": colour_row}[part]
    rows = []
    for seed in range(seeds):
        rows.append(row(seed))
        sys.stderr.write(f"{rows[-1]}\n")
    worst = {"lens": worst_lens, "colour": worst_colour}[part](rows)
    return {"worst": worst, "seeds": rows} | ({"views": VIEWS, "board": BOARD.name} if part == "lens" else {})


def worst_lens(rows: list[dict[str, Any]]) -> dict[str, float]:
    """Over all seeds."""
    return {
        "focal length error (%)": max(row["focal_error_percent"] for row in rows),
        "principal point error (px)": max(row["middle_error_px"] for row in rows),
        "RMS (px)": max(row["rms_px"] for row in rows),
        "hold-out / RMS": round(max(row["holdout_rms_px"] / row["rms_px"] for row in rows), 3),
        "right lens model (share)": float(np.mean([row["model"] == row["true_model"] for row in rows])),
    }


def worst_colour(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Over all seeds, every patch judged."""
    names = ("before_mean", "after_mean", "after_max", "left_out_mean", "left_out_max", "others_mean", "others_max")
    worst: dict[str, Any] = {name: max(row[name] for row in rows) for name in names}
    worst |= {name: max(row[name] for row in rows) for name in ("calm_max", "calm_crushed")}
    worst["crushed"] = max(len(row["crushed"]) for row in rows)
    worst["passes"] = sum(row["verdict"] == "pass" for row in rows)
    worst["overexposed ones that pass"] = sum(row["overexposed"].startswith("pass") for row in rows)
    return worst


if __name__ == "__main__":
    main()
