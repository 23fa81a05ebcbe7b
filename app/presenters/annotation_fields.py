"""What the chosen annotation says, or the next one will say: label, tooth, note, whether it follows the tooth."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import QObject

from app.desk import Desk
from app.dialogs.labels import LabelsDialog
from app.dialogs.tooth import ToothDialog
from app.presenters.chosen import Chosen
from app.views.review_panel import ReviewPanel


@dataclass(frozen=True, slots=True)
class Next:
    """What the next annotation will say."""

    label: str = ""
    tooth: int | None = None
    follows: bool = False


class AnnotationFields(QObject):
    """Between the panel's fields and the chosen annotation; a choice made without one holds for the next."""

    def __init__(self, desk: Desk, panel: ReviewPanel, chosen: Chosen, parent: QObject) -> None:
        super().__init__(parent)
        self._desk, self._panel, self._chosen = desk, panel, chosen
        self.next = Next()
        panel.label_chosen.connect(self._set_label)
        panel.labels_requested.connect(self._edit_labels)
        panel.tooth_requested.connect(self._ask_tooth)
        panel.text_edited.connect(self._set_text)
        panel.follow_toggled.connect(self._set_follow)
        chosen.about_to_change.connect(panel.give_text)
        chosen.changed.connect(self.show)
        self.show()

    def show(self) -> None:
        """Fill the fields."""
        entry = self._chosen.entry
        drawing = None if entry is None else entry.drawing
        self._panel.show_fields(
            self.next.tooth if entry is None else entry.tooth,
            "" if entry is None else entry.text,
            follows=self.next.follows if drawing is None else drawing.follows_tooth,
            is_chosen=entry is not None,
            can_follow=entry is None or drawing is not None,
        )
        self._show_labels()

    def set_tooth(self, tooth: int | None) -> None:
        """The tooth of the chosen annotation and of the next, in FDI numbers; None for no tooth."""
        self.next = replace(self.next, tooth=tooth)
        self._chosen.change(tooth=tooth)
        self.show()

    def _show_labels(self) -> None:
        entry = self._chosen.entry
        label = self.next.label if entry is None else entry.label
        self._panel.show_labels(self._desk.preferences.settings.recording.labels, label)

    def _set_label(self, label: str) -> None:
        self.next = replace(self.next, label=label)
        self._chosen.change(label=label)

    def _set_text(self, text: str) -> None:
        entry = self._chosen.entry
        if entry is not None and text != entry.text:
            self._chosen.change(text=text)

    def _set_follow(self, follows: bool) -> None:
        self.next = replace(self.next, follows=follows)
        entry = self._chosen.entry
        if entry is not None and entry.drawing is not None:
            self._chosen.change(drawing=replace(entry.drawing, follows_tooth=follows))

    def _ask_tooth(self) -> None:
        entry = self._chosen.entry
        known = self.next.tooth if entry is None else entry.tooth
        dialog = ToothDialog(self._desk.theme, known, self._panel.window())
        dialog.chosen.connect(self.set_tooth)
        dialog.open()

    def _edit_labels(self) -> None:
        dialog = LabelsDialog(self._desk.theme, self._desk.preferences.settings.recording.labels, self._panel.window())
        dialog.chosen.connect(self._set_labels)
        dialog.finished.connect(self._show_labels)
        dialog.open()

    def _set_labels(self, labels: list[str]) -> None:
        self._desk.preferences.change("recording", labels=tuple(labels))
