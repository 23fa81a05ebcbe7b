"""Shapes on the two pictures of one moment: shown, drawn, chosen by touch, dragged."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, QPointF, Signal

from app.presenters.chosen import Chosen
from app.presenters.hand import LEAST_PX, Hand, length
from app.presenters.shapes import distance_px, own_shift, shifted, shown_shapes
from app.views.drawing import ShownShape
from app.views.picture_stage import PictureStage
from engine.annotation.shapes import IDENTITY, Drawing, Kind, Nine, Space
from engine.archive.reader import SessionView

HIT_PX = 14.0


class Strokes(QObject):
    """Between the hand on the pictures and the document."""

    drawn = Signal(object, object)  # Kind, Drawing of a finished stroke
    touched = Signal()

    def __init__(self, stage: PictureStage, session: SessionView, chosen: Chosen, parent: QObject) -> None:
        super().__init__(parent)
        self._stage, self._session, self._chosen = stage, session, chosen
        self.t_ns = 0  # the moment that is shown
        self.follows = False  # does the next shape follow its tooth?
        self._shift = QPointF()  # how far the chosen shape is dragged, in the space it was drawn in
        self.hand = Hand(stage, self)
        self.hand.touched.connect(self.touched)
        self.hand.changed.connect(self.redraw)
        self.hand.drawn.connect(self._take_stroke)
        self.hand.chosen.connect(self._choose_at)
        self.hand.dragged.connect(self._drag)
        self.hand.dropped.connect(self._drop)
        chosen.changed.connect(self.redraw)

    def redraw(self) -> None:
        """Map everything that is visible now to both pictures."""
        self._stage.show_shapes([*self._moved(self._shapes()), *self.hand.stroke()])

    def _shapes(self) -> list[ShownShape]:
        annotations = self._chosen.document.annotations
        return shown_shapes(self._session, annotations, self.t_ns, self._chosen.annotation_id)

    def _take_stroke(self, kind: Kind, space: Space, points: tuple[tuple[float, float], ...]) -> None:
        width, height = self._session.size
        normalised = tuple((x / width, y / height) for x, y in points)
        self.drawn.emit(kind, Drawing(normalised, space, self._pose(), (width, height), self.follows))

    def _pose(self) -> Nine:
        index = self._session.pose_index(self.t_ns)
        if index is None:
            return IDENTITY
        nine = self._session.poses[index].stabilized_from_raw.ravel().tolist()
        return tuple(float(value) for value in nine)  # type: ignore[return-value]

    def _choose_at(self, space: Space, point: QPointF) -> None:
        near = [(distance_px(one, point), one.annotation_id) for one in self._shapes() if one.space is space]
        distance, found = min(near, default=(HIT_PX, ""))
        self._chosen.choose(found if distance < HIT_PX else "")

    def _drag(self, space: Space, way: QPointF) -> None:
        entry = self._chosen.entry
        if entry is not None:
            self._shift = own_shift(self._session, entry, self.t_ns, space, way)
            self.redraw()

    def _drop(self) -> None:
        shift, self._shift = self._shift, QPointF()
        entry = self._chosen.entry
        if entry is not None and entry.drawing is not None and length(shift) >= LEAST_PX:
            self._chosen.change(drawing=shifted(entry.drawing, shift))

    def _moved(self, shapes: list[ShownShape]) -> list[ShownShape]:
        """The chosen shape where the hand has dragged it to."""
        entry = self._chosen.entry
        if entry is None or entry.drawing is None or length(self._shift) < LEAST_PX:
            return shapes
        held = replace(entry, drawing=shifted(entry.drawing, self._shift))
        others = [one for one in shapes if one.annotation_id != entry.annotation_id]
        return others + shown_shapes(self._session, (held,), self.t_ns, entry.annotation_id)
