"""Annotations of the session under review: tools, markers, the list, undo; every change is saved at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal

from app.desk import Desk
from app.presenters.annotation_fields import AnnotationFields
from app.presenters.autosave import Autosave
from app.presenters.chosen import Chosen
from app.presenters.signature import signed
from app.presenters.strokes import Strokes
from app.views.notices import Notice
from app.views.review_page import ReviewView
from app.views.review_panel import SELECT, listed
from app.views.timeline import Mark, clock
from engine.annotation.document import AnnotationDocument
from engine.annotation.shapes import Annotation, Drawing, Kind
from engine.annotation.store import AnnotationStore
from engine.annotation.text_exports import title
from engine.archive.reader import SessionView

DRAWN = tuple(kind for kind in Kind if kind not in (Kind.MARKER, Kind.RANGE))


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
        self._desk, self._view = desk, view
        self.autosave = Autosave(store, self)
        self.autosave.failed.connect(self._tell_unsaved)
        self.document = AnnotationDocument(entries, on_change=self.autosave.save)
        self.chosen = Chosen(self.document, self)
        self.fields = AnnotationFields(desk, view.panel, self.chosen, self)
        self.strokes = Strokes(view.stage, session, self.chosen, self)
        self.hand = self.strokes.hand
        self._filter = ("", "")
        self._range_from_ns: int | None = None
        self._connect(view)
        self.choose_tool(SELECT)
        view.show_range(False)

    @property
    def selected(self) -> str:
        """The id of the chosen annotation, or empty."""
        return self.chosen.annotation_id

    @property
    def marks(self) -> tuple[Mark, ...]:
        """What stands on the time line."""
        return tuple(
            Mark(one.annotation_id, one.start_ns, one.end_ns, title(one), one.kind in DRAWN, self.chosen.is_chosen(one))
            for one in self.document.annotations
        )

    def show_moment(self, t_ns: int) -> None:
        """Another frame is shown: draw what belongs on it."""
        self.strokes.t_ns = t_ns
        self.redraw()

    def redraw(self) -> None:
        """The pictures changed their places, or their moment."""
        self.strokes.redraw()

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
        self._add(Kind.MARKER, self.strokes.t_ns, self.fields.next.label or self.tr("Marker"))

    def mark_range(self) -> None:
        """The first call begins a range, the second ends it."""
        self._view.show_range(self._range_from_ns is None)
        if self._range_from_ns is None:
            self._range_from_ns = self.strokes.t_ns
            self._desk.shell.tell(Notice(self.tr("A range has begun."), self.tr("J ends it."), topic="range"))
            return
        begin, end = sorted((self._range_from_ns, self.strokes.t_ns))
        self._range_from_ns = None
        self._desk.shell.withdraw_notice("range")
        self._add(Kind.RANGE, begin, self.fields.next.label or self.tr("Range"), end_ns=end)

    def select(self, annotation_id: str) -> None:
        """Choose an annotation, or none with an empty id."""
        self.chosen.choose(annotation_id)

    def neighbour_ns(self, direction: int) -> int | None:
        """The moment of the next (1) or previous (-1) annotation."""
        now, starts = self.strokes.t_ns, [one.start_ns for one in self.document.annotations]
        if direction > 0:
            return min((start for start in starts if start > now), default=None)
        return max((start for start in starts if start < now), default=None)

    def undo(self) -> None:
        """A stroke in hand first, then the last step."""
        if self.hand.is_drawing:
            self.hand.drop_stroke()
        else:
            self.chosen.attempt(self.document.undo)

    def redo(self) -> None:
        """The last undone step again."""
        self.chosen.attempt(self.document.redo)

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
            "delete": self.chosen.remove,
            "finish": self.hand.finish,
        }
        commands[name]()

    def take_over(self, entries: list[Annotation]) -> int:
        """Annotations from a file."""
        count = self.document.take_over(entries)
        self._refresh()
        return count

    def finish_typing(self) -> None:
        """What is being typed belongs to the document before anything is done with that."""
        self._view.panel.give_text()

    def close(self) -> None:
        """Take what is in hand, and wait until all is on the disk."""
        self.finish_typing()
        if self._range_from_ns is not None:
            self.mark_range()
        self._desk.shell.withdraw_notice("range")
        self.autosave.close()
        self.setParent(None)
        self.deleteLater()

    def _connect(self, view: ReviewView) -> None:
        panel = view.panel
        pairs: list[tuple[Any, Callable[..., None]]] = [
            (panel.tool_chosen, self.choose_tool),
            (panel.undo_requested, self.undo),
            (panel.redo_requested, self.redo),
            (panel.delete_requested, self.chosen.remove),
            (panel.entry_chosen, self._go_to),
            (panel.filter_changed, self._set_filter),
            (view.timeline.chosen, self._go_to),
            (self.chosen.changed, self._refresh),
            (self.chosen.refused, self._tell_refused),
            (self.strokes.touched, self._touch),
            (self.strokes.drawn, self._take_drawing),
        ]
        for signal, slot in pairs:
            signal.connect(slot)

    def _touch(self) -> None:
        self.strokes.follows = self.fields.next.follows
        self.pause_requested.emit()
        self._view.setFocus()

    def _take_drawing(self, kind: Kind, drawing: Drawing) -> None:
        self._add(kind, self.strokes.t_ns, self.fields.next.label, drawing=drawing)
        if kind is Kind.TEXT:
            self._view.panel.text.setFocus()

    def _add(self, kind: Kind, start_ns: int, label: str, **fields: Any) -> None:
        signature = signed(self._desk.preferences.settings.recording.operator)
        self.chosen.add(Annotation(kind, start_ns, label, tooth=self.fields.next.tooth, **fields, **signature))

    def _go_to(self, annotation_id: str) -> None:
        self.seek_requested.emit(self.document.get(annotation_id).start_ns)
        self.select(annotation_id)

    def _set_filter(self, words: str, kind: str) -> None:
        self._filter = (words, kind)
        self._show_entries()

    def _refresh(self) -> None:
        self._show_entries()
        self._view.panel.show_history(self.document.can_undo, self.document.can_redo)
        self.changed.emit()

    def _show_entries(self) -> None:
        words, wanted = self._filter
        kinds = DRAWN if wanted == "drawn" else (Kind(wanted),) if wanted else tuple(Kind)
        tooth = int(words) if words.isdigit() else None
        found = self.document.search("" if tooth is not None else words, kinds, tooth)
        lines = [listed(one, title(one), _span(one)) for one in found]
        self._view.panel.show_entries(lines, self.selected)

    def _tell_refused(self, sentence: str, remedy: str) -> None:
        self._desk.shell.tell(Notice(sentence, remedy, "caution", "annotation"))

    def _tell_unsaved(self, sentence: str, remedy: str) -> None:
        self._desk.shell.tell(Notice(sentence, remedy, "alarm", "annotation"))


def _span(entry: Annotation) -> str:
    """When it begins, and of a range when it ends too."""
    begin = clock(entry.start_ns / 1e9)
    if entry.kind is not Kind.RANGE or entry.end_ns is None:
        return begin
    return f"{begin} \u2013 {clock(entry.end_ns / 1e9)}"
