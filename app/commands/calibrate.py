"""`steadyscope calibrate`: the technician's steps on files, folders of frames and cameras."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from app.commands.calibrate_timing import MOST_FPS, add_latency, add_source, measure_latency, source_entry
from app.commands.calibration_files import READ_TIMEOUT_S, frames_of, rate_of, read_picture, within
from engine.calibration import profile as profiles
from engine.calibration.board import FORM, Board, write_sheet
from engine.calibration.lens import calibrate as calibrate_lens
from engine.calibration.report import write_report
from engine.calibration.view import BoardFinder
from engine.capture.file import FileSource
from engine.errors import CalibrationError, EndOfStream
from engine.recording.session_folder import refuse_session_folder
from engine.values import Image

MOST_FRAMES = 120
MOST_BYTES = 800_000_000  # of pictures held at once
USUAL_FPS = 30.0
FOR_PROGRAMS = ("histogram", "intervals_ms", "samples_ms")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """One sub-command a step."""
    steps = parser.add_subparsers(
        dest="step", required=True, metavar="{board,source,picture,lens,colour,vibration,latency,profile}"
    )
    board = steps.add_parser("board", help="a ChArUco sheet to print (PDF)")
    board.add_argument("--board", required=True, help=FORM)
    board.add_argument("--out", metavar="SHEET.pdf", type=Path, required=True)
    add_source(steps)
    picture = steps.add_parser("picture", help="exposure, focus, noise, flicker and dust of a video or folder")
    picture.add_argument("frames", metavar="FRAMES", type=Path)
    picture.add_argument("--fps", type=float, help="frame rate, for lamp flicker (default: the video's, or 30)")
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
    add_latency(steps)
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
        "source": _source,
        "picture": _picture,
        "lens": _lens,
        "colour": _colour,
        "vibration": _vibration,
        "latency": _latency,
        "profile": _profile,
    }
    return steps[args.step](args)


def _board(args: argparse.Namespace) -> int:
    refuse_session_folder(args.out)
    write_sheet(Board.parse(args.board), args.out)
    print(f"{args.out}: print it at 100 % and measure the ruler")
    return 0


def _source(args: argparse.Namespace) -> int:
    return _tell(source_entry(args), is_json=args.json)


def _picture(args: argparse.Namespace) -> int:
    from engine.calibration.picture_step import FEWEST_FRAMES, picture_entry

    fps = within(rate_of(args.frames) or USUAL_FPS if args.fps is None else args.fps, MOST_FPS, "A frame rate")
    frames: list[Image] = []
    for _, read in frames_of(args.frames):
        frames.append(read())
        if len(frames) >= MOST_FRAMES or (
            len(frames) >= FEWEST_FRAMES and sum(one.nbytes for one in frames) > MOST_BYTES
        ):
            break
    return _tell(picture_entry(frames, fps), is_json=args.json)


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
        within(args.um_per_px, 1e6, "A scale")
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


def _latency(args: argparse.Namespace) -> int:
    return _tell(measure_latency(args), is_json=args.json)


def _profile(args: argparse.Namespace) -> int:
    refuse_session_folder(args.report)
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
            if key in FOR_PROGRAMS:
                continue
            text = json.dumps(value) if isinstance(value, dict | list) else str(value)
            print(f"{key:22} {text if len(text) <= 160 else text[:157] + '...'}")
    for failure in entry.get("failures", ()):
        print(f"steadyscope: {failure}", file=sys.stderr)
    return 0 if entry["verdict"] == "pass" else 1
