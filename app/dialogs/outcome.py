"""How work that a dialog started ended: words in the tone that suits."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QLabel


def show_outcome(label: QLabel, sentence: str, *, is_problem: bool = False, role: str = "muted") -> None:
    """A sentence in the tone that suits."""
    label.setProperty("role", "alarm" if is_problem else role)
    label.style().polish(label)
    label.setText(sentence)
    label.setVisible(bool(sentence))


def as_list(head: str, lines: Sequence[str]) -> str:
    """A sentence with a line for each of the others below it."""
    return "\n".join((head, *(f"\u2022 {one}" for one in lines)))
