"""Every form in which a session leaves the house, behind one table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import av

from engine.annotation.interchange import to_json
from engine.annotation.shapes import Annotation
from engine.annotation.text_exports import to_csv, to_webvtt
from engine.archive.dicom import DicomExport, export_dicom
from engine.archive.hand_back import write_files
from engine.archive.reader import SessionView
from engine.archive.report import write_report
from engine.archive.staging import ExportCancelled, Progress, staging
from engine.archive.video_export import VideoExport, export_video
from engine.errors import RecordingError
from engine.recording.practice import DICOM, FILES, HandBack
from engine.recording.session_folder import Patient, refuse_session_folder


@dataclass(frozen=True, slots=True)
class Wanted:
    """The choices that go with any form."""

    video: VideoExport = field(default_factory=VideoExport)
    is_identified: bool = False  # the patient's name goes out only if asked for


def export_session(session: SessionView, form: str, out: Path, wanted: Wanted, progress: Progress) -> list[Path]:
    """Write the session as `form` to the file (a folder for "dicom" and "files") `out`; returns what was written.

    Nothing is returned, and nothing written, when `progress` cancels. Raises RecordingError, with a remedy; a failed
    export leaves nothing behind and what stood at `out` before stays.
    """
    if form not in FORMS:
        raise RecordingError(f"There is no export form '{form}'.", f"Choose one of: {', '.join(FORMS)}.")
    folder = out if form in FOLDERS else out.parent
    try:
        _refuse_place(form, out)
        with staging(folder, form if form in FOLDERS else out.name) as place:
            draft = place if form in FOLDERS else place / out.name
            written = FORMS[form](session, session.annotations(), draft, wanted, progress)
            return [path.replace(folder / path.name) for path in written] if progress(1.0) else []
    except ExportCancelled:
        return []
    except (av.FFmpegError, OSError) as error:
        raise RecordingError(
            f"{out} cannot be written: {getattr(error, 'strerror', None) or error}.",
            "Choose another place or free disk space.",
        ) from error


def _refuse_place(form: str, out: Path) -> None:
    """Before minutes of work are done for nothing, or over a recording. Raises RecordingError."""
    if form not in FOLDERS and out.is_dir():
        raise RecordingError(f"{out} is a folder.", "Name the file to write in it.")
    if form in FOLDERS and out.is_file():
        raise RecordingError(f"{out} is a file, and this form writes several.", "Name a folder.")
    refuse_session_folder(out)


def hand_back(session: SessionView, to: HandBack, progress: Progress) -> list[Path]:
    """Hand the session back, with the identity: it goes to where the patient came from. Raises RecordingError."""
    return export_session(session, to.form, to.folder / session.folder.session_id, Wanted(is_identified=True), progress)


Exporter = Callable[[SessionView, Sequence[Annotation], Path, Wanted, Progress], list[Path]]


def _mp4(
    session: SessionView, annotations: Sequence[Annotation], out: Path, wanted: Wanted, progress: Progress
) -> list[Path]:
    return [export_video(session, annotations, wanted.video, out, progress)]


def _json(
    session: SessionView, annotations: Sequence[Annotation], out: Path, wanted: Wanted, _: Progress
) -> list[Path]:
    entries = session.entries
    identity: dict[str, object] = {"id": session.folder.session_id, "duration_ns": session.duration_ns}
    identity |= {key: entries[key] for key in ("started", "source", "streams", "state") if key in entries}
    if wanted.is_identified:
        identity["patient"] = entries.get("patient")
    return [_text(out, to_json(annotations, identity))]


def _webvtt(session: SessionView, annotations: Sequence[Annotation], out: Path, _: Wanted, __: Progress) -> list[Path]:
    return [_text(out, to_webvtt(annotations, session.duration_ns))]


def _csv(_: SessionView, annotations: Sequence[Annotation], out: Path, __: Wanted, ___: Progress) -> list[Path]:
    return [_text(out, to_csv(annotations))]


def _html(
    session: SessionView, annotations: Sequence[Annotation], out: Path, wanted: Wanted, _: Progress
) -> list[Path]:
    return [write_report(session, annotations, out, is_identified=wanted.is_identified)]


def _dicom(
    session: SessionView, annotations: Sequence[Annotation], out: Path, wanted: Wanted, progress: Progress
) -> list[Path]:
    identity: Patient | None = session.patient if wanted.is_identified else None
    return _some(session, export_dicom(session, annotations, DicomExport(identity=identity), out, progress))


def _files(session: SessionView, _: Sequence[Annotation], out: Path, wanted: Wanted, progress: Progress) -> list[Path]:
    *recorded, contents = write_files(session, out, progress, is_identified=wanted.is_identified)
    return [*_some(session, recorded), contents]


def _some(session: SessionView, written: list[Path]) -> list[Path]:
    if not written:
        raise RecordingError(
            f"Session {session.folder.session_id} holds no video and no still that could be exported.",
            "`steadyscope session verify` says what is missing.",
        )
    return written


def _text(out: Path, text: str) -> Path:
    out.write_text(text, encoding="utf-8", newline="")
    return out


FORMS: dict[str, Exporter] = {
    "mp4": _mp4,
    "json": _json,
    "webvtt": _webvtt,
    "csv": _csv,
    "html": _html,
    FILES: _files,
    DICOM: _dicom,
}
FOLDERS = (FILES, DICOM)  # forms of many files
