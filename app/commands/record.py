"""`steadyscope record`: record a session without a window."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from threading import Event as Flag
from types import FrameType

from app.commands.missing import print_missing
from app.opening import BACKENDS, EngineChoice
from app.patient_arguments import add_patient_arguments, practice_of
from app.source_arguments import add_source_arguments, chosen_source
from engine.archive.exports import hand_back
from engine.archive.reader import open_session
from engine.capture.source import SourceInfo
from engine.errors import RecordingError, SourceError
from engine.events import EventKind
from engine.inference.choose import AUTO, DEFAULT_MODEL, BackendOptions
from engine.machine import SessionState
from engine.recording.recorder import RecordedSource, Recorder, RecordingOptions, RecordingStatus
from engine.recording.session_folder import STREAMS
from engine.session import Session

OPEN_LIMIT_S = 15.0
STOP_LIMIT_S = 5.0
LOOK_EVERY_S = 0.1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `record`."""
    add_source_arguments(parser)
    add_patient_arguments(parser)
    parser.add_argument("--seconds", metavar="S", type=float, required=True, help="length of the recording")
    parser.add_argument(
        "--out", metavar="DIR", type=Path, required=True, help="library folder; the session gets its own"
    )
    parser.add_argument("--backend", choices=BACKENDS, default=AUTO, help="inference back end (default: %(default)s)")
    parser.add_argument("--model", default=DEFAULT_MODEL, help="network name or manifest (default: %(default)s)")
    parser.add_argument("--operator", metavar="NAME", default="", help="who records, for the report")
    parser.add_argument("--with-enhanced", action="store_true", help="record the enhanced picture as well")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def run(args: argparse.Namespace) -> int:
    """Exit code 0 when the session is whole, 1 when it ended by itself."""
    if not 0 < args.seconds < float("inf"):
        raise RecordingError("A recording needs a length above 0 seconds.", "Give --seconds a positive number.")
    streams = STREAMS if args.with_enhanced else STREAMS[:2]
    stop = Flag()
    with ExitStack() as answering:  # the patient file is answered as taken once the recording runs
        practice = answering.enter_context(practice_of(args))
        recorder = Recorder(RecordingOptions(args.out, streams=streams, operator=args.operator))
        session = Session(EngineChoice(BackendOptions(args.backend, args.model, keeps_pace=True)))
        session.attach_recorder(recorder)
        before = signal.signal(signal.SIGINT, _setter(stop))
        try:
            session.start(chosen_source(args).make())
            info = _wait_until_live(session, stop)
            source = RecordedSource(info.identity, info.name, info.width, info.height, info.fps)
            folder = recorder.start(practice.patient, source)
            answering.close()
            print(f"recording to {folder.root}", file=sys.stderr)
            _wait(args.seconds, session, recorder, stop)
            status = recorder.stop()
        finally:
            recorder.stop()
            session.stop()
            session.wait_until_stopped(STOP_LIMIT_S)
            signal.signal(signal.SIGINT, before)
    handed_back: list[Path] = []
    if practice.hand_back is not None:
        handed_back = hand_back(open_session(folder.root), practice.hand_back, _go_on, print_missing)
    _tell(status, folder.root, handed_back, is_json=args.json)
    return 1 if status.problem else 0


def _setter(flag: Flag) -> signal._HANDLER:
    def handle(_: int, __: FrameType | None) -> None:
        flag.set()

    return handle


def _wait_until_live(session: Session, stop: Flag) -> SourceInfo:
    """The source, once frames come and the engine has loaded or was refused. Raises SourceError if it does not open."""
    deadline = time.monotonic() + OPEN_LIMIT_S
    has_settled = False
    problem = ("The source gave no picture.", "Check it with `steadyscope doctor`.")
    while time.monotonic() < deadline and not stop.is_set() and not session.has_failed:
        for event in session.events():
            has_settled |= event.kind in (EventKind.ENGINE_READY, EventKind.ENGINE_FAILED)
            if event.kind is EventKind.ENGINE_FAILED:
                print(f"steadyscope: {event.sentence} {event.remedy} The raw picture is recorded.", file=sys.stderr)
            elif event.kind in (EventKind.SOURCE_FAILED, EventKind.SOURCE_LOST):
                problem = (event.sentence, event.remedy)
        info = session.source_info
        if info is not None and has_settled and session.health().fps_in > 0:
            return info
        time.sleep(LOOK_EVERY_S)
    if stop.is_set():
        raise KeyboardInterrupt
    for event in session.events():
        if event.kind is EventKind.SOURCE_FAILED:
            problem = (event.sentence, event.remedy)
    raise SourceError(*problem)


def _wait(seconds: float, session: Session, recorder: Recorder, stop: Flag) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and not stop.wait(LOOK_EVERY_S):
        if not recorder.status().is_recording or session.state is SessionState.IDLE:
            return


def _go_on(_: float) -> bool:
    return True


def _tell(status: RecordingStatus, root: Path, handed_back: Sequence[Path], *, is_json: bool) -> None:
    if is_json:
        paths = [str(path) for path in handed_back]
        print(json.dumps({**asdict(status), "disk": None, "folder": str(root), "handed_back": paths}))
        return
    frames = ", ".join(f"{count} {name}" for name, count in status.frames.items())
    lost = sum(status.lost.values())
    print(f"{root}: {status.elapsed_s:.1f} s, {frames} frames, {lost} lost by the recorder. {status.notice}".rstrip())
    if handed_back:
        print(f"handed back: {len(handed_back)} files in {handed_back[0].parent}")
