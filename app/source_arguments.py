"""How a source and its options are named on the command line, the same for every command that needs one."""

from __future__ import annotations

import argparse

from app.sources import DEFAULT_SEED, SourceChoice, SourceKind
from engine.errors import SourceError


def add_source_arguments(parser: argparse.ArgumentParser) -> None:
    """`--demo | --file F | --camera ID | --url U`, and what each can be asked for."""
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--demo", action="store_true", help="the built-in demo camera (the default)")
    source.add_argument("--file", metavar="F", help="a video file")
    source.add_argument("--camera", metavar="ID", help="a camera by its identity (`steadyscope doctor` lists them)")
    source.add_argument("--url", metavar="U", help="a network stream (rtsp, http, udp)")
    parser.add_argument(
        "--format",
        metavar="F",
        default="",
        help="size, rate and pixel format of the camera, as 1280x720, 1280x720@30 or 1280x720@30:MJPG; size and rate "
        "of the demo",
    )
    parser.add_argument(
        "--seed", metavar="N", default="", help=f"which mouth the demo paints (default: {DEFAULT_SEED})"
    )
    parser.add_argument(
        "--scene", metavar="S", default="", help="what the demo shows: demo, calm, hard, jump, walk or low_light"
    )
    parser.add_argument("--loop", action="store_true", help="begin a file again at its end")


def chosen_source(args: argparse.Namespace, last_camera: str = "", last_format: str = "") -> SourceChoice:
    """The source named on the command line; the last camera if none is, or the demo.

    Raises SourceError for an option that the source does not have.
    """
    wants_demo = args.demo or args.seed or args.scene
    for kind in (SourceKind.FILE, SourceKind.CAMERA, SourceKind.URL):
        name = getattr(args, kind.value)
        if name is not None:
            if args.seed:
                raise SourceError("Only the demo has a seed.", "Leave --seed away, or use --demo.")
            return SourceChoice(kind, name, args.format, args.scene, args.loop)
    if last_camera and not wants_demo:
        return SourceChoice(SourceKind.CAMERA, last_camera, args.format or last_format, is_looped=args.loop)
    return SourceChoice(SourceKind.DEMO, args.seed, args.format, args.scene, args.loop)
