"""What the engine says is told in the window's language, and the table follows the engine's words."""

from __future__ import annotations

import re
from pathlib import Path

from PySide6.QtWidgets import QApplication

from app.engine_words import TEMPLATES, said

ROOT = Path(__file__).parents[2]


def test_english_stays_as_the_engine_said_it(qapp: QApplication) -> None:
    for text in ("The camera's driver hangs.", "Handpiece HD does not answer.", "Something {else}.", ""):
        assert said(text) == text


def test_german_fills_the_gaps_and_translates_what_stands_in_them(german: None) -> None:
    assert said("Handpiece HD sent no picture for 0.25 s.") == "Handpiece HD hat seit 0.25 s kein Bild gesendet."
    assert said("Check cable and power. It is tried again by itself.") == (
        "Prüfen Sie Kabel und Strom. Es wird von selbst erneut versucht."
    )
    assert said("Never heard of.") == "Never heard of."


def test_every_template_is_still_what_the_program_says() -> None:
    files = [*(ROOT / "engine").rglob("*.py"), *(ROOT / "app").rglob("*.py")]
    code = "".join(file.read_text(encoding="utf-8") for file in files if file.name != "engine_words.py")
    for template in TEMPLATES:
        fixed = max(re.split(r"{\w+}", template), key=len).strip()
        assert fixed in code, template
