"""Drawing in the window: strokes land on both pictures, are edited, undone and saved."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from pytestqt.qtbot import QtBot

from app.compose import House
from app.dialogs.labels import LabelsDialog
from app.dialogs.tooth import ToothDialog
from app.presenters.annotation import AnnotationPresenter
from app.presenters.review import ReviewPresenter
from app.theme import TARGET_PX, Theme
from app.views.tooth_chart import ToothChart
from engine.annotation.shapes import FDI_TEETH, Kind, Space
from engine.annotation.store import AnnotationStore
from tests.recorded_session import STEP_NS, record_session

Points = list[tuple[float, float]]
PATIENCE_MS = 20_000  # a loaded machine decodes late, and is no failure


@pytest.fixture
def page(house: House, qtbot: QtBot, tmp_path: Path) -> ReviewPresenter:
    """A session open on frame 6."""
    folder = record_session(tmp_path / "library")
    house.show_page("review")
    review = house.pages["review"]
    assert isinstance(review, ReviewPresenter)
    with qtbot.waitSignal(review.opened):
        review.open(folder.root)
    review.playback.seek(5 * STEP_NS)
    qtbot.waitUntil(lambda: "frame 6 of" in review.view.transport.frame.text(), timeout=PATIENCE_MS)
    return review


def annotations(page: ReviewPresenter) -> AnnotationPresenter:
    assert page.annotations is not None
    return page.annotations


def draw(page: ReviewPresenter, qtbot: QtBot, space: Space, points: Points) -> None:
    surface = page.view.stage.surfaces[space]
    places = [surface.widget_from_picture().map(QPointF(*point)).toPoint() for point in points]
    qtbot.mousePress(surface, Qt.MouseButton.LeftButton, pos=places[0])
    for place in places[1:]:
        qtbot.mouseMove(surface, place)
    qtbot.mouseRelease(surface, Qt.MouseButton.LeftButton, pos=places[-1])


def rectangle(page: ReviewPresenter, qtbot: QtBot) -> None:
    page.command("tool_rectangle")
    draw(page, qtbot, Space.STABILIZED, [(60, 40), (80, 60), (100, 80)])


@pytest.mark.parametrize("tool", ["freehand", "arrow", "rectangle", "ellipse"])
def test_a_stroke_becomes_a_shape_on_both_pictures(page: ReviewPresenter, qtbot: QtBot, tool: str) -> None:
    page.command(f"tool_{tool}")
    draw(page, qtbot, Space.STABILIZED, [(60, 40), (80, 60), (100, 80)])
    (entry,) = annotations(page).document.annotations
    assert entry.kind.value == tool
    assert entry.start_ns == 5 * STEP_NS
    (raw,) = page.view.stage.surfaces[Space.RAW].shapes
    (stabilized,) = page.view.stage.surfaces[Space.STABILIZED].shapes
    assert np.allclose(stabilized.points - raw.points, (8, 4), atol=1e-6)


def test_a_slip_draws_nothing(page: ReviewPresenter, qtbot: QtBot) -> None:
    page.command("tool_arrow")
    draw(page, qtbot, Space.RAW, [(60, 40), (61, 41)])
    assert not annotations(page).document.annotations


def test_a_polygon_is_closed_by_return_and_begun_anew_by_escape(page: ReviewPresenter, qtbot: QtBot) -> None:
    page.command("tool_polygon")
    for point in [(40.0, 40.0), (90.0, 40.0), (90.0, 80.0)]:
        draw(page, qtbot, Space.RAW, [point])
    qtbot.keyClick(page.view, Qt.Key.Key_Return)
    (entry,) = annotations(page).document.annotations
    assert entry.drawing is not None
    assert len(entry.drawing.points) == 3
    draw(page, qtbot, Space.RAW, [(20.0, 20.0)])
    qtbot.keyClick(page.view, Qt.Key.Key_Escape)
    assert annotations(page).hand.tool == "select"
    assert page.session is not None


def test_text_is_written_where_it_was_tapped(page: ReviewPresenter, qtbot: QtBot) -> None:
    page.command("tool_text")
    draw(page, qtbot, Space.RAW, [(50.0, 50.0)])
    page.view.panel.text.setText("look here")
    page.view.panel.text.editingFinished.emit()
    (entry,) = annotations(page).document.annotations
    assert (entry.kind, entry.text) == (Kind.TEXT, "look here")


def click_on_the_list(page: ReviewPresenter, qtbot: QtBot) -> None:
    listed = page.view.panel.list
    place = listed.visualItemRect(listed.item(0)).center()
    qtbot.mouseClick(listed.viewport(), Qt.MouseButton.LeftButton, pos=place)


def go_back(page: ReviewPresenter, qtbot: QtBot) -> None:
    qtbot.mouseClick(page.view.buttons["back"], Qt.MouseButton.LeftButton)


def choose_a_tooth(page: ReviewPresenter, qtbot: QtBot) -> None:
    qtbot.mouseClick(page.view.panel.tooth, Qt.MouseButton.LeftButton)
    (dialog,) = page.view.window().findChildren(ToothDialog)
    dialog.chosen.emit(36)
    dialog.accept()


def begin_an_export(page: ReviewPresenter, qtbot: QtBot) -> None:
    qtbot.mouseClick(page.view.buttons["export"], Qt.MouseButton.LeftButton)
    assert page.export.dialog is not None
    page.export.dialog.reject()


def close_the_window(page: ReviewPresenter, _: QtBot) -> None:
    page.view.window().close()


@pytest.mark.parametrize(
    "leave",
    [click_on_the_list, go_back, choose_a_tooth, begin_an_export, close_the_window],
    ids=lambda one: one.__name__,
)
def test_a_note_is_kept_without_return_whatever_is_pressed_next(
    page: ReviewPresenter, qtbot: QtBot, leave: Callable[[ReviewPresenter, QtBot], None]
) -> None:
    assert page.session is not None
    database = page.session.folder.database
    page.command("marker")
    page.playback.seek(8 * STEP_NS)
    qtbot.waitUntil(lambda: "frame 9 of" in page.view.transport.frame.text(), timeout=PATIENCE_MS)
    page.command("marker")
    page.view.panel.text.setFocus()
    qtbot.keyClicks(page.view.panel.text, "deep, watch it")
    leave(page, qtbot)
    if page.annotations is not None:
        page.annotations.autosave.wait()
    with closing(AnnotationStore(database)) as store:
        assert [one.text for one in store.load().annotations] == ["", "deep, watch it"]


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Escape])
def test_the_keys_are_the_pages_again_once_a_note_is_written(page: ReviewPresenter, qtbot: QtBot, key: Qt.Key) -> None:
    page.command("marker")
    page.view.window().activateWindow()
    text = page.view.panel.text
    text.setFocus()
    qtbot.waitUntil(text.hasFocus)
    qtbot.keyClicks(text, "deep")
    qtbot.keyClick(text, key)
    assert page.view.hasFocus()
    assert page.session is not None
    assert [one.text for one in annotations(page).document.annotations] == ["deep"]


def test_a_range_that_was_not_ended_ends_where_the_session_is_left(page: ReviewPresenter, qtbot: QtBot) -> None:
    assert page.session is not None
    database = page.session.folder.database
    button = page.view.buttons["range"]
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert button.isChecked()
    page.playback.seek(8 * STEP_NS)
    qtbot.waitUntil(lambda: "frame 9 of" in page.view.transport.frame.text(), timeout=PATIENCE_MS)
    page.back()
    assert not button.isChecked()
    with closing(AnnotationStore(database)) as store:
        (entry,) = store.load().annotations
    assert (entry.start_ns, entry.end_ns) == (5 * STEP_NS, 8 * STEP_NS)


def test_a_range_shows_its_end_in_the_list_and_is_chosen_anywhere_on_its_bar(
    page: ReviewPresenter, qtbot: QtBot
) -> None:
    for frame in (8, 24):
        page.playback.seek(frame * STEP_NS)
        words = f"frame {frame + 1} of"
        qtbot.waitUntil(lambda words=words: words in page.view.transport.frame.text(), timeout=PATIENCE_MS)  # type: ignore[misc]
        page.command("range")
    assert page.view.panel.list.item(0).text().startswith("0:00.3 \u2013 0:01   ")
    page.command("marker")
    entries = {one.kind: one.annotation_id for one in annotations(page).document.annotations}
    line = page.view.timeline
    height = line.height() // 4  # the lane of flags and ranges
    for t_ns, kind in ((16 * STEP_NS, Kind.RANGE), (24 * STEP_NS, Kind.MARKER)):
        qtbot.mouseClick(line, Qt.MouseButton.LeftButton, pos=QPoint(round(line.x_of(t_ns)), height))
        assert annotations(page).selected == entries[kind]


def test_a_chosen_shape_is_dragged_on_the_other_picture(page: ReviewPresenter, qtbot: QtBot) -> None:
    rectangle(page, qtbot)
    page.command("tool_select")
    draw(page, qtbot, Space.RAW, [(72, 56), (82, 61), (92, 66)])
    (entry,) = annotations(page).document.annotations
    assert entry.drawing is not None
    (left, top), _ = entry.drawing.points
    assert (left * 160, top * 120) == pytest.approx((80, 50), abs=0.6)
    assert entry.revision == 2


def test_label_tooth_and_follow_are_edited_and_undone(page: ReviewPresenter, house: House, qtbot: QtBot) -> None:
    rectangle(page, qtbot)
    panel, presenter = page.view.panel, annotations(page)
    panel.label_chosen.emit("crack")
    panel.follow.click()
    panel.tooth.click()
    dialog = house.window.findChild(ToothDialog)
    assert dialog is not None
    place = dialog.chart.rect_of(46).center().toPoint()
    qtbot.mouseClick(dialog.chart, Qt.MouseButton.LeftButton, pos=place)
    (entry,) = presenter.document.annotations
    assert entry.drawing is not None
    assert (entry.label, entry.tooth, entry.drawing.follows_tooth) == ("crack", 46, True)
    assert panel.tooth.text() == "Tooth 46"
    for _ in range(4):
        qtbot.keyClick(page.view, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert not presenter.document.annotations
    qtbot.keyClick(page.view, Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
    assert [one.label for one in presenter.document.annotations] == [""]


def test_the_operator_of_the_settings_signs_what_is_marked(page: ReviewPresenter, house: House) -> None:
    house.preferences.change("recording", operator="Dr. Ny")
    annotations(page).mark()
    (entry,) = annotations(page).document.annotations
    assert entry.author == "Dr. Ny"
    assert entry.created


def test_a_shape_that_follows_hides_once_the_tooth_was_lost(page: ReviewPresenter, qtbot: QtBot) -> None:
    page.view.panel.follow.setChecked(True)
    rectangle(page, qtbot)
    page.playback.seek(15 * STEP_NS)
    qtbot.waitUntil(lambda: "frame 16 of" in page.view.transport.frame.text(), timeout=PATIENCE_MS)
    assert len(page.view.stage.surfaces[Space.RAW].shapes) == 1
    page.playback.seek(30 * STEP_NS)
    qtbot.waitUntil(lambda: "frame 31 of" in page.view.transport.frame.text(), timeout=PATIENCE_MS)
    assert not page.view.stage.surfaces[Space.RAW].shapes


def test_the_list_is_filtered_by_words_kind_and_tooth(page: ReviewPresenter, qtbot: QtBot) -> None:
    panel, presenter = page.view.panel, annotations(page)
    panel.label_chosen.emit("caries")
    presenter.fields.set_tooth(36)
    presenter.mark()
    presenter.select("")
    panel.label_chosen.emit("crack")
    presenter.fields.set_tooth(None)
    rectangle(page, qtbot)
    assert panel.list.count() == 2
    panel.search.setText("crack")
    assert panel.list.count() == 1
    panel.search.setText("36")
    assert "caries" in panel.list.item(0).text()
    panel.search.setText("")
    panel.kinds.setCurrentIndex(panel.kinds.findData("drawn"))
    assert "crack" in panel.list.item(0).text()


def test_delete_takes_the_chosen_one_out_and_it_is_saved(page: ReviewPresenter, qtbot: QtBot) -> None:
    rectangle(page, qtbot)
    presenter = annotations(page)
    presenter.mark()
    qtbot.keyClick(page.view, Qt.Key.Key_Delete)
    presenter.autosave.wait()
    assert page.session is not None
    store = AnnotationStore(page.session.folder.database)
    assert [one.kind for one in store.load().annotations] == [Kind.RECTANGLE]
    store.close()


def test_the_labels_are_a_list_of_ones_own(page: ReviewPresenter, house: House) -> None:
    page.view.panel.labels_requested.emit()
    dialog = house.window.findChild(LabelsDialog)
    assert dialog is not None
    dialog.lines.setPlainText("abrasion\n\n erosion \nabrasion")
    dialog.keep.click()
    assert tuple(house.preferences.settings.recording.labels) == ("abrasion", "erosion")
    assert page.view.panel.label.findData("erosion") > 0


def test_the_chart_shows_every_tooth_once_and_large_enough(qtbot: QtBot) -> None:
    chart = ToothChart(Theme(), None)
    qtbot.addWidget(chart)
    rects = {tooth: chart.rect_of(tooth) for tooth in FDI_TEETH}
    assert all(rect.width() >= TARGET_PX and chart.rect().contains(rect.toAlignedRect()) for rect in rects.values())
    assert all(chart.tooth_at(rect.center()) == tooth for tooth, rect in rects.items())
