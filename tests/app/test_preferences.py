"""What the user switches is remembered, validated, and reset page by page."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QKeySequenceEdit
from pytestqt.qtbot import QtBot

from app.compose import House
from app.dialogs.settings import PAGES, SettingsDialog
from app.preferences import Preferences
from app.strength import STRENGTHS
from app.theme import HIGH_CONTRAST
from app.views.stage import Layout
from engine.errors import SettingsError
from engine.inference.choose import BackendOptions
from engine.settings import Settings
from tests.fakes_session import ScriptedSession


def test_what_was_switched_is_there_at_the_next_start(qtbot: QtBot, tmp_path: Path, house: House) -> None:
    for name in ("mirror", "tooth_overlay", "lock", "high_contrast"):
        house.actions[name].setChecked(True)
    house.arrangement.show_layout(Layout.ONE_LARGE)
    house.preferences.close()
    kept = Preferences(tmp_path / "settings.json").settings
    assert (kept.picture.is_mirrored, kept.picture.stabilizer_mode) == (True, "lock")
    assert (kept.look.layout, kept.look.theme, kept.look.shows_tooth_overlay) == ("one_large", "high_contrast", True)
    again = House(ScriptedSession(), Preferences(tmp_path / "settings.json"), BackendOptions(), (1280, 720))  # type: ignore[arg-type]
    assert again.live_page.stage.view_layout is Layout.ONE_LARGE
    assert again.actions["mirror"].isChecked()
    assert again.theme.palette is HIGH_CONTRAST
    again.close()
    again.window.deleteLater()


def test_a_remembered_lock_reaches_the_session(qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"version": 1, "picture": {"stabilizer_mode": "lock"}}))
    session = ScriptedSession()
    house = House(session, Preferences(path), BackendOptions(), (1280, 720))  # type: ignore[arg-type]
    assert ("set_mode", "lock") in session.commands
    house.close()
    house.window.deleteLater()


def test_a_closed_window_takes_no_keys_from_what_comes_after(qtbot: QtBot, tmp_path: Path) -> None:
    closed = House(ScriptedSession(), Preferences(tmp_path / "settings.json"), BackendOptions(), (1280, 720))  # type: ignore[arg-type]
    closed.close()
    heard = QKeySequenceEdit()
    qtbot.addWidget(heard)
    qtbot.keyClick(heard, Qt.Key.Key_Space)
    assert heard.keySequence().toString() == "Space"
    closed.window.deleteLater()


def test_a_damaged_safety_setting_is_refused_not_guessed(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"version": 1, "picture": {"is_mirrored": "perhaps"}}))
    with pytest.raises(SettingsError, match="is not guessed"):
        Preferences(path)


def test_the_strength_key_walks_through_the_presets(qtbot: QtBot, house: House, session: ScriptedSession) -> None:
    for expected in (STRENGTHS[2], STRENGTHS[0], STRENGTHS[1]):
        qtbot.keyClick(house.window, Qt.Key.Key_S)
        name, options = session.commands[-1]
        assert name == "set_stabilizer"
        assert (options.crop, options.cutoff_hz) == (expected.crop, expected.cutoff_hz)
    assert house.window.notices.notices[-1].sentence == "Strength: normal."


def test_a_change_in_the_settings_dialog_holds_at_once(qtbot: QtBot, house: House) -> None:
    dialog = house.sheets.show_settings()
    assert isinstance(dialog, SettingsDialog)
    dialog.editor("picture", "is_mirrored").setChecked(True)  # type: ignore[attr-defined]
    assert house.actions["mirror"].isChecked()
    dialog.editor("picture", "crop").setValue(10.0)  # type: ignore[attr-defined]
    assert house.preferences.settings.picture.crop == pytest.approx(0.1)
    dialog.reject()


def test_a_page_is_reset_and_the_others_stay(qtbot: QtBot, house: House) -> None:
    house.preferences.change("picture", is_mirrored=True)
    house.preferences.change("recording", crf=30)
    dialog = house.sheets.show_settings()
    assert isinstance(dialog, SettingsDialog)
    dialog.list.setCurrentRow([page.name for page in PAGES].index("picture"))
    dialog._reset()
    assert house.preferences.settings.picture == Settings().picture
    assert house.preferences.settings.recording.crf == 30
    assert not house.actions["mirror"].isChecked()
    dialog.reject()


def test_every_row_of_the_dialog_is_a_real_setting(house: House) -> None:
    for page in PAGES:
        for row in page.rows:
            assert hasattr(getattr(Settings(), page.name), row.name)


def test_a_disk_that_refuses_is_told(qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    preferences = Preferences(tmp_path / "none" / "settings.json")
    (tmp_path / "none").write_text("")  # where the folder should be
    preferences.change("look", theme="high_contrast")
    with qtbot.waitSignal(preferences.save_failed) as told:
        preferences.close()
    assert "cannot be saved" in told.args[0]
