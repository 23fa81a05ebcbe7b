"""`steadyscope calibrate`: the technician's steps on files and folders of frames."""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import PIL.Image

from engine.calibration import profile as profiles
from engine.calibration.board import FORM, Board, write_sheet
from engine.calibration.lens import calibrate as calibrate_lens
from engine.calibration.report import write_report
from engine.calibration.view import BoardFinder
from engine.capture.file import FileSource
from engine.errors import CalibrationError, EndOfStream
from engine.values import Image

PICTURES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp")
READ_TIMEOUT_S = 30.0
MOST_PIXELS = 100_000_000
MOST_FPS = 1000.0
MOST_FRAMES = 120


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """One sub-command a step."""
    steps = parser.add_subparsers(dest="step", required=True, metavar="{board,lens,colour,vibration,picture,profile}")
    board = steps.add_parser("board", help="a ChArUco sheet to print (PDF)")
    board.add_argument("--board", required=True, help=FORM)
    board.add_argument("--out", metavar="SHEET.pdf", type=Path, required=True)
    lens = steps.add_parser("lens", help="lens from pictures of the sheet")
    lens.add_argument("frames", metavar="FRAMES", type=Path, help="folder of pictures, or a video")
    lens.add_argument("--board", required=True, help=FORM)
    colour = steps.add_parser("colour", help="colour from a picture of a 24-patch chart")
    colour.add_argument("image", metavar="IMAGE", type=Path)
    colour.add_argument(
        "--corners",
        metavar="X1,Y1,...,X4,Y4",
        help="outer corners of the four corner patches; found by itself if left out",
    )
    vibration = steps.add_parser("vibration", help="spectrum of the motion in a video of a fixed target")
    vibration.add_argument("video", metavar="VIDEO", type=Path)
    vibration.add_argument("--um-per-px", type=float, help="scale, from the lens step")
    vibration.add_argument("--stabilized", metavar="VIDEO", type=Path, help="the same after `steadyscope process`")
    picture = steps.add_parser("picture", help="exposure, focus, noise, flicker and dust of a video or folder")
    picture.add_argument("frames", metavar="FRAMES", type=Path)
    picture.add_argument("--fps", type=float, default=30.0, help="frame rate, for lamp flicker (default: %(default)s)")
    for one in (lens, colour, vibration, picture):
        one.add_argument("--json", action="store_true", help="print JSON")
    profile = steps.add_parser("profile", help="show or check a calibration profile")
    profile.add_argument("action", choices=("show", "check"))
    profile.add_argument("file", metavar="FILE", type=Path)
    profile.add_argument("--identity", help="the camera it is to be used for (check)")
    profile.add_argument("--size", metavar="WxH", help="the camera's format (check)")
    profile.add_argument("--report", metavar="OUT.html", type=Path, help="write a report (show)")
    profile.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    """Exit code 0 for a pass, 1 for a fail."""
    steps = {
        "board": _board,
        "lens": _lens,
        "colour": _colour,
        "vibration": _vibration,
        "picture": _picture,
        "profile": _profile,
    }
    return steps[args.step](args)


def frames_of(path: Path) -> Iterator[tuple[str, Callable[[], Image]]]:
    """Name of each picture in a folder or each frame of a video, and what reads it as (H, W, 3) RGB.

    Raises CalibrationError or SourceError, and so does the reading: one bad picture of many is the caller's matter.
    """
    if not path.is_dir():
        source = FileSource(path)
        source.open()
        try:
            for number in range(1 << 30):
                pixels = source.read(READ_TIMEOUT_S).pixels
                yield f"frame {number}", partial(np.asarray, pixels)
        except EndOfStream:
            return
        finally:
            source.close()
    try:
        files = sorted(one for one in path.iterdir() if one.suffix.lower() in PICTURES)
    except OSError as error:
        raise CalibrationError(f"{path} cannot be read: {error.strerror}.", "Check your right to read it.") from error
    if not files:
        raise CalibrationError(f"{path} holds no pictures.", f"Put {', '.join(PICTURES[:3])} files there.")
    for file in files:
        yield file.name, partial(read_picture, file)


def read_picture(path: Path) -> Image:
    """(H, W, 3) uint8 RGB. Raises CalibrationError."""
    if not path.is_file():
        raise CalibrationError(f"There is no file {path}.", "Check the name.")
    try:
        with PIL.Image.open(path) as whole:  # OpenCV fills up what is missing of a picture that was cut short
            if whole.width * whole.height > MOST_PIXELS:
                raise CalibrationError(
                    f"{path.name} has {whole.width} x {whole.height} pixels.", "Use pictures as the camera gives them."
                )
            whole.load()
        picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
    except (OSError, SyntaxError, ValueError, PIL.Image.DecompressionBombError, cv2.error):
        picture = None
    if picture is None:
        raise CalibrationError(
            f"{path.name} is no picture that can be read, or is cut short.", "Use PNG, JPEG or TIFF, and copy it again."
        )
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), np.uint8)


def _within(value: float, most: float, what: str) -> float:
    """A number above 0 and up to `most`. Raises CalibrationError."""
    if not (math.isfinite(value) and 0 < value <= most):
        raise CalibrationError(f"{what} of {value:g} is not possible.", f"Give a number above 0, up to {most:g}.")
    return value


def _board(args: argparse.Namespace) -> int:
    write_sheet(Board.parse(args.board), args.out)
    print(f"{args.out}: print it at 100 % and measure the ruler")
    return 0


def _lens(args: argparse.Namespace) -> int:
    from engine.calibration.entries import lens_entry

    board = Board.parse(args.board)
    finder = BoardFinder(board)
    views, rejected = [], []
    for name, read in frames_of(args.frames):
        try:
            views.append(finder.find(read(), name))
        except CalibrationError as error:
            rejected.append((name, error.sentence))
    try:
        result = calibrate_lens(views, board, rejected)
    except CalibrationError as error:
        reasons = f" The first picture left out: {rejected[0][1]}" if rejected else ""
        raise CalibrationError(error.sentence + reasons, error.remedy) from error
    return _tell(lens_entry(result), is_json=args.json)


def _colour(args: argparse.Namespace) -> int:
    from engine.calibration.chart import read_chart
    from engine.calibration.colour_fit import calibrate_colour
    from engine.calibration.entries import colour_entry

    reading = read_chart(read_picture(args.image), _corners(args.corners))
    return _tell(colour_entry(calibrate_colour(reading), reading), is_json=args.json)


def _corners(text: str | None) -> np.ndarray | None:
    if text is None:
        return None
    try:
        return np.array([float(part) for part in text.split(",")], np.float64).reshape(4, 2)
    except ValueError as error:
        raise CalibrationError(f"'{text}' is not four corners.", "Write eight numbers, X1,Y1,...,X4,Y4.") from error


def _vibration(args: argparse.Namespace) -> int:
    from engine.calibration.entries import vibration_entry
    from engine.calibration.vibration import analyse

    if args.um_per_px is not None:
        _within(args.um_per_px, 1e6, "A scale")
    raw = analyse(*_path_of(args.video))
    stabilized = analyse(*_path_of(args.stabilized)) if args.stabilized else None
    return _tell(vibration_entry(raw, stabilized, args.um_per_px), is_json=args.json)


def _path_of(video: Path) -> tuple[np.ndarray, float]:
    """(N, 2) shift in pixels and the frame rate of a video of a fixed target."""
    from engine.calibration.registration import Registration

    source = FileSource(video)
    fps = source.open().fps
    registration, shifts, times = Registration(), [], []
    try:
        while True:
            frame = source.read(READ_TIMEOUT_S)
            shifts.append(registration.shift(frame.pixels))
            times.append(frame.captured_ns)
    except EndOfStream:
        pass
    finally:
        source.close()
    if len(times) > 1 and times[-1] > times[0]:
        fps = (len(times) - 1) / (times[-1] - times[0]) * 1e9
    return np.array(shifts, np.float64).reshape(-1, 2), fps


def _picture(args: argparse.Namespace) -> int:
    from engine.calibration.picture_step import picture_entry

    fps = _within(args.fps, MOST_FPS, "A frame rate")
    frames = [read() for _, (_, read) in zip(range(MOST_FRAMES), frames_of(args.frames), strict=False)]
    entry = picture_entry(frames, fps)
    if not args.json:
        entry.pop("histogram")
    return _tell(entry, is_json=args.json)


def _profile(args: argparse.Namespace) -> int:
    profile = profiles.load(args.file)
    if args.action == "show":
        if args.report:
            write_report(profile, args.report)
        steps = {name: step.get("verdict", "skipped") for name, step in profile.steps.items()}
        facts: dict[str, Any] = {
            "identity": profile.identity,
            "name": profile.name,
            "image_size": list(profile.image_size),
        }
        facts |= {"made": profile.made, "operator": profile.operator, "is_signed_off": profile.is_signed_off}
        return _tell({**facts, "steps": steps, "verdict": "fail" if profile.failures else "pass"}, is_json=args.json)
    identity = args.identity or profile.identity
    size = profile.image_size
    if args.size:
        try:
            width, height = (int(part) for part in args.size.lower().split("x"))
            size = (width, height)
        except ValueError as error:
            raise CalibrationError(f"'{args.size}' is no size.", "Write it as 640x480.") from error
    reason = profiles.why_refused(profile, identity, size, datetime.now().astimezone())
    return _tell({"verdict": "fail" if reason else "pass", "reason": reason}, is_json=args.json)


def _tell(entry: dict[str, Any], *, is_json: bool) -> int:
    if is_json:
        print(json.dumps(entry))
    else:
        for key, value in entry.items():
            text = json.dumps(value) if isinstance(value, dict | list) else str(value)
            print(f"{key:22} {text if len(text) <= 160 else text[:157] + '...'}")
    for failure in entry.get("failures", ()):
        print(f"steadyscope: {failure}", file=sys.stderr)
    return 0 if entry["verdict"] == "pass" else 1
