"""A session as plain files in a folder: videos, stills and a list of contents, for whatever software takes them in."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from engine.archive.reader import SessionView
from engine.archive.staging import Meter, Progress
from engine.archive.video_export import remux
from engine.recording.session_folder import STREAMS

CONTENTS = "contents.json"
BLOCK_BYTES = 1 << 20


def write_files(session: SessionView, place: Path, progress: Progress, *, is_identified: bool) -> list[Path]:
    """Videos that play anywhere, the stills, and a list of contents, in `place`, a staging folder.

    The list names the patient only if asked to. Raises ExportCancelled.
    """
    videos = [session.folder.video(stream) for stream in STREAMS]
    videos = [path for path in videos if path.is_file()]
    meter = Meter(sum(path.stat().st_size for path in (*videos, *session.stills)), progress)
    written = []
    for video in videos:
        remux(video, place / video.name, [], meter)
        written.append(place / video.name)
    for still in session.stills:
        written.append(Path(shutil.copyfile(still, place / f"still-{still.name}")))
        meter.add(still.stat().st_size)
    contents = place / CONTENTS
    contents.write_text(_contents(session, written, is_identified=is_identified), encoding="utf-8")
    return [*written, contents]


def _contents(session: SessionView, files: Sequence[Path], *, is_identified: bool) -> str:
    listed = [{"name": path.name, "bytes": path.stat().st_size, "sha256": _digest(path)} for path in files]
    entries: dict[str, object] = {"session": session.folder.session_id, "started": session.entries.get("started")}
    if is_identified:
        entries["patient"] = asdict(session.patient)
    return json.dumps({**entries, "files": listed}, indent=1) + "\n"


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()
