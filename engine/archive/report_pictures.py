"""The pictures of a session report: the stills, and each moment on which something was drawn, with the drawing."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path

import cv2
import numpy as np

from engine.annotation.shapes import Annotation, Space
from engine.annotation.text_exports import timestamp, title
from engine.archive.drawing import burn_in
from engine.archive.frames import FrameReader
from engine.archive.reader import SessionView
from engine.errors import RecordingError
from engine.recording.session_folder import RAW, STABILIZED
from engine.values import Image

WIDTH, QUALITY = 720, 88
MOST_DRAWINGS = 48  # a report is read, not scrolled through; the notes list them all
SPACE_OF = {STABILIZED: Space.STABILIZED, RAW: Space.RAW}
STILL_WORDS = {"raw": "as the camera saw it", "shown": "as the screen showed it"}


def drawings(session: SessionView, annotations: Sequence[Annotation]) -> str:
    """A figure for each moment with drawn shapes, on the stabilized picture where there is one."""
    moments: dict[int, list[Annotation]] = {}
    for entry in annotations:
        if entry.drawing is not None:
            moments.setdefault(entry.start_ns, []).append(entry)
    if not moments:
        return "<p class='quiet'>Nothing was drawn.</p>"
    figures: list[str] = []
    for stream in (name for name in SPACE_OF if name in session.frame_times_ns):
        try:
            figures = [
                _figure(pixels, f"{timestamp(t_ns // 1_000_000)} · {'; '.join(map(title, moments[t_ns]))}")
                for t_ns, pixels in _drawn(session, stream, moments)
            ]
            break
        except RecordingError as error:  # the books are whole all the same, and so may be the other video
            figures = [f"<p class='quiet'>{escape(str(error))}</p>"]
    return f"<div class='stills'>{''.join(figures)}</div>"


def _drawn(session: SessionView, stream: str, moments: Mapping[int, list[Annotation]]) -> Iterator[tuple[int, Image]]:
    """Each moment's frame with what was drawn on it. Raises RecordingError."""
    reader = FrameReader(session, stream)
    try:
        for t_ns, entries in sorted(moments.items())[:MOST_DRAWINGS]:
            yield t_ns, burn_in(reader.at(t_ns), session, entries, t_ns, SPACE_OF[stream])
    finally:
        reader.close()


def stills(session: SessionView) -> str:
    """A figure for each still, named by its moment and not by its file."""
    figures = []
    for path in session.stills:
        picture = cv2.imread(str(path))
        if picture is not None:
            pixels = np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), np.uint8)
            figures.append(_figure(pixels, _still_words(session, path)))
    return f"<div class='stills'>{''.join(figures)}</div>" if figures else "<p class='quiet'>No stills were taken.</p>"


def _still_words(session: SessionView, path: Path) -> str:
    """When and how it was taken; a still whose frame was not recorded keeps its file's name."""
    number, _, kind = path.stem.partition("-")
    seqs, times = session.frame_seqs.get(RAW, ()), session.frame_times_ns.get(RAW, ())
    if not number.isdigit() or int(number) not in seqs:
        return path.name
    t_ns = times[seqs.index(int(number))]
    return f"{timestamp(t_ns // 1_000_000)} · {STILL_WORDS.get(kind, kind)}"


def _figure(pixels: Image, caption: str) -> str:
    scale = min(1.0, WIDTH / pixels.shape[1])
    small = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    _, data = cv2.imencode(".jpg", cv2.cvtColor(small, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    source = f"data:image/jpeg;base64,{base64.b64encode(data.tobytes()).decode()}"
    words = escape(caption)
    return f"<figure><img alt='{words}' src='{source}'><figcaption>{words}</figcaption></figure>"
