"""Layouts, mirror, rotation, zoom, full screen and the other display: one key each."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from pytestqt.qtbot import QtBot

from app.compose import House
from app.views.orientation import Orientation
from app.views.stage import Layout, View
from tests.fakes_session import ScriptedSession, raw_frame, stabilized


@pytest.mark.parametrize(
    ("key", "layout", "shown"),
    [
        (Qt.Key.Key_1, Layout.RAW, {View.RAW}),
        (Qt.Key.Key_2, Layout.ENHANCED, {View.ENHANCED}),
        (Qt.Key.Key_3, Layout.STABILIZED, {View.STABILIZED}),
        (Qt.Key.Key_4, Layout.SIDE_BY_SIDE, set(View)),
        (Qt.Key.Key_5, Layout.ONE_LARGE, set(View)),
    ],
)
def test_one_key_chooses_what_fills_the_stage(
    qtbot: QtBot, house: House, key: Qt.Key, layout: Layout, shown: set[View]
) -> None:
    qtbot.keyClick(house.window, key)
    stage = house.live_page.stage
    assert stage.view_layout is layout
    assert {view for view in View if stage.panes[view].isVisible()} == shown


def test_the_stage_fills_four_fifths_of_the_window(house: House) -> None:
    stage, window = house.live_page.stage, house.window
    assert stage.width() * stage.height() >= 0.8 * window.width() * window.height()


def test_side_by_side_views_are_of_one_size_and_on_one_line(house: House) -> None:
    panes = [house.live_page.stage.panes[view] for view in View]
    assert len({(pane.width(), pane.height(), pane.y()) for pane in panes}) == 1


def test_in_one_large_the_small_views_line_up_with_the_large_one(house: House) -> None:
    house.arrangement.show_layout(Layout.ONE_LARGE)
    large, raw, enhanced = (
        house.live_page.stage.panes[view].geometry() for view in (View.STABILIZED, View.RAW, View.ENHANCED)
    )
    assert large.top() == raw.top()
    assert large.bottom() == enhanced.bottom()
    assert raw.left() == enhanced.left()


def test_a_mirrored_picture_is_marked(qtbot: QtBot, house: House) -> None:
    qtbot.keyClick(house.window, Qt.Key.Key_M)
    assert house.live_page.stage.panes[View.RAW].band.mark == "MIRRORED"
    qtbot.keyClick(house.window, Qt.Key.Key_M)
    assert house.live_page.stage.panes[View.RAW].band.mark == ""


def test_turn_and_zoom_are_marked_too(qtbot: QtBot, house: House) -> None:
    qtbot.keyClick(house.window, Qt.Key.Key_O)
    qtbot.keyClick(house.window, Qt.Key.Key_Plus)
    assert house.live_page.stage.panes[View.STABILIZED].band.mark == "90° 1.5×"
    qtbot.keyClick(house.window, Qt.Key.Key_0)
    assert house.live_page.stage.panes[View.STABILIZED].band.mark == "90°"


def test_full_screen_leaves_nothing_but_the_picture_and_escape_leads_back(qtbot: QtBot, house: House) -> None:
    qtbot.keyClick(house.window, Qt.Key.Key_F11)
    assert house.window.isFullScreen()
    assert not house.window.top_bar.isVisible()
    assert not house.window.health_bar.isVisible()
    qtbot.keyClick(house.window, Qt.Key.Key_Escape)
    assert not house.window.isFullScreen()
    assert house.window.top_bar.isVisible()


def test_a_view_goes_to_a_window_of_its_own_and_comes_back(
    qtbot: QtBot, house: House, session: ScriptedSession
) -> None:
    house.actions["other_display"].setChecked(True)
    stage = house.live_page.stage
    pane = stage.panes[View.STABILIZED]
    assert pane.window() is not house.window
    assert stage.shown_views() == (View.RAW, View.ENHANCED)
    session.raw, session.output = raw_frame(1), stabilized(1)
    house.pump.tick()
    assert pane.chip.word == "LOCKED"
    qtbot.keyClick(pane.window(), Qt.Key.Key_Escape)
    assert pane.window() is house.window
    assert stage.shown_views() == tuple(View)
    assert not house.actions["other_display"].isChecked()


@pytest.mark.parametrize("turns", range(4))
@pytest.mark.parametrize("is_mirrored", [False, True])
def test_the_whole_turned_picture_lies_in_its_rectangle(turns: int, is_mirrored: bool) -> None:
    orientation = Orientation(is_mirrored, turns)
    picture, area = QSizeF(640, 480), QRectF(10, 20, 900, 500)
    target = orientation.fitted(picture, area)
    mapped = orientation.screen_from_picture(picture, target).mapRect(QRectF(QPointF(0, 0), picture))
    assert area.adjusted(-1e-6, -1e-6, 1e-6, 1e-6).contains(mapped)
    assert mapped.center() == target.center()
    assert abs(mapped.width() - target.width()) < 1e-6


def test_the_control_bar_stays_over_black_and_leaves_a_picture_alone(qtbot: QtBot, house: House) -> None:
    controls = house.live_page.controls
    house.arrangement.show_layout(Layout.SIDE_BY_SIDE)
    controls._hide_if_idle()
    assert controls.isVisible()
    house.arrangement.show_layout(Layout.STABILIZED)
    controls._hide_if_idle()
    assert not controls.isVisible()
    house.live_page.stage.touched.emit()
    assert controls.isVisible()


def test_every_button_of_the_control_bar_is_a_large_target_inside_the_window(house: House) -> None:
    controls = house.live_page.controls
    assert all(button.width() >= 48 and button.height() >= 48 for button in controls._buttons)
    assert house.live_page.stage.rect().contains(controls.geometry())
