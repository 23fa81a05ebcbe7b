"""The REVIEW page in a real window: keys, time line, comparison, marks."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from app.compose import House
from app.presenters.review import ReviewPresenter
from app.views.notices import Notice
from app.views.timeline import Lane
from engine.annotation.shapes import Space
from engine.archive.reader import open_session
from tests.recorded_session import STEP_NS, number_of
from tests.review_in_window import PATIENCE_MS, press, wait_for_frame


def test_keys_play_step_and_jump(player: ReviewPresenter, qtbot: QtBot) -> None:
    press(player, qtbot, Qt.Key.Key_Period)
    wait_for_frame(player, qtbot, 2)
    press(player, qtbot, Qt.Key.Key_End)
    wait_for_frame(player, qtbot, 40)
    press(player, qtbot, Qt.Key.Key_Comma)
    wait_for_frame(player, qtbot, 39)
    press(player, qtbot, Qt.Key.Key_Home)
    wait_for_frame(player, qtbot, 1)
    running = player.playback.player
    assert running is not None
    running.set_speed(0.25)  # five seconds to its end, which a busy machine does not oversleep
    press(player, qtbot, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: running.is_playing, timeout=PATIENCE_MS)
    press(player, qtbot, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: not running.is_playing, timeout=PATIENCE_MS)


def test_space_belongs_to_the_live_page_again_after_review(player: ReviewPresenter, house: House) -> None:
    assert not house.actions["compare"].isEnabled()
    house.show_page("live")
    assert house.actions["compare"].isEnabled()


def test_letters_go_into_a_line_of_text_and_not_to_the_player(player: ReviewPresenter, qtbot: QtBot) -> None:
    line: QLineEdit = player.view.panel.search
    line.setFocus()
    qtbot.keyClicks(line, "k w")
    assert line.text() == "k w"
    assert player.annotations is not None
    assert not player.annotations.document.annotations


def test_markers_are_set_and_found_again(player: ReviewPresenter, qtbot: QtBot) -> None:
    for frame in (5, 30):
        player.command("first")
        player.playback.seek(frame * STEP_NS)
        wait_for_frame(player, qtbot, frame + 1)
        press(player, qtbot, Qt.Key.Key_K)
    press(player, qtbot, Qt.Key.Key_PageUp)
    wait_for_frame(player, qtbot, 6)
    press(player, qtbot, Qt.Key.Key_PageDown)
    wait_for_frame(player, qtbot, 31)
    assert [mark.start_ns for mark in player.view.timeline.state.marks] == [5 * STEP_NS, 30 * STEP_NS]


def test_the_wipe_parts_the_picture_and_moves_by_key(player: ReviewPresenter, qtbot: QtBot) -> None:
    press(player, qtbot, Qt.Key.Key_W)
    stage = player.view.stage
    assert stage.comparison.name == "WIPE"
    before = player.view.stage.wipe
    qtbot.keyClick(player.view, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert player.view.stage.wipe > before
    press(player, qtbot, Qt.Key.Key_1)
    assert stage.comparison.name == "RAW"


def test_the_time_line_seeks_and_says_where_the_tooth_was_lost(player: ReviewPresenter, qtbot: QtBot) -> None:
    timeline = player.view.timeline
    assert "lost" in timeline.words_at(22 * STEP_NS)
    assert timeline.words_at(2 * STEP_NS) == ""
    timeline.sought.emit(12 * STEP_NS)
    wait_for_frame(player, qtbot, 13)
    assert number_of(player.view.stage._pictures[Space.RAW]) == 12


def test_what_was_marked_is_there_after_the_window_closed(player: ReviewPresenter, house: House, qtbot: QtBot) -> None:
    assert player.session is not None
    root = player.session.folder.root
    player.command("marker")
    house.window.close()
    assert [one.kind.value for one in open_session(root).annotations()] == ["marker"]


def test_notices_lie_below_the_list_and_leave_the_pictures_free(player: ReviewPresenter, house: House) -> None:
    panel, area = player.view.panel, house.window.notices
    for number in range(3):
        house.desk.shell.tell(Notice(f"Something is wrong for the {number}. time.", "Do this.", "caution"))
    place = area.geometry().translated(area.parentWidget().mapToGlobal(QPoint()))
    assert place.left() >= panel.mapToGlobal(QPoint()).x()
    panel.layout().activate()
    assert panel.hint.mapToGlobal(QPoint(0, panel.hint.height())).y() <= place.top()
    house.show_page("live")
    assert area.x() < 100
    house.show_page("review")
    assert area.x() > panel.x()
    player.back()
    assert area.x() < 100


def test_the_colours_of_the_time_line_are_explained_where_they_stand(player: ReviewPresenter) -> None:
    timeline = player.view.timeline
    assert timeline.legend() == {"lost": "Tooth lost from sight"}
    with_legend = timeline.sizeHint().height()
    gap = Lane(0, STEP_NS, "recorder")
    timeline.show_state(replace(timeline.state, lanes=(*timeline.state.lanes, gap)))
    assert list(timeline.legend().values()) == ["Frames missing", "Tooth lost from sight"]
    timeline.show_state(replace(timeline.state, lanes=()))
    assert timeline.sizeHint().height() < with_legend


def test_every_button_of_review_has_a_name_and_says_its_key(player: ReviewPresenter) -> None:
    panel = player.view.panel
    tools = [*panel.tools.values(), panel.undo, panel.redo, panel.delete]
    assert all(button.text() for button in tools)
    for button in (*tools, *player.view.buttons.values()):
        assert button.toolTip() == button.accessibleName() != ""
        if button.text():
            assert button.fontMetrics().horizontalAdvance(button.text()) <= button.width(), button.text()
