"""The strength presets of the stabilizer: how much of the picture is given up, and how slow a movement is passed."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from engine.settings import Picture
from engine.stabilization.options import PathMode, StabilizerOptions


@dataclass(frozen=True, slots=True)
class Strength:
    """One preset."""

    text: str  # marked for translation
    crop: float
    cutoff_hz: float


STRENGTHS: tuple[Strength, ...] = (
    Strength(str(QT_TRANSLATE_NOOP("Strength", "gentle")), 0.05, 1.2),
    Strength(str(QT_TRANSLATE_NOOP("Strength", "normal")), 0.075, 0.75),
    Strength(str(QT_TRANSLATE_NOOP("Strength", "strong")), 0.12, 0.4),
)


def strength_index(picture: Picture) -> int:
    """The preset that comes nearest to the settings."""
    return min(range(len(STRENGTHS)), key=lambda index: abs(STRENGTHS[index].cutoff_hz - picture.cutoff_hz))


def strength_label(picture: Picture) -> str:
    """Its name in the user's language."""
    return QCoreApplication.translate("Strength", STRENGTHS[strength_index(picture)].text)


def stabilizer_options(picture: Picture) -> StabilizerOptions:
    """What the settings say to the stabilizer."""
    return StabilizerOptions(PathMode(picture.stabilizer_mode), crop=picture.crop, cutoff_hz=picture.cutoff_hz)
