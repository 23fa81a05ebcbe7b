"""Annotations drawn into pixels, for exports and reports."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np
import reportlab
from PIL import Image as PillowImage
from PIL import ImageDraw, ImageFont

from engine.annotation.mapping import Pixels, outlined, shown_pixels
from engine.annotation.shapes import Annotation, Kind, Space
from engine.annotation.text_exports import title
from engine.archive.reader import SessionView
from engine.values import Image

COLOUR = (64, 220, 190)  # the window's accent, RGB
SHADOW = (0, 0, 0)
WORDS = (255, 255, 255)
BEHIND_WORDS = 0.28  # of the picture's light: words stand on any tissue, and the tissue is still seen
MOST_LINES = 5  # of a caption: the picture comes first, the notes stand in the report
STILL_SHOWN_NS = 3_000_000_000  # a shape without an end is shown for three seconds
SUBPIXEL_BITS = 4
FONT = str(Path(reportlab.__file__).parent / "fonts" / "Vera.ttf")  # Pillow's own font knows no umlaut


def visible(annotations: Iterable[Annotation], t_ns: int) -> list[Annotation]:
    """Those that belong on the picture at `t_ns`."""
    return [entry for entry in annotations if entry.start_ns <= t_ns < shown_until(entry)]


def shown_until(entry: Annotation) -> int:
    """When an annotation leaves the picture, in nanoseconds from the first raw frame."""
    return entry.end_ns if entry.end_ns is not None else entry.start_ns + STILL_SHOWN_NS


def burn_in(pixels: Image, session: SessionView, annotations: Iterable[Annotation], t_ns: int, space: Space) -> Image:
    """A copy of (H, W, 3) uint8 RGB with everything drawn that is visible at `t_ns` in that space."""
    shown = visible(annotations, t_ns)
    if not shown:
        return pixels
    canvas = pixels.copy()
    captions: list[tuple[str, tuple[float, float] | None]] = []
    for entry in shown:
        points = _points(session, entry, t_ns, space)
        if points is not None:
            _draw_shape(canvas, entry.kind, points)
            captions.append((title(entry), _caption_place(entry.kind, points)))
        elif entry.drawing is None:
            captions.append((title(entry), None))
    return _write_captions(canvas, captions)


def _points(session: SessionView, entry: Annotation, t_ns: int, space: Space) -> Pixels | None:
    drawing = outlined(entry)
    if drawing is None:
        return None
    drawn_at, now = session.pose_index(entry.start_ns), session.pose_index(t_ns)
    if drawn_at is None or now is None:
        return None
    return shown_pixels(drawing, session.poses, drawn_at, now, space)


def _draw_shape(canvas: Image, kind: Kind, points: Pixels) -> None:
    thickness = max(2, round(canvas.shape[1] / 320))
    fixed = np.round(points * (1 << SUBPIXEL_BITS)).astype(np.int32)
    for colour, width in ((SHADOW, thickness + 2), (COLOUR, thickness)):
        line = {"color": colour, "thickness": width, "lineType": cv2.LINE_AA, "shift": SUBPIXEL_BITS}
        if kind is Kind.ARROW:
            _draw_arrow(canvas, points, colour, width)
        elif kind is not Kind.TEXT:
            cv2.polylines(canvas, [fixed], isClosed=kind is not Kind.FREEHAND, **line)


def _draw_arrow(canvas: Image, points: Pixels, colour: tuple[int, int, int], width: int) -> None:
    tail, tip = (tuple(round(float(value)) for value in point) for point in points[:2])
    length = max(float(np.linalg.norm(points[1] - points[0])), 1.0)
    cv2.arrowedLine(canvas, tail, tip, colour, width, cv2.LINE_AA, tipLength=min(0.4, 16 / length))


def _caption_place(kind: Kind, points: Pixels) -> tuple[float, float]:
    if kind is Kind.TEXT:
        return float(points[0][0]), float(points[0][1])
    return float(points[:, 0].min()), float(points[:, 1].max()) + 6


def _write_captions(canvas: Image, captions: list[tuple[str, tuple[float, float] | None]]) -> Image:
    """Markers and ranges stand at the lower edge, captions of shapes beside them, broken where the picture ends.

    Pillow writes any alphabet it can.
    """
    height = max(14, canvas.shape[0] // 28)
    font = ImageFont.truetype(FONT, height)
    ruler = ImageDraw.Draw(PillowImage.new("L", (1, 1)))
    line = canvas.shape[0] - height // 2
    placed: list[tuple[str, int, int]] = []
    for words, place in captions:
        text = "\n".join(broken(words, font, canvas.shape[1] - 2 * height))
        left, top, right, bottom = (round(edge) for edge in ruler.multiline_textbbox((0, 0), text, font))
        width, tall = right - left + height, bottom - top + height // 2
        if place is None:
            line -= tall + height // 4
        x, y = (height // 2, line) if place is None else (round(place[0]), round(place[1]))
        x = max(0, min(x, canvas.shape[1] - width))
        y = max(0, min(y, canvas.shape[0] - tall))
        box = canvas[y : y + tall, x : x + width]
        box[:] = (box * BEHIND_WORDS).astype(np.uint8)
        placed.append((text, x + height // 2 - left, y + height // 4 - top))
    picture = PillowImage.fromarray(canvas)
    pen = ImageDraw.Draw(picture)
    for text, x, y in placed:
        pen.multiline_text((x, y), text, fill=WORDS, font=font)
    return np.asarray(picture)


def broken(text: str, font: ImageFont.FreeTypeFont, width: float) -> list[str]:
    """The words in lines of at most so many pixels, and no more lines than a caption may have."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if font.getlength(longer) <= width:
            lines[-1] = longer
            continue
        rest = word
        if lines[-1]:
            lines.append("")
        while font.getlength(rest) > width:  # a word that is wider than the picture
            fitting = next(count for count in range(len(rest) - 1, 0, -1) if font.getlength(rest[:count]) <= width)
            lines[-1:] = [rest[:fitting], ""]
            rest = rest[fitting:]
        lines[-1] = rest
    if len(lines) > MOST_LINES:
        lines[MOST_LINES - 1 :] = [f"{lines[MOST_LINES - 1]} …"]
    return lines
