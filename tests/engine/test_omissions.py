"""What is missing of a session stands in every form in which it goes out, and damaged files are refused first."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from pydicom import dcmread

from engine.annotation.interchange import from_json
from engine.annotation.shapes import IDENTITY, Annotation, Drawing, Kind, Space
from engine.annotation.store import AnnotationStore
from engine.archive.exports import Wanted, export_session, hand_back
from engine.archive.omissions import DamagedSession, Omissions, Weight, left_out
from engine.archive.reader import open_session
from engine.archive.video_export import VideoExport
from engine.recording.practice import HandBack
from engine.recording.session_folder import SessionFolder
from tests.recorded_session import FRAMES, record_session

PARTIAL = Wanted(is_partial=True)
LONG_GAP = "INSERT INTO gaps VALUES ('raw', 'recorder', 10, 12, 1400000000, 1900000000)"
SHORT_GAP = "INSERT INTO gaps VALUES ('stabilized', 'pipeline', 10, 1, 1400000000, 1480000000)"
PAUSE = "INSERT INTO gaps VALUES ('raw', 'pause', 10, 100, 1400000000, 9400000000)"
LONG_WORDS = "raw: 12 frames lost by the recorder, the longest gap 0.50 s at 00:00:00.400."
ROW_WORDS = "1 annotation cannot be read and is left out; `steadyscope session verify` names the rows."


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole session with two markers and two stills; each test damages a copy."""
    folder = record_session(tmp_path_factory.mktemp("library"))
    with closing(AnnotationStore(folder.database)) as store:
        document = store.load()
        for second, label in enumerate(("Mrs Roe says ouch", "caries")):
            document.add(Annotation(Kind.MARKER, second * 10**9, label))
    for name in ("000003-raw", "000003-shown"):
        cv2.imwrite(str(folder.stills / f"{name}.png"), np.full((120, 160, 3), 90, np.uint8))
    return folder.root


@pytest.fixture
def session(recorded: Path, tmp_path: Path) -> SessionFolder:
    return SessionFolder(Path(shutil.copytree(recorded, tmp_path / "library" / recorded.name)))


def spoil(folder: SessionFolder, *statements: str) -> None:
    with closing(sqlite3.connect(folder.database)) as books, books:
        for statement in statements:
            books.execute(statement)


def spoil_row(folder: SessionFolder) -> None:
    spoil(folder, "UPDATE annotations SET body = replace(body, 'marker', 'mark Roe') WHERE rowid = 1")


def go_on(_: float) -> bool:
    return True


def test_a_whole_session_is_complete_in_every_form(session: SessionFolder, tmp_path: Path) -> None:
    spoil(session, PAUSE)
    assert left_out(open_session(session.root)).all == ()
    written = export_session(open_session(session.root), "files", tmp_path / "out", Wanted(), go_on)
    contents = json.loads((tmp_path / "out" / "contents.json").read_text(encoding="utf-8"))
    assert (contents["is_complete"], contents["left_out"]) == (True, [])
    assert "INCOMPLETE.txt" not in {path.name for path in written}


def test_gaps_are_told_and_only_long_ones_make_an_export_incomplete(session: SessionFolder) -> None:
    spoil(session, SHORT_GAP)
    missing = left_out(open_session(session.root))
    assert missing.is_complete
    assert missing.sentences == ("stabilized: 1 frame not processed in time, the longest gap 0.08 s at 00:00:00.400.",)
    spoil(session, LONG_GAP)
    missing = left_out(open_session(session.root))
    assert missing.grave == (LONG_WORDS,)
    assert missing.of("stabilized").is_complete


def test_files_carry_a_mark_that_a_later_whole_export_takes_away(session: SessionFolder, tmp_path: Path) -> None:
    spoil_row(session)
    out = tmp_path / "out"
    export_session(open_session(session.root), "files", out, Wanted(), go_on)
    assert f"- {ROW_WORDS}" in (out / "INCOMPLETE.txt").read_text(encoding="utf-8")
    assert json.loads((out / "contents.json").read_text(encoding="utf-8"))["left_out"] == [ROW_WORDS]
    spoil(session, "DELETE FROM annotations WHERE rowid = 1")
    export_session(open_session(session.root), "files", out, Wanted(), go_on)
    assert not (out / "INCOMPLETE.txt").exists()


def test_each_form_says_which_annotations_it_lacks_without_a_word_of_them(
    session: SessionFolder, tmp_path: Path
) -> None:
    spoil_row(session)
    view = open_session(session.root)
    for form in ("html", "json", "csv", "webvtt"):
        told: list[Omissions] = []
        (path,) = export_session(view, form, tmp_path / f"out.{form}", Wanted(), go_on, told.append)
        text = path.read_text(encoding="utf-8")
        assert ROW_WORDS in text, form
        assert "Roe" not in text, form
        assert [one.grave for one in told] == [(ROW_WORDS,)]
    assert [one.label for one in from_json((tmp_path / "out.json").read_text(encoding="utf-8"))] == ["caries"]


def test_the_report_says_first_that_it_is_incomplete(session: SessionFolder, tmp_path: Path) -> None:
    spoil(session, LONG_GAP)
    (path,) = export_session(open_session(session.root), "html", tmp_path / "r.html", Wanted(), go_on)
    text = path.read_text(encoding="utf-8")
    assert text.index("INCOMPLETE:") < text.index(LONG_WORDS) < text.index("<h2>Recording</h2>")


def test_an_mp4_says_in_its_comment_what_it_lacks(session: SessionFolder, tmp_path: Path) -> None:
    spoil(session, LONG_GAP)
    wanted = Wanted(VideoExport("raw", is_burnt_in=False))
    (path,) = export_session(open_session(session.root), "mp4", tmp_path / "out.mp4", wanted, go_on)
    with av.open(str(path)) as container:
        assert container.metadata["comment"] == LONG_WORDS


def test_dicom_names_incomplete_series_and_lists_what_is_missing(session: SessionFolder, tmp_path: Path) -> None:
    spoil_row(session)
    spoil(session, LONG_GAP)
    files = export_session(open_session(session.root), "dicom", tmp_path / "out", Wanted(), go_on)
    by_name = {path.name: dcmread(path) for path in files}
    assert by_name["video-raw.dcm"].SeriesDescription == "raw camera picture, INCOMPLETE"
    assert by_name["video-raw.dcm"].ImageComments == LONG_WORDS
    assert by_name["video-stabilized.dcm"].SeriesDescription == "enhanced and stabilized"
    report = by_name["annotations.dcm"]
    assert (report.SeriesDescription, report.CompletionFlag) == ("Annotations, INCOMPLETE", "PARTIAL")
    texts = [item.get("TextValue", "") for item in report.ContentSequence]
    assert {f"LEFT OUT: {LONG_WORDS}", f"LEFT OUT: {ROW_WORDS}"} <= set(texts)
    if shutil.which("dciodvfy") is not None:
        for path in files:
            verdict = subprocess.run(["dciodvfy", str(path)], capture_output=True, text=True, check=False)
            assert "Error" not in verdict.stdout + verdict.stderr, (path.name, verdict.stderr)


def test_the_report_shows_drawings_on_the_other_video_where_one_is_gone(session: SessionFolder, tmp_path: Path) -> None:
    drawing = Drawing(((0.2, 0.2), (0.6, 0.6)), Space.RAW, IDENTITY, (160, 120))
    with closing(AnnotationStore(session.database)) as store:
        store.load().add(Annotation(Kind.RECTANGLE, 400_000_000, "crack", drawing=drawing))
    for stream, pictures in (("stabilized", 3), ("raw", 2)):  # two of them stills
        session.video(stream).unlink()
        (path,) = export_session(open_session(session.root), "html", tmp_path / "r.html", Wanted(), go_on)
        text = path.read_text(encoding="utf-8")
        assert text.count("<img ") == pictures
        assert f"{stream}.mp4 is missing." in text


def lose(path: Path) -> None:
    path.unlink()


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 9 // 10])


@pytest.mark.parametrize("damage", [lose, cut])
@pytest.mark.parametrize("form", ["files", "dicom"])
def test_a_missing_or_cut_video_is_refused_first_and_left_out_when_asked(
    session: SessionFolder, tmp_path: Path, form: str, damage: Callable[[Path], None]
) -> None:
    damage(session.video("stabilized"))
    out = tmp_path / "out"
    with pytest.raises(DamagedSession, match=r"stabilized\.mp4 is (missing|cut short)"):
        export_session(open_session(session.root), form, out, Wanted(), go_on)
    assert not out.exists()
    names = {path.name for path in export_session(open_session(session.root), form, out, PARTIAL, go_on)}
    assert not any("stabilized" in name for name in names)
    assert len(names) == {"files": 5, "dicom": 4}[form]  # raw, two stills, and contents with their mark, or a report


@pytest.mark.parametrize("form", ["files", "dicom"])
def test_a_still_that_is_cut_short_is_refused_first_and_left_out_when_asked(
    session: SessionFolder, tmp_path: Path, form: str
) -> None:
    cut(session.stills / "000003-raw.png")
    with pytest.raises(DamagedSession, match=r"000003-raw\.png cannot be read"):
        export_session(open_session(session.root), form, tmp_path / "out", Wanted(), go_on)
    written = export_session(open_session(session.root), form, tmp_path / "out", PARTIAL, go_on)
    assert [path.stem for path in written if "still" in path.name] == ["still-000003-shown"]


def test_a_video_that_holds_fewer_frames_than_the_books_is_damage_that_repair_mends(
    session: SessionFolder, tmp_path: Path
) -> None:
    spoil(session, "INSERT INTO frames VALUES ('raw', 99, 3000000000, 180000)")
    with pytest.raises(DamagedSession, match=f"raw.mp4 holds {FRAMES} of {FRAMES + 1} recorded frames") as refused:
        export_session(open_session(session.root), "mp4", tmp_path / "a.mp4", Wanted(VideoExport("raw")), go_on)
    assert "session repair" in refused.value.remedy
    assert [one.weight for one in left_out(open_session(session.root)).all] == [Weight.DAMAGE]
    assert export_session(open_session(session.root), "mp4", tmp_path / "b.mp4", Wanted(), go_on)


def test_what_goes_back_to_the_practice_goes_back_with_its_mark(session: SessionFolder, tmp_path: Path) -> None:
    session.video("stabilized").unlink()
    written = hand_back(open_session(session.root), HandBack(tmp_path / "back"), go_on)
    assert {"raw.mp4", "INCOMPLETE.txt"} <= {path.name for path in written}
