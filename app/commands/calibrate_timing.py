"""`steadyscope calibrate source` and `latency`: when frames come, and how late."""

from __future__ import annotations

import argparse
import time
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.commands.calibration_files import READ_TIMEOUT_S, read_table, within
from app.presenters.bench_steps import camera_facts
from app.source_arguments import add_source_arguments, chosen_source
from app.sources import SourceKind
from engine.calibration.entries import latency_entry
from engine.calibration.latency import judge, seen_times
from engine.calibration.source_step import CameraFacts, SourceStep
from engine.calibration.steps import Entry, patch_level
from engine.capture.controls import Adjustable
from engine.capture.file import FileSource
from engine.capture.source import Source
from engine.errors import CalibrationError, EndOfStream

WARM_UP_FRAMES = 15  # a camera that has just begun is not yet regular
TABLES = (".csv", ".txt")
MOST_FPS = 1000.0
MOST_LATENCY_S = 10.0
TRIAL, FLASH = ("shown", "seen"), ("shown",)


def add_source(steps: Any) -> None:
    """`calibrate source`."""
    source = steps.add_parser("source", help="rate and regularity of a source's frames, and what unpacking them costs")
    add_source_arguments(source)
    source.add_argument("--json", action="store_true", help="print JSON")


def add_latency(steps: Any) -> None:
    """`calibrate latency`."""
    latency = steps.add_parser("latency", help="from a flash to its frame in hand, of a hundred flashes or more")
    latency.add_argument(
        "file",
        metavar="FILE",
        type=Path,
        help="a table of trials (.csv: shown,seen in seconds), or a video of the flashing patch in its middle",
    )
    latency.add_argument("--flashes", metavar="TIMES.csv", type=Path, help="when it flashed, in the video's seconds")
    latency.add_argument("--fps", type=float, help="the camera's frame rate, of a table of trials")
    latency.add_argument("--screen-hz", type=float, help="the screen's refresh rate, to tell its share")
    latency.add_argument("--software-ms", type=float, help="from a frame in hand to its picture, if it is known")
    latency.add_argument("--json", action="store_true", help="print JSON")


def source_entry(args: argparse.Namespace) -> Entry:
    """Of five seconds of frames; a file is read at full speed, and its frames' own times count."""
    choice = chosen_source(args)
    source = choice.make()
    if choice.kind is SourceKind.FILE:
        source = FileSource(choice.name, loop=choice.is_looped)
    info = source.open()
    try:
        step = SourceStep(info.fps, partial(_asked, source, read_ms := []))
        try:
            for _ in range(WARM_UP_FRAMES if info.is_live else 0):
                source.read(READ_TIMEOUT_S)
            while not step.is_done:
                began = time.perf_counter_ns()
                frame = source.read(READ_TIMEOUT_S)
                read_ms.append((time.perf_counter_ns() - began) / 1e6)
                step.feed(frame, None)
        except EndOfStream:
            pass
        facts = {"identity": info.identity, "name": info.name, "image_size": [info.width, info.height]}
        return {**facts, "nominal_fps": info.fps, "controls": dict(info.controls), **step.result()}
    finally:
        source.close()


def _asked(source: Source, read_ms: list[float]) -> CameraFacts:
    """A camera is asked; reading a file at full speed is unpacking it; of the demo and of streams nothing is known."""
    if isinstance(source, Adjustable):
        return camera_facts(source)
    return CameraFacts(decode_ms=float(np.median(read_ms)) if isinstance(source, FileSource) and read_ms else None)


def measure_latency(args: argparse.Namespace) -> Entry:
    """Of a table of trials, or of a video and the times at which the patch in it flashed."""
    screen_ms = None if args.screen_hz is None else 1000 / within(args.screen_hz, MOST_FPS, "A refresh rate")
    if args.software_ms is not None:
        within(args.software_ms, 1000 * MOST_LATENCY_S, "A software's share")
    if args.file.suffix.lower() in TABLES:
        shown_s, seen_s, interval_s = _of_trials(args)
    else:
        shown_s, seen_s, interval_s = _of_video(args)
    return latency_entry(judge(shown_s, seen_s, interval_s, screen_ms), args.software_ms)


Trials = tuple[NDArray[np.float64], NDArray[np.float64], float]  # shown and seen in seconds, the frame interval


def _of_trials(args: argparse.Namespace) -> Trials:
    if args.fps is None or args.flashes:
        raise CalibrationError("A table of trials needs the frame rate, and nothing else.", "Give --fps, no --flashes.")
    interval_s = 1 / within(args.fps, MOST_FPS, "A frame rate")
    shown_s, seen_s = read_table(args.file, TRIAL).T
    late_s = seen_s - shown_s
    odd = np.flatnonzero((late_s < 0) | (late_s > MOST_LATENCY_S))
    if len(odd):
        raise CalibrationError(
            f"Trial {odd[0] + 1} takes {late_s[odd[0]]:g} s from flash to frame.",
            "Write both times in seconds of one clock.",
        )
    return shown_s, seen_s, interval_s


def _of_video(args: argparse.Namespace) -> Trials:
    if args.flashes is None or args.fps is not None:
        raise CalibrationError(
            "A video does not tell when the patch flashed, but has its own frame rate.",
            "Give --flashes with a time in seconds a line, no --fps.",
        )
    shown_s = read_table(args.flashes, FLASH)[:, 0]
    if (np.diff(shown_s) <= 0).any():
        raise CalibrationError(f"The flashes in {args.flashes.name} do not follow each other.", "Sort them by time.")
    source = FileSource(args.file)
    source.open()
    levels, times_ns = [], []
    try:
        while True:
            frame = source.read(READ_TIMEOUT_S)
            levels.append(patch_level(frame.pixels))
            times_ns.append(frame.captured_ns)
    except EndOfStream:
        pass
    finally:
        source.close()
    times_s = np.array(times_ns, np.float64) / 1e9
    if len(times_s) < 2:
        raise CalibrationError(f"{args.file.name} has only one frame.", "Record it again.")
    return shown_s, seen_times(np.array(levels), times_s, shown_s), float(np.median(np.diff(times_s)))
