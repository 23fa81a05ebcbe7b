"""The annotations of one session with undo and redo; every change is a value, so undo is only stepping back."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from engine.annotation.shapes import Annotation, Kind
from engine.errors import AnnotationError


@dataclass(frozen=True, slots=True)
class Change:
    """One step: `before` is None for an addition, `after` for a removal."""

    before: Annotation | None
    after: Annotation | None

    def reversed(self) -> Change:
        """The step back."""
        return Change(self.after, self.before)


class AnnotationDocument:
    """Owned by one thread. `on_change` is told each step after it happened (the store saves it)."""

    def __init__(
        self, annotations: Iterable[Annotation] = (), on_change: Callable[[Change], None] | None = None
    ) -> None:
        self._entries = {entry.annotation_id: entry for entry in annotations}
        self._done: list[Change] = []
        self._undone: list[Change] = []
        self._on_change = on_change

    @property
    def annotations(self) -> tuple[Annotation, ...]:
        """All entries by time."""
        return tuple(sorted(self._entries.values(), key=_order))

    @property
    def can_undo(self) -> bool:
        """True if there is a step to take back."""
        return bool(self._done)

    @property
    def can_redo(self) -> bool:
        """True if a step was taken back and nothing was changed since."""
        return bool(self._undone)

    def get(self, annotation_id: str) -> Annotation:
        """One entry. Raises AnnotationError if it is not there."""
        try:
            return self._entries[annotation_id]
        except KeyError:
            raise AnnotationError("That annotation no longer exists.", "Select another one.") from None

    def add(self, annotation: Annotation) -> None:
        """A new entry. Raises AnnotationError if its id is taken."""
        if annotation.annotation_id in self._entries:
            raise AnnotationError("That annotation already exists.", "Change it instead of adding it.")
        self._do(Change(None, annotation))

    def change(self, annotation_id: str, **fields: object) -> Annotation:
        """Change fields of an entry; returns its next revision."""
        before = self.get(annotation_id)
        after = before.revised(**fields)
        self._do(Change(before, after))
        return after

    def remove(self, annotation_id: str) -> None:
        """Take an entry out."""
        self._do(Change(self.get(annotation_id), None))

    def take_over(self, entries: Iterable[Annotation]) -> int:
        """Add what is unknown, replace what came back in a later revision; returns how many entries that were."""
        count = 0
        for entry in entries:
            known = self._entries.get(entry.annotation_id)
            if known is None or entry.revision > known.revision:
                self._do(Change(known, entry))
                count += 1
        return count

    def undo(self) -> None:
        """Take the last step back; nothing to take back is harmless."""
        if self._done:
            change = self._done.pop()
            self._apply(change.reversed())
            self._undone.append(change)

    def redo(self) -> None:
        """Take the last undone step again."""
        if self._undone:
            change = self._undone.pop()
            self._apply(change)
            self._done.append(change)

    def search(self, text: str = "", kinds: Iterable[Kind] = tuple(Kind), tooth: int | None = None) -> list[Annotation]:
        """Entries of these kinds (and this tooth, if given) whose label, text or author hold every word of `text`."""
        wanted, words = set(kinds), text.lower().split()
        return [
            entry
            for entry in self.annotations
            if entry.kind in wanted
            and (tooth is None or entry.tooth == tooth)
            and all(word in f"{entry.label} {entry.text} {entry.author}".lower() for word in words)
        ]

    def _do(self, change: Change) -> None:
        self._apply(change)
        self._done.append(change)
        self._undone.clear()

    def _apply(self, change: Change) -> None:
        if change.after is not None:
            self._entries[change.after.annotation_id] = change.after
        elif change.before is not None:
            del self._entries[change.before.annotation_id]
        if self._on_change is not None:
            self._on_change(change)


def _order(entry: Annotation) -> tuple[int, str]:
    return entry.start_ns, entry.annotation_id
