"""A session's video as an MP4 to hand on: whole or trimmed, with chapters, with or without burnt-in annotations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from engine.annotation.shapes import Annotation, Kind, Space
from engine.annotation.text_exports import title
from engine.archive.drawing import burn_in
from engine.archive.reader import SessionView
from engine.archive.staging import ExportCancelled, Meter, Progress
from engine.errors import RecordingError
from engine.recording.encoder import probe
from engine.recording.session_folder import RAW
from engine.recording.video_writer import VideoWriter
from engine.values import Image

NS = Fraction(1, 1_000_000_000)
EXPORT_CRF = 18
ENCODED = 0.95  # of the way; the rest is bringing the index to the front


@dataclass(frozen=True, slots=True)
class VideoExport:
    """What is wanted. Times are nanoseconds from the first raw frame; `end_ns` None is the end."""

    stream: str = "stabilized"
    start_ns: int = 0
    end_ns: int | None = None
    is_burnt_in: bool = True
    has_chapters: bool = True


def export_video(
    session: SessionView,
    annotations: Sequence[Annotation],
    wanted: VideoExport,
    out: Path,
    progress: Progress,
    note: str = "",
) -> Path:
    """Write `out`, a file inside a staging folder, with `note` as its comment; returns it.

    Raises RecordingError, or ExportCancelled.
    """
    source = session.folder.video(wanted.stream)
    if not source.is_file():
        raise RecordingError(
            f"Session {session.folder.session_id} has no {wanted.stream} video.", "Choose another stream."
        )
    end_ns = session.duration_ns if wanted.end_ns is None else wanted.end_ns
    if not 0 <= wanted.start_ns < end_ns:
        raise RecordingError("The stretch to export is empty.", "Set its end after its start.")
    chapters = _chapters(annotations, wanted.start_ns, end_ns) if wanted.has_chapters else []
    is_whole = wanted.start_ns == 0 and end_ns >= session.duration_ns
    try:
        if is_whole and not (wanted.is_burnt_in and annotations):
            remux(source, out, chapters, Meter(source.stat().st_size, progress), note)
        else:
            encoded = out.with_name("encoded.mp4")
            _encode(session, annotations, wanted, end_ns, encoded, progress)
            remux(encoded, out, chapters, Meter(encoded.stat().st_size, progress, ENCODED), note)
    except (av.FFmpegError, OSError) as error:
        raise RecordingError(
            f"{out.name} could not be written: {error.strerror or error}.", "Free disk space and try again."
        ) from error
    return out


def _encode(
    session: SessionView,
    annotations: Sequence[Annotation],
    wanted: VideoExport,
    end_ns: int,
    out: Path,
    progress: Progress,
) -> None:
    times = session.frame_times_ns[wanted.stream]
    space = Space.RAW if wanted.stream == RAW else Space.STABILIZED
    writer: VideoWriter | None = None
    try:
        with opened(session.folder.video(wanted.stream)) as container:
            for index, frame in enumerate(_whole_frames(container)):
                t_ns = times[index] if index < len(times) else round(float(frame.time or 0) * 1e9)
                if t_ns > end_ns:
                    break
                if t_ns < wanted.start_ns:
                    continue
                width, height = session.size
                decoded = frame.to_ndarray(format="rgb24", src_colorspace="ITU709")
                pixels: Image = np.asarray(decoded, np.uint8)[:height, :width]
                if wanted.is_burnt_in:
                    pixels = burn_in(pixels, session, annotations, t_ns, space)
                if writer is None:
                    fps = max(1.0, len(times) / max(session.duration_ns / 1e9, 0.1))
                    writer = VideoWriter(out, pixels.shape[:2], fps, probe(EXPORT_CRF))
                writer.write(pixels, t_ns)
                if not progress(ENCODED * (t_ns - wanted.start_ns) / (end_ns - wanted.start_ns)):
                    raise ExportCancelled
    finally:
        if writer is not None:
            writer.close()
    if writer is None:
        raise RecordingError("The stretch to export holds no frame.", "Choose a longer stretch.")


def _whole_frames(container: av.container.InputContainer) -> Iterator[av.VideoFrame]:
    """All but one that a crash tore."""
    for packet in container.demux(container.streams.video[0]):
        if not packet.is_corrupt:
            yield from packet.decode()


def opened(source: Path) -> av.container.InputContainer:
    """A session's video to read. Raises RecordingError."""
    try:
        return av.open(str(source))
    except (av.FFmpegError, OSError) as error:
        raise RecordingError(
            f"{source.name} cannot be read: {getattr(error, 'strerror', None) or error}.",
            "Choose another stream; `steadyscope session verify` says what is damaged.",
        ) from error


def remux(source: Path, out: Path, chapters: list[av.container.Chapter], meter: Meter, note: str = "") -> None:
    """The same packets in an ordinary MP4 that starts playing at once (index in front), with chapters and a comment."""
    options = {"movflags": "+faststart"}
    with opened(source) as container, av.open(str(out), "w", format="mp4", options=options) as target:
        stream = container.streams.video[0]
        copy = target.add_stream_from_template(stream)
        if note:
            target.metadata["comment"] = note
        if chapters:
            target.set_chapters(chapters)
        for packet in container.demux(stream):
            if packet.dts is None or packet.is_corrupt:
                continue
            meter.add(packet.size)
            packet.stream = copy
            target.mux(packet)


def _chapters(annotations: Sequence[Annotation], start_ns: int, end_ns: int) -> list[av.container.Chapter]:
    """Markers and ranges as chapters without gaps: players list them in order of time."""
    moments = [entry for entry in annotations if entry.kind in (Kind.MARKER, Kind.RANGE)]
    inside = sorted({one.start_ns: one for one in moments if start_ns <= one.start_ns < end_ns}.items(), reverse=True)
    chapters: list[av.container.Chapter] = []
    following = end_ns
    for begin, entry in inside:
        chapters.append(_chapter(begin - start_ns, following - start_ns, title(entry)))
        following = begin
    if chapters and following > start_ns:
        chapters.append(_chapter(0, following - start_ns, "Start"))
    chapters.reverse()
    return [{**chapter, "id": number} for number, chapter in enumerate(chapters)]


def _chapter(start_ns: int, end_ns: int, name: str) -> av.container.Chapter:
    return {"id": 0, "start": start_ns, "end": end_ns, "time_base": NS, "metadata": {"title": name}}
