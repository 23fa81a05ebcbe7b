"""`steadyscope demo-clip`: the demo source as a video file, with its ground truth if wanted."""

from __future__ import annotations

import argparse
import signal
import sys
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path
from threading import Event
from types import FrameType
from typing import Protocol

import av

from app.cli import INTERRUPTED
from app.progress import Progress
from engine.capture.demo.conditions import KINDS
from engine.capture.demo.truth_folder import TruthFolder
from engine.capture.synthetic import SyntheticSource
from engine.errors import EngineError, RecordingError
from engine.recording.clip import ClipWriter
from engine.recording.session_folder import refuse_session_folder
from engine.values import Image


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `demo-clip`."""
    parser.add_argument("out", metavar="OUT", type=Path, help="video to write: .mp4 (H.264) or .mkv (FFV1, lossless)")
    parser.add_argument("--seed", type=int, default=7, help="which mouth and which hand (default: %(default)s)")
    parser.add_argument("--seconds", type=_positive, default=10.0, help="length (default: %(default)s)")
    parser.add_argument("--fps", type=_positive, default=30.0, help="frames a second (default: %(default)s)")
    parser.add_argument("--size", type=_size, default=(640, 480), metavar="WxH", help="picture size (default: 640x480)")
    parser.add_argument("--kind", choices=list(KINDS), default="demo", help="conditions (default: %(default)s)")
    parser.add_argument(
        "--truth", action="store_true", help="write OUT-truth/ with flow, tooth masks, clean frames and camera poses"
    )


def run(args: argparse.Namespace) -> int:
    """Exit code 0, or 130 when interrupted; the files are whole either way."""
    truth_root = args.out.with_name(f"{args.out.stem}-truth") if args.truth else None
    refuse_session_folder(args.out, truth_root)
    total = max(1, round(args.seconds * args.fps))
    source = SyntheticSource(args.seed, args.fps, args.size, realtime=False, kind=args.kind)
    clip = _open_clip(args.out, args.size, args.fps)
    truth = None if truth_root is None else TruthFolder(truth_root)
    stop = Event()

    def handle(_: int, __: FrameType | None) -> None:
        stop.set()

    before = signal.signal(signal.SIGINT, handle)
    bar, done = Progress(total, sys.stderr), 0
    try:
        source.open()
        while done < total and not (stop.is_set() and done):  # a video without a picture would be no video
            frame = source.read(0.0)
            clip.write(frame.pixels, frame.captured_ns)
            if truth is not None:
                truth.add(source.truth(frame.seq))
            done += 1
            bar.show(done)
    finally:
        signal.signal(signal.SIGINT, before)
        with ExitStack() as each:  # whatever becomes of one, the others are finished
            each.callback(bar.finish, done)
            if truth is not None:
                each.callback(truth.close)
            each.callback(clip.close)
    if stop.is_set():
        print(f"steadyscope: interrupted after {done} frames; {args.out} is whole.", file=sys.stderr)
        return INTERRUPTED
    print(f"{done} frames in {args.out}")
    return 0


class Clip(Protocol):
    """What both writers offer."""

    def write(self, pixels: Image, at_ns: int) -> None:
        """Append one (H, W, 3) RGB frame."""
        ...

    def close(self) -> None:
        """Finish the file."""
        ...


class LosslessClip:
    """FFV1 in Matroska: every pixel as it was, for measuring."""

    def __init__(self, path: Path, size: tuple[int, int], fps: float) -> None:
        """`size` is (width, height)."""
        self._path = path
        self._container = av.open(str(path), "w", format="matroska")
        stream = self._container.add_stream("ffv1", rate=Fraction(fps).limit_denominator(1001))
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = *size, "bgr0"
        stream.time_base = stream.codec_context.time_base = Fraction(1, 1000)
        self._stream = stream

    def write(self, pixels: Image, at_ns: int) -> None:
        """Append one (H, W, 3) RGB frame shown at `at_ns`, to the millisecond."""
        frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
        frame.pts, frame.time_base = round(at_ns / 1e6), Fraction(1, 1000)
        self._mux(frame)

    def close(self) -> None:
        """Finish the file."""
        try:
            self._mux(None)
        finally:
            try:
                self._container.close()
            except (OSError, av.FFmpegError) as error:
                raise _not_written(self._path, error) from error

    def _mux(self, frame: av.VideoFrame | None) -> None:
        try:
            self._container.mux(self._stream.encode(frame))
        except av.FFmpegError as error:
            raise _not_written(self._path, error) from error


def _open_clip(path: Path, size: tuple[int, int], fps: float) -> Clip:
    """The writer that the file's ending asks for."""
    if path.suffix.lower() not in (".mp4", ".mkv"):
        raise EngineError(f"'{path.name}' does not end in .mp4 or .mkv.", "Write for example clip.mp4.")
    try:
        path.open("wb").close()  # the muxers open the file only with the first frame: too late for a clear refusal
    except OSError as error:
        raise _not_written(path, error) from error
    if path.suffix.lower() == ".mp4":
        return ClipWriter(path, (size[1], size[0]), fps)
    return LosslessClip(path, size, fps)


def _not_written(path: Path, error: OSError | av.FFmpegError) -> RecordingError:
    cause = getattr(error, "strerror", None) or str(error)
    return RecordingError(f"{path.name} cannot be written: {cause}.", "Choose another folder or free space.")


def _positive(text: str) -> float:
    value = float(text)
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not above 0")
    return value


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.lower().partition("x")
    if not (width.isdecimal() and height.isdecimal() and 64 <= min(int(width), int(height)) <= 8192):
        raise argparse.ArgumentTypeError(f"'{text}' is no picture size such as 640x480, at least 64x64")
    return int(width), int(height)
