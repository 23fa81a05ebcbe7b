"""A session as plain files in a folder: videos, stills and a list of contents, for whatever software takes them in."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from engine.archive.omissions import Omissions
from engine.archive.reader import SessionView
from engine.archive.staging import Meter, Progress
from engine.archive.video_export import remux
from engine.recording.session_folder import STREAMS

CONTENTS = "contents.json"
MARK = "INCOMPLETE.txt"  # stands out in any list of files
MARK_HEAD = "This is not the whole session {name}. Left out, or never recorded:"
BLOCK_BYTES = 1 << 20


def write_files(
    session: SessionView, place: Path, progress: Progress, omissions: Omissions, *, is_identified: bool
) -> list[Path]:
    """Videos that play anywhere, the stills, and a list of contents, in `place`, a staging folder; empty if there are
    neither videos nor stills.

    The list names the patient only if asked to, and what is left out; if that is grave a file of its own says so.
    Raises ExportCancelled.
    """
    videos = [session.folder.video(stream) for stream in STREAMS]
    videos = [path for path in videos if path.is_file() and path not in omissions.unreadable]
    pictures = [path for path in session.stills if path not in omissions.unreadable]
    meter = Meter(sum(path.stat().st_size for path in (*videos, *pictures)), progress)
    written = []
    for video in videos:
        note = " ".join(omissions.of(video.stem).sentences)
        remux(video, place / video.name, [], meter, note)
        written.append(place / video.name)
    for still in pictures:
        written.append(Path(shutil.copyfile(still, place / f"still-{still.name}")))
        meter.add(still.stat().st_size)
    if not written:
        return []
    contents = place / CONTENTS
    contents.write_text(_contents(session, written, omissions, is_identified=is_identified), encoding="utf-8")
    if omissions.is_complete:
        return [*written, contents]
    mark = place / MARK
    lines = (MARK_HEAD.format(name=session.folder.session_id), "", *(f"- {one}" for one in omissions.sentences), "")
    mark.write_text("\n".join(lines), encoding="utf-8")
    return [*written, contents, mark]


def _contents(session: SessionView, files: Sequence[Path], omissions: Omissions, *, is_identified: bool) -> str:
    listed = [{"name": path.name, "bytes": path.stat().st_size, "sha256": _digest(path)} for path in files]
    entries: dict[str, object] = {"session": session.folder.session_id, "started": session.entries.get("started")}
    if is_identified:
        entries["patient"] = asdict(session.patient)
    entries |= {"is_complete": omissions.is_complete, "left_out": omissions.sentences}
    return json.dumps({**entries, "files": listed}, indent=1) + "\n"


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()
