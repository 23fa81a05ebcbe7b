"""The four ways to name a source on the command line, the same for every command that needs one."""

from __future__ import annotations

import argparse

from app.sources import SourceChoice, SourceKind


def add_source_arguments(parser: argparse.ArgumentParser) -> None:
    """`--demo | --file F | --camera ID | --url U`."""
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--demo", action="store_true", help="the built-in demo camera (the default)")
    source.add_argument("--file", metavar="F", help="a video file")
    source.add_argument("--camera", metavar="ID", help="a camera by its identity (`steadyscope doctor` lists them)")
    source.add_argument("--url", metavar="U", help="a network stream (rtsp, http, udp)")


def chosen_source(args: argparse.Namespace, last_camera: str = "") -> SourceChoice:
    """The source named on the command line; the last camera if none is, or the demo."""
    for kind in (SourceKind.FILE, SourceKind.CAMERA, SourceKind.URL):
        name = getattr(args, kind.value)
        if name is not None:
            return SourceChoice(kind, name)
    return SourceChoice(SourceKind.CAMERA, last_camera) if last_camera and not args.demo else SourceChoice()
