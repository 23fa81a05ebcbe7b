"""The table of actions: keys are unique, icons exist, pedals are learned."""

from __future__ import annotations

from collections import Counter

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

import resources
from app.actions import ACTIONS, Actions, ActionSpec, label
from app.compose import House
from app.dialogs.pedal import PedalDialog
from app.theme import Theme


def test_no_two_actions_share_a_name_or_a_key() -> None:
    assert Counter(row.name for row in ACTIONS).most_common(1)[0][1] == 1
    assert Counter(row.key for row in ACTIONS if row.key).most_common(1)[0][1] == 1


@pytest.mark.parametrize("row", ACTIONS, ids=lambda row: row.name)
def test_every_action_has_its_icon_and_words(row: ActionSpec) -> None:
    assert resources.path(f"icons/{row.icon}.svg").is_file()
    assert label(row)


def test_every_live_action_has_one_plain_key() -> None:
    live = [row for row in ACTIONS if row.short]
    assert all(row.key and "+" not in row.key for row in live)


def test_a_pedal_key_works_beside_the_own_key(qtbot: QtBot) -> None:
    actions = Actions(Theme(), {})
    actions.learn("freeze", "F9")
    assert actions.keys("freeze") == ["F", "F9"]
    assert [key.toString() for key in actions["freeze"].shortcuts()] == ["F", "F9"]


def test_a_pedal_key_belongs_to_one_action_only(qtbot: QtBot) -> None:
    actions = Actions(Theme(), {"freeze": "F9"})
    actions.learn("bypass", "F9")
    assert actions.owner_of("F9") == "bypass"
    assert actions.keys("freeze") == ["F"]


def test_the_pedal_dialog_learns_what_is_pressed_and_keeps_it(qtbot: QtBot, house: House) -> None:
    dialog = house.sheets.show_pedal()
    assert isinstance(dialog, PedalDialog)
    assert dialog.prompt.text() == "Press your pedal now"
    with qtbot.waitSignal(dialog.learned):
        qtbot.keyClick(dialog, Qt.Key.Key_F9)
    assert dialog.prompt.text() == "Learned: F9"
    assert house.preferences.settings.keys.shortcuts == {"compare": "F9"}
    dialog.reject()


def test_the_pedal_dialog_refuses_a_key_that_means_something_else(qtbot: QtBot, house: House) -> None:
    dialog = house.sheets.show_pedal()
    assert isinstance(dialog, PedalDialog)
    qtbot.keyClick(dialog, Qt.Key.Key_F)
    assert "already means: Freeze" in dialog.prompt.text()
    assert house.preferences.settings.keys.shortcuts == {}
    dialog.reject()
