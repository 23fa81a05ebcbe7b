"""`steadyscope session`: list, inspect, verify, repair and export recorded sessions."""

from __future__ import annotations

import argparse
import json
import sys
from contextlib import closing
from pathlib import Path

from app.commands.missing import print_missing
from engine.annotation.interchange import from_json, session_of
from engine.annotation.store import AnnotationStore
from engine.archive.checkup import repair, verify
from engine.archive.exports import FORMS, Wanted, export_session
from engine.archive.omissions import Omissions
from engine.archive.pacs import PacsAddress, send
from engine.archive.reader import SessionView, open_session
from engine.archive.video_export import VideoExport
from engine.errors import RecordingError
from engine.recording.library import list_sessions, read_session
from engine.recording.recovery import SessionCheck
from engine.recording.session_folder import STREAMS, SessionFolder


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """One sub-command each."""
    actions = parser.add_subparsers(
        dest="action", required=True, metavar="{list,info,verify,repair,export,import,send}"
    )
    for name, help_line in (
        ("list", "the sessions of a library folder"),
        ("info", "identity, length, frames, gaps and annotations of one session"),
        ("verify", "compare the videos with the books; exit code 1 if something is missing"),
        ("repair", "close a session that a crash left open"),
    ):
        action = actions.add_parser(name, help=help_line)
        action.add_argument("folder", metavar="DIR", type=Path)
        action.add_argument("--json", action="store_true", help="print JSON")
    export = actions.add_parser("export", help="write a session in another form")
    export.add_argument("folder", metavar="DIR", type=Path)
    export.add_argument("--format", choices=sorted(FORMS), required=True)
    export.add_argument("--out", metavar="OUT", type=Path, required=True, help="file; a folder for files and dicom")
    export.add_argument("--stream", choices=STREAMS, default="stabilized", help="which video (mp4)")
    export.add_argument("--start", metavar="S", type=_seconds, default=0.0, help="first second (mp4)")
    export.add_argument("--end", metavar="S", type=_seconds, help="last second (mp4)")
    export.add_argument("--no-burn-in", action="store_true", help="leave the picture free of annotations (mp4)")
    export.add_argument("--identified", action="store_true", help="include the patient (default: left out)")
    export.add_argument(
        "--partial", action="store_true", help="also when videos or stills are missing or cut: export what is left"
    )
    importing = actions.add_parser("import", help="read annotations back from an exported JSON file")
    importing.add_argument("folder", metavar="DIR", type=Path)
    importing.add_argument("file", metavar="FILE", type=Path)
    sending = actions.add_parser("send", help="send exported DICOM objects to a PACS (C-STORE)")
    sending.add_argument("folder", metavar="DICOM_DIR", type=Path)
    sending.add_argument("--host", required=True)
    sending.add_argument("--port", type=int, required=True)
    sending.add_argument("--called", default="ANY-SCP", help="application entity title of the PACS")
    sending.add_argument("--calling", default="STEADYSCOPE", help="our own title")


def run(args: argparse.Namespace) -> int:
    """Exit code 0; 1 when `verify` finds something missing."""
    actions = {
        "list": _list,
        "info": _info,
        "verify": _verify,
        "repair": _repair,
        "export": _export,
        "import": _import,
        "send": _send,
    }
    return actions[args.action](args)


def _list(args: argparse.Namespace) -> int:
    if not args.folder.is_dir():
        raise RecordingError(f"There is no folder {args.folder}.", "Give the library folder of your sessions.")
    summaries, problems = list_sessions(args.folder)
    if args.json:
        keys = ("session_id", "duration_s", "state", "patient_id", "source", "markers", "bytes_on_disk")
        rows = [{key: getattr(one, key) for key in keys} | {"started": one.started.isoformat()} for one in summaries]
        print(json.dumps(rows))
    else:
        for one in summaries:
            size = one.bytes_on_disk / 1e6
            print(f"{one.session_id}  {one.duration_s:8.1f} s  {one.state:10}  {one.markers:3} marks  {size:8.1f} MB")
        if not summaries:
            print("no sessions")
    for problem in problems:
        print(f"steadyscope: {problem}", file=sys.stderr)
    return 0


def _info(args: argparse.Namespace) -> int:
    session = open_session(args.folder)
    facts = {
        **read_session(session.folder),
        "duration_s": session.duration_ns / 1e9,
        "frames": {name: len(times) for name, times in session.frame_times_ns.items()},
        "gaps": [
            {"stream": gap.stream, "kind": gap.kind, "first_seq": gap.first_seq, "count": gap.count}
            for gap in session.gaps
        ],
        "stills": [path.name for path in session.stills],
        "annotations": len(session.annotations()),
    }
    _warn(session)
    if args.json:
        print(json.dumps(facts))
    else:
        for key, value in facts.items():
            print(f"{key:18} {value}")
    return 0


def _verify(args: argparse.Namespace) -> int:
    return _tell(verify(SessionFolder.existing(args.folder)), is_json=args.json)


def _repair(args: argparse.Namespace) -> int:
    folder = SessionFolder(args.folder)
    return _tell(repair(folder if folder.has_video else SessionFolder.existing(args.folder)), is_json=args.json)


def _tell(check: SessionCheck, *, is_json: bool) -> int:
    if is_json:
        streams = [
            {"name": one.name, "frames_in_video": one.frames_in_video, "frames_in_index": one.frames_in_index}
            | {"duration_s": one.duration_s, "problem": one.problem}
            for one in check.streams
        ]
        verdict = {"is_whole": check.is_whole, "state": check.state, "lost_s": check.lost_s}
        print(json.dumps({"session_id": check.session_id, **verdict, "streams": streams, "problems": check.problems}))
    else:
        for one in check.streams:
            print(f"{one.name:10} {one.frames_in_video} frames, {one.duration_s:.2f} s {one.problem}".rstrip())
        print(f"{check.state}: " + ("whole" if check.is_whole else "not whole"))
        for problem in check.problems:
            print(f"  {problem}")
        if check.lost_s > 0:
            print(f"{check.lost_s:.2f} s of booked frames are not in the video")
    return 0 if check.is_whole else 1


def _export(args: argparse.Namespace) -> int:
    end_ns = None if args.end is None else round(args.end * 1e9)
    video = VideoExport(args.stream, round(args.start * 1e9), end_ns, is_burnt_in=not args.no_burn_in)
    wanted = Wanted(video, is_identified=args.identified, is_partial=args.partial)
    missing: list[Omissions] = []
    for path in export_session(open_session(args.folder), args.format, args.out, wanted, _Tenths(), missing.append):
        print(path)
    for one in missing:
        print_missing(one)
    return 0


def _warn(session: SessionView) -> None:
    """Of annotations that were left out: nothing that was marked goes missing in silence."""
    unreadable = session.unreadable_annotations()
    for sentence in unreadable:
        print(f"steadyscope: {sentence}", file=sys.stderr)
    if unreadable:
        print("What was left out stays in session.sqlite; import it again from an export.", file=sys.stderr)


def _import(args: argparse.Namespace) -> int:
    folder = SessionFolder.existing(args.folder)
    try:
        text = args.file.read_text(encoding="utf-8-sig")  # editors on Windows put a mark before it
    except (OSError, UnicodeDecodeError) as error:
        cause = error.strerror if isinstance(error, OSError) else "it is no text"
        raise RecordingError(f"{args.file} cannot be read: {cause}.", "Choose an exported JSON file.") from error
    entries, owner = from_json(text), session_of(text)
    if owner and owner != folder.session_id:
        raise RecordingError(
            f"These annotations belong to session {owner}, not to {folder.session_id}.", "Name that session's folder."
        )
    with closing(AnnotationStore(folder.database)) as store:
        count = store.load().take_over(entries)
    print(f"{count} annotations added, {len(entries) - count} were there already")
    return 0


def _send(args: argparse.Namespace) -> int:
    files = sorted(args.folder.glob("*.dcm"))
    if not files:
        raise RecordingError(f"{args.folder} holds no *.dcm files.", "Export the session as dicom first.")
    send(files, PacsAddress(args.host, args.port, args.called, args.calling), _Tenths())
    print(f"{len(files)} objects sent to {args.called}")
    return 0


def _seconds(text: str) -> float:
    try:
        return round(float(text) * 1e9) / 1e9
    except (ValueError, OverflowError) as error:  # OverflowError: without end, or as good as
        raise argparse.ArgumentTypeError(f"'{text}' is no time in seconds") from error


class _Tenths:
    """Prints each tenth on standard error; never cancels."""

    def __init__(self) -> None:
        self._last = 0

    def __call__(self, share: float) -> bool:
        tenth = int(share * 10)
        if tenth > self._last:
            self._last = tenth
            print(f"{10 * tenth} %", file=sys.stderr)
        return True
