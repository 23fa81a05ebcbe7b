"""Annotations: undo, saving, exchange and where shapes land on raw and stabilized pictures."""

from __future__ import annotations

import json
import math
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.annotation.document import AnnotationDocument
from engine.annotation.interchange import from_json, to_json
from engine.annotation.mapping import FramePose, apply, shown_pixels
from engine.annotation.shapes import IDENTITY, Annotation, Drawing, Kind, Nine, Space
from engine.annotation.store import AnnotationStore
from engine.annotation.text_exports import title, to_csv, to_webvtt
from engine.errors import AnnotationError
from engine.values import Matrix3

SIZE = (640, 480)


def similarity(angle: float, scale: float, dx: float, dy: float) -> Matrix3:
    cosine, sine = scale * math.cos(angle), scale * math.sin(angle)
    return np.array([[cosine, -sine, dx], [sine, cosine, dy], [0, 0, 1.0]])


def nine(matrix: Matrix3) -> Nine:
    values = tuple(float(value) for value in matrix.ravel())
    assert len(values) == 9
    return values  # type: ignore[return-value]


def marker(second: float, label: str = "caries") -> Annotation:
    return Annotation(Kind.MARKER, int(second * 1e9), label)


def arrow(space: Space, transform: Matrix3, *, follows_tooth: bool = False) -> Annotation:
    drawing = Drawing(((0.25, 0.5), (0.75, 0.625)), space, nine(transform), SIZE, follows_tooth)
    return Annotation(Kind.ARROW, 0, "crack", drawing=drawing, tooth=36)


def test_undo_and_redo_walk_the_same_path_back_and_forth() -> None:
    document = AnnotationDocument()
    first = marker(1)
    document.add(first)
    document.change(first.annotation_id, label="plaque", tooth=11)
    document.remove(first.annotation_id)
    states = [document.annotations]
    for _ in range(3):
        document.undo()
        states.append(document.annotations)
    assert [len(state) for state in states] == [0, 1, 1, 0]
    assert states[1][0].label == "plaque"
    assert states[2][0] == first
    for _ in range(3):
        document.redo()
    assert document.annotations == ()
    assert not document.can_redo


def test_a_new_change_forgets_what_was_undone() -> None:
    document = AnnotationDocument()
    document.add(marker(1))
    document.undo()
    document.add(marker(2))
    assert not document.can_redo


def test_every_change_is_on_disk_before_the_next_one(tmp_path: Path) -> None:
    document = AnnotationStore(tmp_path / "session.sqlite").load()
    entry = marker(3)
    document.add(entry)
    document.change(entry.annotation_id, text="look again")
    document.add(arrow(Space.RAW, np.eye(3)))
    # A second connection sees it without the first being closed: nothing waits in memory.
    reader = AnnotationStore(tmp_path / "session.sqlite")
    assert reader.load().annotations == document.annotations
    assert [revision.text for revision in reader.history(entry.annotation_id)] == ["", "look again"]


def test_undone_additions_do_not_come_back_after_a_restart(tmp_path: Path) -> None:
    document = AnnotationStore(tmp_path / "session.sqlite").load()
    document.add(marker(3))
    document.undo()
    assert AnnotationStore(tmp_path / "session.sqlite").load().annotations == ()


def test_json_gives_back_the_same_document() -> None:
    entries = [marker(1, "ünïcode <&>"), arrow(Space.STABILIZED, similarity(0.1, 1.07, 3, -4), follows_tooth=True)]
    assert from_json(to_json(entries, {"id": "x"})) == entries


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no JSON"),
        ("[]", "no Steadyscope annotations"),
        ('{"format": "steadyscope-annotations", "version": 99}', "version 99"),
        ('{"format": "steadyscope-annotations", "version": 1}', "missing"),
        ('{"format": "steadyscope-annotations", "version": 1, "annotations": [{}]}', "malformed"),
    ],
)
def test_foreign_json_is_refused_in_a_sentence(text: str, words: str) -> None:
    with pytest.raises(AnnotationError, match=words):
        from_json(text)


@pytest.mark.parametrize("tooth", [10, 19, 49, 56, 90, -1])
def test_a_tooth_that_nobody_has_is_refused(tooth: int) -> None:
    with pytest.raises(AnnotationError, match="ISO 3950"):
        Annotation(Kind.MARKER, 0, tooth=tooth)


def test_a_shape_without_enough_points_is_refused() -> None:
    with pytest.raises(AnnotationError, match="polygon needs 3"):
        Annotation(Kind.POLYGON, 0, drawing=Drawing(((0, 0), (1, 1)), Space.RAW, IDENTITY, SIZE))


def test_drawn_on_stabilized_lands_on_the_same_tissue_in_raw() -> None:
    pose = similarity(0.05, 1.07, 12, -7)
    drawing = arrow(Space.STABILIZED, pose).drawing
    assert drawing is not None
    poses = [FramePose(0, pose, np.eye(3))]
    shown = shown_pixels(drawing, poses, 0, 0, Space.STABILIZED)
    raw = shown_pixels(drawing, poses, 0, 0, Space.RAW)
    assert shown is not None
    assert raw is not None
    np.testing.assert_allclose(apply(pose, raw), shown, atol=1e-9)


def shaky_poses(count: int) -> tuple[list[FramePose], list[Matrix3]]:
    """Poses of a shaky clip, and the true raw position of the tooth on each frame (from frame 0)."""
    rng = np.random.default_rng(4)
    truth, poses = [np.eye(3)], []
    for index in range(count):
        step = similarity(rng.normal(0, 0.004), 1 + rng.normal(0, 0.002), *rng.normal(0, 4, 2))
        if index:
            truth.append(step @ truth[-1])
        held = similarity(0.0, 1.07, -20, -15) @ np.linalg.inv(truth[-1])
        poses.append(FramePose(index * 33_000_000, held, step if index else None))
    return poses, truth


def test_a_shape_that_follows_the_tooth_stays_on_it_over_a_shaky_clip() -> None:
    poses, truth = shaky_poses(300)
    drawing = arrow(Space.STABILIZED, poses[10].stabilized_from_raw, follows_tooth=True).drawing
    assert drawing is not None
    at_drawing = shown_pixels(drawing, poses, 10, 10, Space.RAW)
    assert at_drawing is not None
    for now in (0 + 1, 150, 299):
        expected = apply(truth[now] @ np.linalg.inv(truth[10]), at_drawing)
        raw = shown_pixels(drawing, poses, 10, now, Space.RAW)
        assert raw is not None
        assert np.abs(raw - expected).max() < 1.0


def test_a_shape_is_not_shown_where_the_motion_was_lost() -> None:
    poses, _ = shaky_poses(20)
    poses[12] = FramePose(poses[12].t_ns, poses[12].stabilized_from_raw, None)
    drawing = arrow(Space.RAW, np.eye(3), follows_tooth=True).drawing
    assert drawing is not None
    assert shown_pixels(drawing, poses, 5, 11, Space.RAW) is not None
    assert shown_pixels(drawing, poses, 5, 15, Space.RAW) is None


def test_webvtt_cues_are_ordered_and_escaped() -> None:
    text = to_webvtt([marker(75.5, "a < b"), marker(2)], duration_ns=int(100e9))
    assert text.startswith("WEBVTT\n\n1\n00:00:02.000 --> 00:01:15.500\n")
    assert "00:01:15.500 --> 00:01:40.000\na &lt; b" in text


def test_csv_defuses_what_a_spreadsheet_would_run() -> None:
    assert "'=HYPERLINK" in to_csv([marker(1, "=HYPERLINK(1)")])


def test_search_finds_by_words_kind_and_tooth() -> None:
    document = AnnotationDocument([marker(1, "deep caries"), arrow(Space.RAW, np.eye(3))])
    assert [entry.label for entry in document.search("caries deep")] == ["deep caries"]
    assert [entry.label for entry in document.search(tooth=36)] == ["crack"]
    assert document.search("caries", kinds=[Kind.ARROW]) == []


def test_a_note_of_several_lines_is_one_line_on_the_time_line() -> None:
    note = replace(marker(1, "caries"), text="distal\r\n\nsee X-ray ")
    assert title(note) == "caries, distal see X-ray"
    assert to_webvtt([note], int(9e9)).splitlines()[-1] == "caries, distal see X-ray"


UNREADABLE = {
    "{oops": "no JSON",
    "[]": "malformed",
    "{}": "it has no 'drawing'",
    '{"drawing": null, "id": "b", "kind": "scribble"}': "'scribble' is not a valid Kind",
    b"\xff\xfe\x00": "no JSON",
    "[" * 100_000: "no JSON",
}


@pytest.mark.parametrize(("body", "cause"), UNREADABLE.items(), ids=map(str, range(len(UNREADABLE))))
def test_a_row_that_holds_no_annotation_is_left_out_named_and_kept(
    tmp_path: Path, body: str | bytes, cause: str
) -> None:
    store = AnnotationStore(tmp_path / "s.sqlite")
    document = store.load()
    for second in (1, 2, 3):
        document.add(marker(second))
    with closing(sqlite3.connect(tmp_path / "s.sqlite")) as books, books:
        books.execute("UPDATE annotations SET body = CAST(? AS TEXT) WHERE rowid = 2", (body,))
    document = store.load()
    assert [entry.start_ns for entry in document.annotations] == [10**9, 3 * 10**9]
    (sentence,) = store.unreadable
    assert "Row 2 " in sentence
    assert cause in sentence
    document.add(marker(4))
    with closing(sqlite3.connect(tmp_path / "s.sqlite")) as books:
        kept = books.execute("SELECT CAST(body AS BLOB) FROM annotations WHERE rowid = 2").fetchone()[0]
    assert kept == (body if isinstance(body, bytes) else body.encode())
    store.close()


def test_an_unreadable_row_is_replaced_by_importing_what_was_exported(tmp_path: Path) -> None:
    store = AnnotationStore(tmp_path / "s.sqlite")
    store.load().add(marker(1))
    exported = to_json(store.load().annotations, {})
    with closing(sqlite3.connect(tmp_path / "s.sqlite")) as books, books:
        books.execute("UPDATE annotations SET body = '{}'")
    assert store.load().take_over(from_json(exported)) == 1
    assert [entry.start_ns for entry in store.load().annotations] == [10**9]
    assert store.unreadable == ()
    store.close()


def test_a_table_of_annotations_that_cannot_be_read_is_refused_in_a_sentence(tmp_path: Path) -> None:
    store = AnnotationStore(tmp_path / "s.sqlite")
    with closing(sqlite3.connect(tmp_path / "s.sqlite")) as books, books:
        books.execute("DROP TABLE annotations")
    with pytest.raises(AnnotationError, match="cannot be read"):
        store.load()
    store.close()


def test_a_range_ends_in_webvtt_when_it_ends() -> None:
    text = to_webvtt([Annotation(Kind.RANGE, 400_000_000, "crack", end_ns=900_000_000)], int(9e9))
    assert "00:00:00.400 --> 00:00:00.900" in text


@pytest.mark.parametrize("transform", [[0.0] * 9, [math.nan] * 9, [1, 2, 3, 2, 4, 6, 0, 0, 1]])
def test_a_drawing_whose_transform_cannot_be_taken_back_is_refused(transform: list[float]) -> None:
    with pytest.raises(AnnotationError, match="leads nowhere"):
        Drawing(((0.1, 0.1),), Space.RAW, transform, SIZE)  # type: ignore[arg-type]


@pytest.mark.parametrize("points", [[[1e308, 0], [0, 0]], [[math.nan, 0], [0, 0]]])
def test_a_shape_that_lies_on_no_picture_is_refused(points: list[tuple[float, float]]) -> None:
    with pytest.raises(AnnotationError, match="on no picture"):
        Drawing(tuple(points), Space.RAW, IDENTITY, SIZE)


def test_a_shape_that_the_motion_led_out_of_sight_is_not_drawn() -> None:
    away = np.array([[1, 0, 0], [0, 1, 0], [1, 0, -160.0]])  # the arrow's tail comes to lie on the horizon
    poses = [FramePose(0, np.eye(3), None), FramePose(1, away, np.eye(3))]
    drawing = arrow(Space.RAW, np.eye(3)).drawing
    assert drawing is not None
    assert shown_pixels(drawing, poses, 0, 0, Space.STABILIZED) is not None
    assert shown_pixels(drawing, poses, 0, 1, Space.STABILIZED) is None


@pytest.mark.parametrize(
    "change", [{"start_ns": math.inf}, {"end_ns": 10**30}, {"text": "\ud800"}, {"revision": 10**30}, {"revision": 0}]
)
def test_entries_that_no_export_could_hold_are_refused(change: dict[str, object]) -> None:
    document = json.loads(to_json([marker(1)], {}))
    document["annotations"][0] |= change
    with pytest.raises(AnnotationError, match="malformed"):
        from_json(json.dumps(document))


def test_json_without_end_is_refused_in_a_sentence() -> None:
    with pytest.raises(AnnotationError, match="no JSON"):
        from_json("[" * 100_000)
