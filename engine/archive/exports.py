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
from engine.archive.hand_back import MARK, write_files
from engine.archive.omissions import ANNOTATIONS, STILLS, Omissions, left_out
from engine.archive.reader import SessionView
from engine.archive.report import write_report
from engine.archive.staging import ExportCancelled, Progress, staging
from engine.archive.video_export import VideoExport, export_video
from engine.errors import RecordingError
from engine.recording.practice import DICOM, FILES, HandBack
from engine.recording.session_folder import STREAMS, Patient, refuse_session_folder


@dataclass(frozen=True, slots=True)
class Wanted:
    """The choices that go with any form."""

    video: VideoExport = field(default_factory=VideoExport)
    is_identified: bool = False  # the patient's name goes out only if asked for
    is_partial: bool = False  # also when videos or stills are missing or cut: what is left goes out


@dataclass(frozen=True, slots=True)
class Job:
    """One session on its way out: what, how, and what is left out of it."""

    session: SessionView
    annotations: Sequence[Annotation]
    wanted: Wanted
    omissions: Omissions
    progress: Progress


def _nobody(_: Omissions) -> None:
    pass


def export_session(
    session: SessionView,
    form: str,
    out: Path,
    wanted: Wanted,
    progress: Progress,
    tell: Callable[[Omissions], None] = _nobody,
) -> list[Path]:
    """Write the session as `form` to the file (a folder for "dicom" and "files") `out`; returns what was written.

    `tell` hears what is left out, which the export says too. Nothing is returned, and nothing written, when `progress`
    cancels. Raises RecordingError, with a remedy; a failed export leaves nothing behind and what stood at `out` before
    stays.
    """
    if form not in FORMS:
        raise RecordingError(f"There is no export form '{form}'.", f"Choose one of: {', '.join(FORMS)}.")
    folder = out if form in FOLDERS else out.parent
    try:
        _refuse_place(form, out)
        omissions = left_out(session).of(*_parts_of(form, wanted))
        if not wanted.is_partial and (form in FOLDERS or form == "mp4"):
            omissions.refuse_damage()
        tell(omissions)
        with staging(folder, form if form in FOLDERS else out.name) as place:
            draft = place if form in FOLDERS else place / out.name
            written = FORMS[form](Job(session, session.annotations(), wanted, omissions, progress), draft)
            if not progress(1.0):
                return []
            if form == FILES:
                (folder / MARK).unlink(missing_ok=True)  # of an earlier export to this place
            return [path.replace(folder / path.name) for path in written]
    except ExportCancelled:
        return []
    except (av.FFmpegError, OSError) as error:
        raise RecordingError(
            f"{out} cannot be written: {getattr(error, 'strerror', None) or error}.",
            "Choose another place or free disk space.",
        ) from error


def _parts_of(form: str, wanted: Wanted) -> tuple[str, ...]:
    """What of a session the form holds."""
    if form == "mp4":
        has_annotations = wanted.video.is_burnt_in or wanted.video.has_chapters
        return (wanted.video.stream, *([ANNOTATIONS] if has_annotations else []))
    return (ANNOTATIONS,) if form in ("webvtt", "csv") else (*STREAMS, STILLS, ANNOTATIONS)


def _refuse_place(form: str, out: Path) -> None:
    """Before minutes of work are done for nothing, or over a recording. Raises RecordingError."""
    if form not in FOLDERS and out.is_dir():
        raise RecordingError(f"{out} is a folder.", "Name the file to write in it.")
    if form in FOLDERS and out.is_file():
        raise RecordingError(f"{out} is a file, and this form writes several.", "Name a folder.")
    refuse_session_folder(out)


def hand_back(
    session: SessionView, to: HandBack, progress: Progress, tell: Callable[[Omissions], None] = _nobody
) -> list[Path]:
    """Hand the session back, with the identity: it goes to where the patient came from. Raises RecordingError.

    Nobody is there to be asked: what is damaged is left out, and that is said in what goes back, and to `tell`.
    """
    wanted = Wanted(is_identified=True, is_partial=True)
    return export_session(session, to.form, to.folder / session.folder.session_id, wanted, progress, tell)


Exporter = Callable[[Job, Path], list[Path]]


def _mp4(job: Job, out: Path) -> list[Path]:
    note = " ".join(job.omissions.sentences)
    return [export_video(job.session, job.annotations, job.wanted.video, out, job.progress, note)]


def _json(job: Job, out: Path) -> list[Path]:
    entries = job.session.entries
    identity: dict[str, object] = {"id": job.session.folder.session_id, "duration_ns": job.session.duration_ns}
    identity |= {key: entries[key] for key in ("started", "source", "streams", "state") if key in entries}
    if job.wanted.is_identified:
        identity["patient"] = entries.get("patient")
    return [_text(out, to_json(job.annotations, identity, job.omissions.sentences))]


def _webvtt(job: Job, out: Path) -> list[Path]:
    return [_text(out, to_webvtt(job.annotations, job.session.duration_ns, job.omissions.sentences))]


def _csv(job: Job, out: Path) -> list[Path]:
    return [_text(out, to_csv(job.annotations, job.omissions.sentences))]


def _html(job: Job, out: Path) -> list[Path]:
    return [write_report(job.session, job.annotations, out, job.omissions, is_identified=job.wanted.is_identified)]


def _dicom(job: Job, out: Path) -> list[Path]:
    identity: Patient | None = job.session.patient if job.wanted.is_identified else None
    wanted = DicomExport(identity=identity, omissions=job.omissions)
    return _some(job.session, export_dicom(job.session, job.annotations, wanted, out, job.progress))


def _files(job: Job, out: Path) -> list[Path]:
    return _some(
        job.session,
        write_files(job.session, out, job.progress, job.omissions, is_identified=job.wanted.is_identified),
    )


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
