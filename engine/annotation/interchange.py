"""The JSON form of annotations: versioned, published in docs/annotation-schema.json, read back to the same document."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from engine.annotation.shapes import Annotation, Drawing, Kind, Space
from engine.errors import AnnotationError

FORMAT = "steadyscope-annotations"
VERSION = 1
LAST_REVISION = 2**31
LATEST_NS = 7 * 24 * 3600 * 10**9  # no session lasts longer


def to_entry(annotation: Annotation) -> dict[str, Any]:
    """One annotation as plain JSON values."""
    drawing = annotation.drawing
    return {
        "id": annotation.annotation_id,
        "kind": annotation.kind.value,
        "start_ns": annotation.start_ns,
        "end_ns": annotation.end_ns,
        "label": annotation.label,
        "text": annotation.text,
        "tooth_fdi": annotation.tooth,
        "author": annotation.author,
        "created": annotation.created,
        "revision": annotation.revision,
        "drawing": None
        if drawing is None
        else {
            "points": [list(point) for point in drawing.points],
            "space": drawing.space.value,
            "stabilized_from_raw": list(drawing.stabilized_from_raw),
            "frame_size": list(drawing.frame_size),
            "follows_tooth": drawing.follows_tooth,
        },
    }


def from_entry(entry: Mapping[str, Any]) -> Annotation:
    """The annotation of one JSON entry. Raises AnnotationError if it is malformed."""
    try:
        drawn = entry["drawing"]
        return Annotation(
            annotation_id=_text(entry["id"]),
            kind=Kind(entry["kind"]),
            start_ns=_moment(entry["start_ns"]),
            end_ns=None if entry["end_ns"] is None else _moment(entry["end_ns"]),
            label=_text(entry["label"]),
            text=_text(entry["text"]),
            tooth=None if entry["tooth_fdi"] is None else int(entry["tooth_fdi"]),
            author=_text(entry["author"]),
            created=_text(entry["created"]),
            revision=_revision(entry["revision"]),
            drawing=None if drawn is None else _drawing(drawn),
        )
    except KeyError as error:
        raise AnnotationError(
            f"An annotation entry is malformed: it has no {error}.", "Export the session again."
        ) from error
    except (TypeError, ValueError, OverflowError) as error:
        raise AnnotationError(f"An annotation entry is malformed: {error}.", "Export the session again.") from error


def _text(value: object) -> str:
    """Half a character, which JSON can hold, fits in no file: ValueError."""
    text = str(value)
    text.encode("utf-8")
    return text


def _moment(value: float) -> int:
    if not value <= LATEST_NS:
        raise ValueError(f"{value} ns lie behind the end of any session")
    return int(value)


def _revision(value: float) -> int:
    if not 1 <= value <= LAST_REVISION:
        raise ValueError(f"{value} is no revision")
    return int(value)


def _drawing(entry: Mapping[str, Any]) -> Drawing:
    nine = tuple(float(value) for value in entry["stabilized_from_raw"])
    width, height = entry["frame_size"]
    if len(nine) != 9:
        raise ValueError("a transform needs nine numbers")
    return Drawing(
        points=tuple((float(x), float(y)) for x, y in entry["points"]),
        space=Space(entry["space"]),
        stabilized_from_raw=nine,  # type: ignore[arg-type]
        frame_size=(int(width), int(height)),
        follows_tooth=bool(entry["follows_tooth"]),
    )


def to_json(annotations: Iterable[Annotation], session: Mapping[str, Any], left_out: Sequence[str] = ()) -> str:
    """The whole document; `session` holds what of the session's identity may leave the house.

    `left_out` says in sentences what of the session is missing.
    """
    document = {"format": FORMAT, "version": VERSION, "session": dict(session), "left_out": list(left_out)}
    return json.dumps({**document, "annotations": [to_entry(entry) for entry in annotations]}, indent=2) + "\n"


def from_json(text: str) -> list[Annotation]:
    """The annotations of a document written by `to_json`. Raises AnnotationError with what is wrong."""
    entries = _document(text).get("annotations")
    if not isinstance(entries, list):
        raise AnnotationError("The file's list of annotations is missing.", "Export the session again.")
    return [from_entry(entry) for entry in entries]


def session_of(text: str) -> str:
    """The id of the session that the document was made for; empty if it does not say. Raises AnnotationError."""
    session = _document(text).get("session")
    return str(session.get("id", "")) if isinstance(session, dict) else ""


def _document(text: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise AnnotationError(f"This is no JSON ({error}).", "Choose a file exported by Steadyscope.") from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise AnnotationError("This file holds no Steadyscope annotations.", "Choose a file exported by Steadyscope.")
    if document.get("version") != VERSION:
        raise AnnotationError(
            f"This file has version {document.get('version')}, this program reads version {VERSION}.",
            "Update Steadyscope.",
        )
    return document
