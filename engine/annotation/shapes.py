"""What can be marked on a session: moments, ranges and drawn shapes, as frozen values with normalised points."""

from __future__ import annotations

import math
import uuid
from dataclasses import dataclass, field, replace
from enum import Enum

from engine.errors import AnnotationError

Point = tuple[float, float]  # 0..1 of the width and height of the space it was drawn in
Nine = tuple[float, float, float, float, float, float, float, float, float]  # a 3x3 matrix, row-major, in pixels
FARTHEST = 1000.0  # widths of the picture that a point may lie off it
LARGEST_SIDE = 1 << 16  # pixels
IDENTITY: Nine = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)
FDI_TEETH = frozenset(
    quadrant * 10 + tooth for quadrant in range(1, 9) for tooth in range(1, 9 if quadrant <= 4 else 6)
)  # ISO 3950: permanent 11..48, deciduous 51..85


class Kind(Enum):
    """What an annotation is; the first two are moments in time, the others are drawn on a frame."""

    MARKER = "marker"
    RANGE = "range"
    FREEHAND = "freehand"
    ARROW = "arrow"
    RECTANGLE = "rectangle"
    ELLIPSE = "ellipse"
    POLYGON = "polygon"
    TEXT = "text"


FEWEST_POINTS = {
    Kind.MARKER: 0,
    Kind.RANGE: 0,
    Kind.FREEHAND: 2,
    Kind.ARROW: 2,
    Kind.RECTANGLE: 2,
    Kind.ELLIPSE: 2,
    Kind.POLYGON: 3,
    Kind.TEXT: 1,
}


class Space(Enum):
    """The picture in which the points were drawn."""

    RAW = "raw"
    STABILIZED = "stabilized"


@dataclass(frozen=True, slots=True)
class Drawing:
    """Points of a shape, with all that is needed to show them on raw and on stabilized."""

    points: tuple[Point, ...]
    space: Space
    stabilized_from_raw: Nine  # of the frame it was drawn on
    frame_size: tuple[int, int]  # (width, height) in pixels of that frame
    follows_tooth: bool = False

    def __post_init__(self) -> None:
        if not all(abs(value) < FARTHEST for point in self.points for value in point):  # nor is what is no number
            raise AnnotationError("A drawn point lies on no picture.", "Draw the shape again.")
        if not all(map(math.isfinite, self.stabilized_from_raw)) or _determinant(self.stabilized_from_raw) == 0:
            raise AnnotationError("The transform of a drawing leads nowhere.", "Draw the shape again.")
        if not all(0 < side <= LARGEST_SIDE for side in self.frame_size):
            raise AnnotationError("A drawing has no frame size.", "Draw the shape again.")


@dataclass(frozen=True, slots=True)
class Annotation:
    """One entry of the document. Times are nanoseconds from the first raw frame of the session."""

    kind: Kind
    start_ns: int
    label: str = ""
    end_ns: int | None = None  # ranges, and shapes that stay visible until then
    text: str = ""
    tooth: int | None = None  # FDI number
    drawing: Drawing | None = None
    author: str = ""
    created: str = ""  # ISO 8601 with zone
    revision: int = 1
    annotation_id: str = field(default_factory=lambda: uuid.uuid4().hex)

    def __post_init__(self) -> None:
        if self.tooth is not None and self.tooth not in FDI_TEETH:
            raise AnnotationError(f"There is no tooth {self.tooth} in ISO 3950.", "Choose it on the tooth chart.")
        if self.start_ns < 0 or (self.end_ns is not None and self.end_ns < self.start_ns):
            raise AnnotationError("An annotation ends before it begins.", "Set its end after its start.")
        needed = FEWEST_POINTS[self.kind]
        if needed and (self.drawing is None or len(self.drawing.points) < needed):
            raise AnnotationError(f"A {self.kind.value} needs {needed} points or more.", "Draw the shape again.")

    def revised(self, **changes: object) -> Annotation:
        """The next revision of the same annotation with some fields changed."""
        return replace(self, revision=self.revision + 1, **changes)  # type: ignore[arg-type]


def _determinant(nine: Nine) -> float:
    a, b, c, d, e, f, g, h, i = nine
    return a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)
