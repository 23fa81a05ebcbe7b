"""Annotations of the session under review: tools, strokes, choosing, editing, undo; every change is saved at once."""

from __future__ import annotations

import getpass
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from PySide6.QtCore import QObject, QPointF, Signal

from app.desk import Desk
from app.dialogs.labels import LabelsDialog
from app.dialogs.tooth import ToothDialog
from app.presenters.autosave import Autosave
from app.presenters.hand import LEAST_PX, Hand, length
from app.presenters.shapes import distance_px, own_shift, shifted, shown_shapes
from app.views.drawing import ShownShape
from app.views.notices import Notice
from app.views.review_page import ReviewView
from app.views.review_panel import SELECT, listed
from app.views.timeline import Mark, clock
from engine.annotation.document import AnnotationDocument
from engine.annotation.shapes import IDENTITY, Annotation, Drawing, Kind, Nine, Space
from engine.annotation.store import AnnotationStore
from engine.annotation.text_exports import title
from engine.archive.reader import SessionView
from engine.errors import EngineError

HIT_PX = 14.0
DRAWN = tuple(kind for kind in Kind if kind not in (Kind.MARKER, Kind.RANGE))


@dataclass(frozen=True, slots=True)
class Next:
    """What the next annotation will say."""

    label: str = ""
    tooth: int | None = None
    follows: bool = False


class AnnotationPresenter(QObject):
    """One session's annotations. Belongs to the window's thread; the store is written on a thread of its own."""

    changed = Signal()
    pause_requested = Signal()
    seek_requested = Signal(object)  # ns

    def __init__(
        self,
        desk: Desk,
        view: ReviewView,
        session: SessionView,
        store: AnnotationStore,
        entries: tuple[Annotation, ...],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._desk, self._view, self._session = desk, view, session
        self.autosave = Autosave(store, self)
        self.autosave.failed.connect(self._tell_unsaved)
        self.document = AnnotationDocument(entries, on_change=self.autosave.save)
        self.hand = Hand(view.stage, self)
        self.selected = ""
        self._next = Next()
        self._filter = ("", "")
        self._t_ns = 0
        self._range_from_ns: int | None = None
        self._shift = QPointF()  # how far the chosen shape is dragged, in the space it was drawn in
        self._connect(view)
        self.choose_tool(SELECT)
        self._show_labels()

    @property
    def marks(self) -> tuple[Mark, ...]:
        """What stands on the time line."""
        return tuple(
            Mark(one.annotation_id, one.start_ns, one.end_ns, title(one), one.kind in DRAWN, self._is_selected(one))
            for one in self.document.annotations
        )

    def show_moment(self, t_ns: int) -> None:
        """Another frame is shown: draw what belongs on it."""
        self._t_ns = t_ns
        self.redraw()

    def redraw(self) -> None:
        """Map everything that is visible now to both pictures."""
        shapes = self._moved(shown_shapes(self._session, self.document.annotations, self._t_ns, self.selected))
        self._view.stage.show_shapes([*shapes, *self.hand.stroke()])

    def choose_tool(self, tool: str) -> None:
        """A kind to draw, or SELECT."""
        self.hand.take(tool)
        hints = {
            SELECT: self.tr("Tap a shape to choose it, drag it to move it."),
            "polygon": self.tr("Tap the corners; Return or the first corner closes it."),
            "text": self.tr("Tap where it belongs, then write the note."),
        }
        self._view.panel.show_tool(tool, hints.get(tool, self.tr("Draw on either picture; it is shown on both.")))
        self.redraw()

    def mark(self) -> None:
        """A marker at the moment that is shown."""
        label = self._next.label or self.tr("Marker")
        self._add(Annotation(Kind.MARKER, self._t_ns, label, tooth=self._next.tooth, **_signed()))

    def mark_range(self) -> None:
        """The first call begins a range, the second ends it."""
        if self._range_from_ns is None:
            self._range_from_ns = self._t_ns
            self._desk.shell.tell(Notice(self.tr("A range has begun."), self.tr("J ends it."), topic="range"))
            return
        begin, end = sorted((self._range_from_ns, self._t_ns))
        self._range_from_ns = None
        self._desk.shell.withdraw_notice("range")
        label = self._next.label or self.tr("Range")
        self._add(Annotation(Kind.RANGE, begin, label, end_ns=end, tooth=self._next.tooth, **_signed()))

    def select(self, annotation_id: str, *, goes_there: bool = False) -> None:
        """Choose an annotation, or none with an empty id."""
        self.selected = annotation_id
        if goes_there and annotation_id:
            self.seek_requested.emit(self.document.get(annotation_id).start_ns)
        self._refresh()

    def neighbour_ns(self, direction: int) -> int | None:
        """The moment of the next (1) or previous (-1) annotation."""
        starts = [one.start_ns for one in self.document.annotations]
        if direction > 0:
            return min((start for start in starts if start > self._t_ns), default=None)
        return max((start for start in starts if start < self._t_ns), default=None)

    def delete(self) -> None:
        """Take the chosen one out."""
        if self.selected:
            chosen, self.selected = self.selected, ""
            self._try(self.document.remove, chosen)

    def undo(self) -> None:
        """A stroke in hand first, then the last step."""
        if self.hand.is_drawing:
            self.hand.drop_stroke()
        else:
            self._try(self.document.undo)

    def redo(self) -> None:
        """The last undone step again."""
        self._try(self.document.redo)

    @property
    def is_busy(self) -> bool:
        """Is there something in hand that Escape should put down first?"""
        return self.hand.is_drawing or self.hand.tool != SELECT

    def command(self, name: str) -> None:
        """A key of the page."""
        kind, _, tool = name.partition("_")
        if kind == "tool":
            self.choose_tool(tool)
            return
        commands: dict[str, Callable[[], None]] = {
            "marker": self.mark,
            "range": self.mark_range,
            "undo": self.undo,
            "redo": self.redo,
            "delete": self.delete,
            "finish": self.hand.finish,
        }
        commands[name]()

    def take_over(self, entries: list[Annotation]) -> int:
        """Annotations from a file."""
        count = self.document.take_over(entries)
        self._refresh()
        return count

    def close(self) -> None:
        """Wait until all is on the disk."""
        self.autosave.close()
        self.setParent(None)
        self.deleteLater()

    def _connect(self, view: ReviewView) -> None:
        panel = view.panel
        pairs: list[tuple[Any, Callable[..., None]]] = [
            (panel.tool_chosen, self.choose_tool),
            (panel.label_chosen, self._set_label),
            (panel.labels_requested, self._edit_labels),
            (panel.tooth_requested, self._ask_tooth),
            (panel.text_edited, self._set_text),
            (panel.follow_toggled, self._set_follow),
            (panel.undo_requested, self.undo),
            (panel.redo_requested, self.redo),
            (panel.delete_requested, self.delete),
            (panel.entry_chosen, self._choose_entry),
            (panel.filter_changed, self._set_filter),
            (view.timeline.chosen, self._choose_entry),
            (self.hand.touched, self._touch),
            (self.hand.changed, self.redraw),
            (self.hand.drawn, self._take_stroke),
            (self.hand.chosen, self._choose_at),
            (self.hand.dragged, self._drag),
            (self.hand.dropped, self._drop),
        ]
        for signal, slot in pairs:
            signal.connect(slot)

    def _touch(self) -> None:
        self.pause_requested.emit()
        self._view.setFocus()

    def _choose_at(self, space: Space, point: QPointF) -> None:
        self.select(self._hit(space, point))

    def _drag(self, space: Space, way: QPointF) -> None:
        if self.selected:
            self._shift = own_shift(self._session, self.document.get(self.selected), self._t_ns, space, way)
            self.redraw()

    def _drop(self) -> None:
        shift, self._shift = self._shift, QPointF()
        drawing = self.document.get(self.selected).drawing if self.selected else None
        if drawing is not None and length(shift) >= LEAST_PX:
            self._change(drawing=shifted(drawing, shift))

    def _take_stroke(self, kind: Kind, space: Space, points: tuple[tuple[float, float], ...]) -> None:
        width, height = self._session.size
        normalised = tuple((x / width, y / height) for x, y in points)
        drawing = Drawing(normalised, space, self._pose(), (width, height), self._next.follows)
        self._add(Annotation(kind, self._t_ns, self._next.label, tooth=self._next.tooth, drawing=drawing, **_signed()))
        if kind is Kind.TEXT:
            self._view.panel.text.setFocus()

    def _add(self, entry: Annotation) -> None:
        self.selected = entry.annotation_id
        self._try(self.document.add, entry)

    def _pose(self) -> Nine:
        index = self._session.pose_index(self._t_ns)
        if index is None:
            return IDENTITY
        nine = self._session.poses[index].stabilized_from_raw.ravel().tolist()
        return tuple(float(value) for value in nine)  # type: ignore[return-value]

    def _hit(self, space: Space, point: QPointF) -> str:
        shapes = shown_shapes(self._session, self.document.annotations, self._t_ns, self.selected)
        near = [(distance_px(one, point), one.annotation_id) for one in shapes if one.space is space]
        distance, found = min(near, default=(HIT_PX, ""))
        return found if distance < HIT_PX else ""

    def _moved(self, shapes: list[ShownShape]) -> list[ShownShape]:
        """The chosen shape where the hand has dragged it to."""
        if not self.selected or length(self._shift) < LEAST_PX:
            return shapes
        entry = self.document.get(self.selected)
        if entry.drawing is None:
            return shapes
        held = replace(entry, drawing=shifted(entry.drawing, self._shift))
        others = [one for one in shapes if one.annotation_id != self.selected]
        return others + shown_shapes(self._session, (held,), self._t_ns, self.selected)

    def _set_label(self, label: str) -> None:
        self._next = replace(self._next, label=label)
        self._change(label=label)

    def _set_tooth(self, tooth: int | None) -> None:
        self._next = replace(self._next, tooth=tooth)
        self._change(tooth=tooth)
        self._show_fields()

    def _set_text(self, text: str) -> None:
        if self.selected and text != self.document.get(self.selected).text:
            self._change(text=text)

    def _set_follow(self, follows: bool) -> None:
        self._next = replace(self._next, follows=follows)
        drawing = self.document.get(self.selected).drawing if self.selected else None
        if drawing is not None:
            self._change(drawing=replace(drawing, follows_tooth=follows))

    def _change(self, **fields: object) -> None:
        if self.selected:
            self._try(self.document.change, self.selected, **fields)

    def _ask_tooth(self) -> None:
        chosen = self.document.get(self.selected).tooth if self.selected else self._next.tooth
        dialog = ToothDialog(self._desk.theme, chosen, self._view.window())
        dialog.chosen.connect(self._set_tooth)
        dialog.open()

    def _edit_labels(self) -> None:
        dialog = LabelsDialog(self._desk.theme, self._desk.preferences.settings.recording.labels, self._view.window())
        dialog.chosen.connect(self._set_labels)
        dialog.finished.connect(self._show_labels)
        dialog.open()

    def _set_labels(self, labels: list[str]) -> None:
        self._desk.preferences.change("recording", labels=tuple(labels))

    def _choose_entry(self, annotation_id: str) -> None:
        self.select(annotation_id, goes_there=True)

    def _set_filter(self, words: str, kind: str) -> None:
        self._filter = (words, kind)
        self._show_entries()

    def _is_selected(self, entry: Annotation) -> bool:
        return entry.annotation_id == self.selected

    def _try(self, step: Callable[..., object], *values: object, **fields: object) -> None:
        try:
            step(*values, **fields)
        except EngineError as error:
            self._desk.shell.tell(Notice(error.sentence, error.remedy, "caution", "annotation"))
        if self.selected and all(not self._is_selected(one) for one in self.document.annotations):
            self.selected = ""
        self._refresh()

    def _refresh(self) -> None:
        self._show_entries()
        self._show_fields()
        self._show_labels()
        self._view.panel.show_history(self.document.can_undo, self.document.can_redo)
        self.redraw()
        self.changed.emit()

    def _show_labels(self) -> None:
        label = self.document.get(self.selected).label if self.selected else self._next.label
        self._view.panel.show_labels(self._desk.preferences.settings.recording.labels, label)

    def _show_fields(self) -> None:
        entry = self.document.get(self.selected) if self.selected else None
        drawing = None if entry is None else entry.drawing
        self._view.panel.show_fields(
            self._next.tooth if entry is None else entry.tooth,
            "" if entry is None else entry.text,
            follows=self._next.follows if drawing is None else drawing.follows_tooth,
            is_chosen=entry is not None,
            can_follow=entry is None or drawing is not None,
        )

    def _show_entries(self) -> None:
        words, wanted = self._filter
        kinds = DRAWN if wanted == "drawn" else (Kind(wanted),) if wanted else tuple(Kind)
        tooth = int(words) if words.isdigit() else None
        found = self.document.search("" if tooth is not None else words, kinds, tooth)
        lines = [listed(one, title(one), clock(one.start_ns / 1e9)) for one in found]
        self._view.panel.show_entries(lines, self.selected)

    def _tell_unsaved(self, sentence: str, remedy: str) -> None:
        self._desk.shell.tell(Notice(sentence, remedy, "alarm", "annotation"))


def _signed() -> dict[str, Any]:
    """Who and when."""
    try:
        author = getpass.getuser()
    except (KeyError, OSError):  # an account without a name
        author = ""
    return {"author": author, "created": datetime.now().astimezone().isoformat(timespec="milliseconds")}
