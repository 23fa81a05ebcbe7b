"""`steadyscope process`: enhance and stabilize a video file without a window."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from app.batch import Batch
from app.cli import INTERRUPTED
from app.opening import BACKENDS, EngineChoice
from app.output_folder import refuse_to_overwrite
from app.progress import Progress
from engine.capture.file import FileSource
from engine.capture.source import SourceInfo
from engine.inference.choose import AUTO, DEFAULT_MODEL, BackendOptions
from engine.stabilization.options import PathMode, StabilizerOptions


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `process`."""
    parser.add_argument("input", metavar="IN", type=Path, help="video file")
    parser.add_argument("--out", metavar="DIR", type=Path, required=True, help="folder for the results")
    parser.add_argument("--limit", metavar="N", type=_positive, help="stop after N frames")
    parser.add_argument("--backend", choices=BACKENDS, default=AUTO, help="inference back end (default: %(default)s)")
    parser.add_argument("--model", default=DEFAULT_MODEL, help="network name or manifest (default: %(default)s)")
    parser.add_argument("--mode", choices=[mode.value for mode in PathMode], default="follow", help="stabilizer mode")
    parser.add_argument("--save-fields", action="store_true", help="write flow, tooth and enhanced picture per frame")


def run(args: argparse.Namespace) -> int:
    """Exit code 0, or 130 when interrupted; the files are whole either way."""
    refuse_to_overwrite(args.input, args.out)
    choice = EngineChoice(
        BackendOptions(backend=args.backend, model=args.model), StabilizerOptions(mode=PathMode(args.mode))
    )
    batch = Batch(FileSource(args.input), choice, args.out, args.limit)
    bar: Progress | None = None

    def on_start(info: SourceInfo) -> None:
        nonlocal bar
        counts = [count for count in (info.frame_count, args.limit) if count is not None]
        bar = Progress(min(counts) if info.frame_count is not None else args.limit, sys.stderr)

    def on_frame(done: int) -> None:
        if bar is not None:
            bar.show(done)

    with _stops_on_interrupt(batch):
        try:
            batch.run(has_fields=args.save_fields, on_start=on_start, on_frame=on_frame)
        finally:
            if bar is not None:
                bar.finish(batch.done)
    if batch.should_stop.is_set():
        print(
            f"steadyscope: interrupted after {batch.done} frames; the files in {args.out} are whole.", file=sys.stderr
        )
        return INTERRUPTED
    print(f"{batch.done} frames in {args.out}")
    return 0


@contextmanager
def _stops_on_interrupt(batch: Batch) -> Iterator[None]:
    """Ctrl-C ends the work between two frames; a second one, at once."""

    def handle(_: int, __: FrameType | None) -> None:
        if batch.should_stop.is_set():
            raise KeyboardInterrupt
        batch.should_stop.set()

    before = signal.signal(signal.SIGINT, handle)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _positive(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number above 0")
    return int(text)
