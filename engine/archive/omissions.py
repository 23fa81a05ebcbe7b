"""What an export of a session leaves out, so that each form can say it and nobody takes a part for the whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

from engine.annotation.text_exports import timestamp
from engine.archive.reader import SessionView
from engine.errors import RecordingError
from engine.recording.index import Gap
from engine.recording.library import UNFINISHED
from engine.recording.session_folder import STREAMS
from engine.recording.video_check import check_video

SHORT_GAP_NS = 250_000_000  # what the live picture may stand still without amber
SESSION, STILLS, ANNOTATIONS = "session", "stills", "annotations"  # parts of an export beside its videos
PAUSE = "pause"  # wished for: nothing is left out
GAP_WORDS = {
    "capture": "skipped by the camera",
    "recorder": "lost by the recorder",
    "pipeline": "not processed in time",
}
PNG_BEGIN, PNG_END = b"\x89PNG\r\n\x1a\n", b"IEND\xaeB`\x82"
EXPORT_WHAT_IS_LEFT = "export what is left (--partial on the command line): it says what is missing."


class Weight(IntEnum):
    """How much is missing."""

    SMALL = 0  # gaps that hardly show
    GRAVE = 1  # the export must not be taken for complete
    DAMAGE = 2  # the session's own files are not what was recorded: refused unless a partial export is wanted


@dataclass(frozen=True, slots=True)
class Omission:
    """One thing that is left out, in a sentence without anything of the patient."""

    sentence: str
    weight: Weight
    part: str = SESSION  # what it is of: all, the stills, the annotations, or a video by its stream
    unreadable: Path | None = None  # a file that cannot go out at all
    is_mendable: bool = False  # `repair` brings back what is left, and says what is lost


class DamagedSession(RecordingError):
    """Files of the session are missing or cut; a partial export is possible."""


@dataclass(frozen=True, slots=True)
class Omissions:
    """All of one session."""

    all: tuple[Omission, ...] = ()

    @property
    def is_complete(self) -> bool:
        """Nothing is missing that anybody could miss."""
        return not self.grave

    @property
    def grave(self) -> tuple[str, ...]:
        """The sentences that make the export incomplete."""
        return _sentences(one for one in self.all if one.weight >= Weight.GRAVE)

    @property
    def sentences(self) -> tuple[str, ...]:
        """Of everything."""
        return _sentences(self.all)

    @property
    def unreadable(self) -> frozenset[Path]:
        """Files that are left out whole."""
        return frozenset(one.unreadable for one in self.all if one.unreadable is not None)

    def of(self, *parts: str) -> Omissions:
        """What concerns these parts, and what concerns the whole session."""
        return Omissions(tuple(one for one in self.all if one.part in (SESSION, *parts)))

    def refuse_damage(self) -> None:
        """Raises DamagedSession where a file is not as it was recorded."""
        for one in self.all:
            if one.weight is Weight.DAMAGE:
                first = "Run `steadyscope session repair`" if one.is_mendable else "Put it back from a copy"
                raise DamagedSession(one.sentence, f"{first}, or {EXPORT_WHAT_IS_LEFT}")


def left_out(session: SessionView) -> Omissions:
    """Reads every packet of every video. Raises AnnotationError."""
    return Omissions((*_of_books(session), *_of_videos(session), *_of_stills(session), *_of_annotations(session)))


def _of_books(session: SessionView) -> Iterator[Omission]:
    problem = str(session.entries.get("problem") or "").strip().rstrip(".")
    if problem:
        yield Omission(f"The session's books say: {problem}.", Weight.GRAVE)
    if session.entries.get("state") == UNFINISHED:
        yield Omission("The session was never closed; `steadyscope session repair` says what is lost.", Weight.GRAVE)


def _of_videos(session: SessionView) -> Iterator[Omission]:
    wanted = session.entries.get("streams")
    wanted = wanted if isinstance(wanted, list) else []
    for name in STREAMS:
        booked = len(session.frame_times_ns.get(name, ()))
        path = session.folder.video(name)
        if booked:
            check = check_video(name, path, booked)
            if check.problem:
                yield Omission(f"{path.name} is {check.problem}.", Weight.DAMAGE, name, path, check.is_mendable)
            elif check.frames_in_video < booked:
                words = f"{path.name} holds {check.frames_in_video} of {booked} recorded frames."
                yield Omission(words, Weight.DAMAGE, name, is_mendable=True)
            elif check.is_mendable:
                yield Omission(f"{path.name} ends in the middle of a frame.", Weight.DAMAGE, name, is_mendable=True)
        elif name in wanted:
            yield Omission(f"No {name} video was recorded.", Weight.GRAVE, name)
        yield from _of_gaps(session, name)


def _of_gaps(session: SessionView, stream: str) -> Iterator[Omission]:
    by_kind: dict[str, list[Gap]] = {}
    for gap in session.gaps:
        if gap.stream == stream and gap.kind != PAUSE:
            by_kind.setdefault(gap.kind, []).append(gap)
    for kind, gaps in by_kind.items():
        longest = max(gaps, key=_length)
        count, length_s = sum(gap.count for gap in gaps), _length(longest) / 1e9
        at = timestamp(max(0, longest.start_ns - session.first_ns) // 1_000_000)
        frames = "1 frame" if count == 1 else f"{count} frames"
        words = f"{stream}: {frames} {GAP_WORDS.get(kind, kind)}, the longest gap {length_s:.2f} s at {at}."
        yield Omission(words, Weight.GRAVE if _length(longest) > SHORT_GAP_NS else Weight.SMALL, stream)


def _length(gap: Gap) -> int:
    return gap.end_ns - gap.start_ns


def _of_stills(session: SessionView) -> Iterator[Omission]:
    for path in session.stills:
        if not _is_whole_picture(path):
            yield Omission(f"The still {path.name} cannot be read.", Weight.DAMAGE, STILLS, path)


def _is_whole_picture(path: Path) -> bool:
    """By its first and last bytes: a picture that was cut short has no end."""
    try:
        with path.open("rb") as file:
            is_begun = file.read(len(PNG_BEGIN)) == PNG_BEGIN
            file.seek(-len(PNG_END), 2)
            return is_begun and file.read() == PNG_END
    except OSError:
        return False


def _of_annotations(session: SessionView) -> Iterator[Omission]:
    count = len(session.unreadable_annotations())
    if count:
        some = "1 annotation cannot" if count == 1 else f"{count} annotations cannot"
        words = f"{some} be read and is left out; `steadyscope session verify` names the rows."
        words = words if count == 1 else words.replace(" is left", " are left")
        yield Omission(words, Weight.GRAVE, ANNOTATIONS)


def _sentences(omissions: Iterator[Omission] | Sequence[Omission]) -> tuple[str, ...]:
    return tuple(one.sentence for one in omissions)
