"""Figures of a session as people read them: when, how long, how large."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QDate, QLocale


def when_words(moment: datetime) -> str:
    """Date and time with the month's name in the window's language."""
    day = QLocale().toString(QDate(moment.year, moment.month, moment.day), "d MMMM yyyy")
    return f"{day}, {moment:%H:%M}"


def length_words(seconds: float) -> str:
    """1:05:07 or 2:09, whole seconds."""
    minutes, second = divmod(round(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02d}:{second:02d}" if hours else f"{minute}:{second:02d}"


def size_words(count: int) -> str:
    """Bytes in the unit that suits."""
    value, unit = float(count), "B"
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if value < 1000 or unit == "TB":
            break
        value /= 1000
    return f"{value:.0f} {unit}" if value >= 100 or unit in ("B", "kB") else f"{value:.1f} {unit}"
