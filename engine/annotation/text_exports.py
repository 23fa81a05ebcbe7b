"""WebVTT chapters and CSV rows of the annotations."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from engine.annotation.shapes import Annotation, Kind

NS_PER_MS = 1_000_000
EMPTY_CUE_MS = 1_000  # a cue without duration is dropped by players


def title(annotation: Annotation) -> str:
    """What stands on the time line, in one line: label, tooth, text, as far as given."""
    tooth = "" if annotation.tooth is None else f"tooth {annotation.tooth}"
    parts = [" ".join(part.split()) for part in (annotation.label, tooth, annotation.text) if part.strip()]
    return ", ".join(parts) or annotation.kind.value


def to_webvtt(annotations: Iterable[Annotation], duration_ns: int, missing: Sequence[str] = ()) -> str:
    """Chapters: a marker lasts until the next one or the end; ranges and shapes have their own span.

    `missing` says in sentences what is left out: a note in front of the chapters.
    """
    entries = sorted(annotations, key=_start)
    markers = [entry.start_ns for entry in entries if entry.kind is Kind.MARKER]
    cues = ["WEBVTT", "", *(f"NOTE INCOMPLETE: {sentence}\n" for sentence in missing)]
    for number, entry in enumerate(entries, 1):
        following = next((start for start in markers if start > entry.start_ns), duration_ns)
        end_ns = entry.end_ns if entry.end_ns is not None else following
        start_ms = entry.start_ns // NS_PER_MS
        end_ms = end_ns // NS_PER_MS if end_ns // NS_PER_MS > start_ms else start_ms + EMPTY_CUE_MS
        text = title(entry).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        cues += [str(number), f"{timestamp(start_ms)} --> {timestamp(end_ms)}", text, ""]
    return "\n".join(cues)


def to_csv(annotations: Iterable[Annotation], missing: Sequence[str] = ()) -> str:
    """One row an annotation; a cell that a spreadsheet would take for a formula is defused with an apostrophe.

    `missing` says in sentences what is left out: rows of the kind "INCOMPLETE" at the end.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(["id", "kind", "start_s", "end_s", "label", "text", "tooth_fdi", "author", "created", "revision"])
    for entry in sorted(annotations, key=_start):
        end_s = "" if entry.end_ns is None else f"{entry.end_ns / 1e9:.3f}"
        tooth = "" if entry.tooth is None else str(entry.tooth)
        words = [_defused(word) for word in (entry.label, entry.text)]
        row = [entry.annotation_id, entry.kind.value, f"{entry.start_ns / 1e9:.3f}", end_s, *words, tooth]
        writer.writerow([*row, _defused(entry.author), entry.created, entry.revision])
    for sentence in missing:
        writer.writerow(["", "INCOMPLETE", "", "", "", sentence, "", "", "", ""])
    return buffer.getvalue()


def timestamp(milliseconds: int) -> str:
    """hh:mm:ss.mmm as WebVTT wants it."""
    seconds, rest = divmod(milliseconds, 1000)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    return f"{hour:02d}:{minute:02d}:{second:02d}.{rest:03d}"


def _defused(text: str) -> str:
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def _start(entry: Annotation) -> int:
    return entry.start_ns
