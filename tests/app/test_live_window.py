"""The window never lets an old, frozen or bypassed picture pass for a live one."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot

from app.compose import House
from app.pump import Freshness
from app.views.chip import Chip
from app.views.stage import View
from app.views.surface import Veil
from engine.events import EventKind
from engine.values import Liveness, Mode, Tracking
from tests.fakes_session import ScriptedSession, happened, healthy, raw_frame, stabilized

LIVE = Freshness(Liveness.LIVE, Liveness.LIVE, 0)
DEAD = Freshness(Liveness.NO_LIVE_IMAGE, Liveness.NO_LIVE_IMAGE, 2300)


def show_frame(house: House, session: ScriptedSession, seq: int = 1, **kinds: object) -> None:
    """One frame through the pump, as it happens thirty times a second."""
    session.raw, session.output = raw_frame(seq), stabilized(seq, **kinds)  # type: ignore[arg-type]
    house.pump._looked_ns = 0
    house.pump.tick()


def chips(house: House) -> list[Chip]:
    return [house.live_page.stage.panes[view].chip.chip for view in View]


def grey_at_centre(house: House, view: View) -> int:
    surface = house.live_page.stage.panes[view].surface
    image = surface.grab().toImage()
    return QColor(image.pixel(image.width() // 2, image.height() // 2)).red()


def test_each_view_shows_its_own_picture(house: House, session: ScriptedSession) -> None:
    show_frame(house, session)
    assert [grey_at_centre(house, view) for view in View] == [120, 100, 150]
    assert chips(house) == [Chip.LIVE, Chip.ENHANCED, Chip.LOCKED]


def test_the_raw_view_lives_without_any_output(house: House, session: ScriptedSession) -> None:
    session.raw = raw_frame(1)
    house.pump.tick()
    assert grey_at_centre(house, View.RAW) == 120
    assert chips(house) == [Chip.LIVE, Chip.WAITING, Chip.WAITING]


def test_the_live_dot_breathes_with_fresh_pictures_only(house: House, session: ScriptedSession) -> None:
    chip = house.live_page.stage.panes[View.RAW].chip
    show_frame(house, session)
    before = chip.grab().toImage()
    house.pump.tick()
    assert chip.grab().toImage() == before
    house.live._beaten_ns = 0
    show_frame(house, session, 2)
    assert chip.grab().toImage() != before


def test_a_hidden_view_shows_the_newest_picture_when_it_comes_back(house: House, session: ScriptedSession) -> None:
    house.actions["view_stabilized"].trigger()
    show_frame(house, session)
    house.actions["view_raw"].trigger()
    assert grey_at_centre(house, View.RAW) == 120


def test_every_button_has_a_name_for_those_who_hear_it(house: House) -> None:
    buttons = house.window.findChildren(QAbstractButton)
    unnamed = [button for button in buttons if button.isVisible() and not (button.accessibleName() or button.text())]
    assert not unnamed


def test_tracking_is_told_on_the_stabilized_view(house: House, session: ScriptedSession) -> None:
    for seq, (tracking, chip) in enumerate(
        ((Tracking.COASTING, Chip.COASTING), (Tracking.LOST, Chip.LOST), (Tracking.REANCHORING, Chip.REANCHORING)), 1
    ):
        show_frame(house, session, seq, tracking=tracking)
        assert chips(house)[2] is chip


def test_an_old_picture_is_greyed_framed_and_named(house: House, session: ScriptedSession) -> None:
    show_frame(house, session)
    house.pump.freshness_judged.emit(DEAD)
    surface = house.live_page.stage.panes[View.STABILIZED].surface
    assert chips(house) == [Chip.NO_LIVE_IMAGE] * 3
    assert surface.veil is Veil.NO_LIVE
    assert surface.message == "NO LIVE IMAGE\nlast picture 2.3 s ago"
    assert house.live_page.banner.text() == "NO LIVE IMAGE: do not work by this picture"
    corner = QColor(surface.grab().toImage().pixel(surface.picture_rect().toRect().topLeft()))
    assert corner.red() > 200
    assert corner.green() < 100


def test_the_picture_comes_back_when_it_is_fresh_again(house: House, session: ScriptedSession) -> None:
    show_frame(house, session)
    house.pump.freshness_judged.emit(DEAD)
    show_frame(house, session, 2)
    assert chips(house)[0] is Chip.LIVE
    assert house.live_page.stage.panes[View.RAW].surface.veil is Veil.CLEAR
    assert house.live_page.banner.isHidden()


def test_a_late_picture_turns_amber(house: House, session: ScriptedSession) -> None:
    show_frame(house, session)
    house.pump.freshness_judged.emit(Freshness(Liveness.STALE, Liveness.STALE, 260))
    assert chips(house) == [Chip.LATE] * 3
    assert house.live_page.stage.panes[View.RAW].surface.veil is Veil.LATE


def test_a_dead_engine_leaves_the_raw_view_live(house: House, session: ScriptedSession) -> None:
    show_frame(house, session)
    house.pump.freshness_judged.emit(Freshness(Liveness.LIVE, Liveness.NO_LIVE_IMAGE, 0))
    assert chips(house) == [Chip.LIVE, Chip.NO_LIVE_IMAGE, Chip.NO_LIVE_IMAGE]


def test_freeze_holds_the_picture_and_says_so(qtbot: QtBot, house: House, session: ScriptedSession) -> None:
    show_frame(house, session)
    qtbot.keyClick(house.window, Qt.Key.Key_F)
    session.raw = raw_frame(2, 200)
    house.pump.tick()
    assert grey_at_centre(house, View.RAW) == 120
    assert chips(house) == [Chip.FROZEN] * 3
    assert house.live_page.banner.text() == "FROZEN: this is not the live picture"
    qtbot.keyClick(house.window, Qt.Key.Key_F)
    session.raw = raw_frame(3, 200)
    house.pump.tick()
    assert grey_at_centre(house, View.RAW) == 200
    assert chips(house)[0] is Chip.LIVE


def test_a_frozen_picture_tells_that_the_live_one_is_lost(house: House, session: ScriptedSession) -> None:
    show_frame(house, session)
    house.actions["freeze"].setChecked(True)
    house.pump.freshness_judged.emit(DEAD)
    assert house.live_page.banner.text() == "FROZEN, and the live picture is lost"


def test_bypass_reaches_the_session_by_one_key(qtbot: QtBot, house: House, session: ScriptedSession) -> None:
    qtbot.keyClick(house.window, Qt.Key.Key_B)
    assert session.commands[-1] == ("set_bypass", True)


def test_bypass_has_its_banner_and_chips(house: House, session: ScriptedSession) -> None:
    session.told = healthy(bypass_reason="the engine was late (5 of the last 25 frames)")
    show_frame(house, session, mode=Mode.PASSTHROUGH)
    assert chips(house) == [Chip.LIVE, Chip.BYPASS, Chip.BYPASS]
    assert "the engine was late (5 of the last 25 frames)" in house.live_page.banner.text()
    assert house.live_page.banner.text().startswith("BYPASS")


def test_an_engine_that_is_off_does_not_call_its_picture_enhanced(house: House, session: ScriptedSession) -> None:
    session.told = replace(healthy(), backend="off", model="none")
    show_frame(house, session)
    assert chips(house) == [Chip.LIVE, Chip.OFF, Chip.OFF]


def test_a_lone_late_frame_does_not_make_the_chip_flicker(house: House, session: ScriptedSession) -> None:
    show_frame(house, session, 1)
    told = []
    for seq, mode in enumerate((Mode.PASSTHROUGH, Mode.STABILIZED, *[Mode.PASSTHROUGH] * 3, Mode.STABILIZED), 2):
        show_frame(house, session, seq, mode=mode)
        told.append(chips(house)[2])
    assert told == [*[Chip.LOCKED] * 4, Chip.BYPASS, Chip.LOCKED]


def test_holding_space_shows_raw_and_letting_go_ends_it(qtbot: QtBot, house: House, session: ScriptedSession) -> None:
    show_frame(house, session)
    qtbot.keyPress(house.window, Qt.Key.Key_Space)
    assert grey_at_centre(house, View.STABILIZED) == 50
    assert chips(house)[2] is Chip.COMPARING
    qtbot.keyRelease(house.window, Qt.Key.Key_Space)
    assert grey_at_centre(house, View.STABILIZED) == 150
    assert chips(house)[2] is Chip.LOCKED


def test_a_tap_on_the_stabilized_view_chooses_the_tooth_in_raw_pixels(house: House, session: ScriptedSession) -> None:
    show_frame(house, session, moved_px=(10.0, -5.0))
    house.live_page.stage.tapped.emit(View.STABILIZED, QPointF(60, 40))
    assert session.commands[-1] == ("choose_tooth", 50.0, 45.0)
    house.live_page.stage.tapped.emit(View.ENHANCED, QPointF(60, 40))
    assert session.commands[-1] == ("choose_tooth", 60.0, 40.0)


def test_a_tap_on_a_mirrored_view_hits_what_the_finger_sees(
    qtbot: QtBot, house: House, session: ScriptedSession
) -> None:
    show_frame(house, session)
    house.actions["mirror"].setChecked(True)
    surface = house.live_page.stage.panes[View.ENHANCED].surface
    picture = surface.picture_rect()
    at = picture.topLeft() + QPointF(picture.width() * 0.25, picture.height() * 0.5)
    qtbot.mouseClick(surface, Qt.MouseButton.LeftButton, pos=at.toPoint())
    name, x, y = session.commands[-1]
    assert name == "choose_tooth"
    assert abs(x - 0.75 * 128) < 1
    assert abs(y - 0.5 * 96) < 1


def test_no_tooth_is_chosen_on_a_frozen_picture(house: House, session: ScriptedSession) -> None:
    show_frame(house, session)
    house.actions["freeze"].setChecked(True)
    house.live_page.stage.tapped.emit(View.RAW, QPointF(60, 40))
    assert not [command for command in session.commands if command[0] == "choose_tooth"]
    assert house.window.notices.notices[0].sentence == "A tooth can be chosen only on the live picture."


def test_another_source_leaves_nothing_of_the_old_one(house: House, session: ScriptedSession) -> None:
    show_frame(house, session)
    house.live.forget()
    assert grey_at_centre(house, View.RAW) == 0


def test_another_source_is_never_frozen(house: House, session: ScriptedSession) -> None:
    show_frame(house, session)
    house.actions["freeze"].setChecked(True)
    house.live.forget()
    show_frame(house, session, 2)
    assert not house.actions["freeze"].isChecked()
    assert chips(house)[0] is Chip.LIVE


def test_the_end_of_a_file_is_told(house: House, session: ScriptedSession) -> None:
    show_frame(house, session)
    session.happened = [happened(EventKind.ENDED, "The file has ended.")]
    show_frame(house, session, 2)
    house.pump.freshness_judged.emit(LIVE)
    assert chips(house) == [Chip.ENDED] * 3


def test_a_lost_camera_is_told_with_its_remedy_until_it_is_back(house: House, session: ScriptedSession) -> None:
    session.happened = [happened(EventKind.SOURCE_LOST, "The camera is gone.", "Check the cable.")]
    show_frame(house, session)
    assert [(n.sentence, n.remedy) for n in house.window.notices.notices] == [
        ("The camera is gone.", "Check the cable.")
    ]
    session.happened = [happened(EventKind.SOURCE_OPENED)]
    show_frame(house, session, 2)
    assert house.window.notices.notices == ()


def test_the_health_bar_reads_source_rates_latency_drops_engine_and_tracking(
    house: House, session: ScriptedSession
) -> None:
    show_frame(house, session)
    bar = house.window.health_bar
    assert bar.source.reading.text == "Scripted camera"
    assert (bar.rate_in.reading.text, bar.rate_out.reading.text) == ("30.0 fps", "29.8 fps")
    assert bar.latency.reading.text == "21 · 28 ms"
    assert bar.drops.reading.text == "0"
    assert bar.backend.reading.text == "scripted-net · scripted-cpu"
    assert bar.tracking.reading.text == "Locked"


def test_numbers_do_not_move_their_neighbours(house: House, session: ScriptedSession) -> None:
    bar = house.window.health_bar
    show_frame(house, session)
    before = bar.latency.geometry()
    session.told = healthy()
    house.vitals._shown_ns = 0
    show_frame(house, session, 2)
    assert bar.latency.geometry() == before
