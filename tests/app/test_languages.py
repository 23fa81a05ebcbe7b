"""Translations say everything that the program says, with the same gaps to fill."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from PySide6.QtWidgets import QApplication

import resources
from app.actions import label, spec
from app.languages import install_language
from app.views.chip import Chip, chip_word

GAP = re.compile(r"{[^}]*}")


def messages() -> list[tuple[str, str]]:
    tree = ElementTree.parse(resources.path("translations/steadyscope_de.ts"))
    return [(str(each.findtext("source")), str(each.findtext("translation"))) for each in tree.iter("message")]


def test_every_text_is_translated_with_its_gaps() -> None:
    assert len(messages()) > 200
    for source, translation in messages():
        assert translation, source
        assert sorted(GAP.findall(source)) == sorted(GAP.findall(translation)), source


def test_german_reaches_chips_and_actions(german: None) -> None:
    assert chip_word(Chip.NO_LIVE_IMAGE) == "KEIN LIVE-BILD"
    assert label(spec("freeze")) == "Einfrieren"


def test_a_language_that_is_not_there_leaves_english(qapp: QApplication) -> None:
    assert not install_language(qapp, "tlh")
    assert chip_word(Chip.NO_LIVE_IMAGE) == "NO LIVE IMAGE"
