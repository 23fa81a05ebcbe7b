"""Session folders with damaged or missing books: said in a sentence, and mended from what is left."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from engine.annotation.shapes import Annotation, Kind
from engine.annotation.store import AnnotationStore
from engine.archive.exports import Wanted, export_session
from engine.archive.reader import open_session
from engine.errors import EngineError, RecordingError
from engine.recording.library import list_sessions
from engine.recording.recovery import repair, verify
from engine.recording.session_folder import SessionFolder
from tests.recorded_session import FRAMES, SIZE, record_session

Damage = Callable[[SessionFolder], None]


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One whole session with a marker; each test damages a copy."""
    folder = record_session(tmp_path_factory.mktemp("library"))
    store = AnnotationStore(folder.database)
    store.load().add(Annotation(Kind.MARKER, 400_000_000, "caries", text="two\nlines"))
    store.close()
    return folder.root


@pytest.fixture
def session(recorded: Path, tmp_path: Path) -> SessionFolder:
    """A copy of the session to spoil."""
    return SessionFolder(Path(shutil.copytree(recorded, tmp_path / "library" / recorded.name)))


def sql(statement: str) -> Damage:
    def spoil(folder: SessionFolder) -> None:
        with closing(sqlite3.connect(folder.database)) as books, books:
            books.execute(statement)

    return spoil


def lose(folder: SessionFolder) -> None:
    folder.database.unlink()


def spoil_header(folder: SessionFolder) -> None:
    with folder.database.open("r+b") as file:
        file.write(os.urandom(100))


def empty(folder: SessionFolder) -> None:
    folder.database.write_bytes(b"")


def cut(folder: SessionFolder) -> None:
    data = folder.database.read_bytes()
    folder.database.write_bytes(data[: len(data) // 2])


DAMAGES: dict[str, Damage] = {
    "missing": lose,
    "no data base": spoil_header,
    "empty": empty,
    "cut": cut,
    "without a table": sql("DROP TABLE motion"),
    "without a source": sql("DELETE FROM session WHERE key = 'source'"),
    "without a start": sql("UPDATE session SET value = '\"yesterday\"' WHERE key = 'started'"),
    "no JSON": sql("UPDATE session SET value = '{oops' WHERE key = 'source'"),
    "broken poses": sql("UPDATE motion SET stabilized_from_raw = x'00' WHERE seq = 3"),
    "frames forgotten": sql("DELETE FROM frames WHERE seq BETWEEN 10 AND 20"),
    "all frames forgotten": sql("DELETE FROM frames"),
}


def is_noticed(root: Path) -> bool:
    """By `verify`, or by a refusal that names the remedy."""
    try:
        return not verify(SessionFolder.existing(root)).is_whole
    except EngineError as refusal:
        return "session repair" in refusal.remedy


@pytest.mark.parametrize("spoil", DAMAGES.values(), ids=DAMAGES.keys())
def test_damaged_books_are_noticed_and_repaired_from_the_videos(session: SessionFolder, spoil: Damage) -> None:
    spoil(session)
    assert is_noticed(session.root)
    assert repair(session).problems == ()
    view = open_session(session.root)
    assert {name: len(times) for name, times in view.frame_times_ns.items()} == dict.fromkeys(
        ("raw", "stabilized"), FRAMES
    )
    assert view.size == SIZE
    assert view.duration_ns == (FRAMES - 1) * 40_000_000
    assert export_session(view, "mp4", session.root.parent / "out.mp4", Wanted(), lambda _: True)
    (summary,), problems = list_sessions(session.root.parent)
    assert summary.duration_s > 0
    assert problems == []


def test_annotations_and_patient_outlive_damaged_books_and_the_old_file_is_kept(session: SessionFolder) -> None:
    DAMAGES["without a source"](session)
    repair(session)
    view = open_session(session.root)
    assert [one.text for one in view.annotations()] == ["two\nlines"]
    assert view.patient.family_name == "Roe"
    assert (session.root / "session.sqlite.damaged-1").is_file()


def test_a_whole_session_is_not_touched_by_repair(session: SessionFolder) -> None:
    assert repair(session).state == "complete"
    assert not list(session.root.glob("*damaged*"))


def test_a_list_names_the_session_that_cannot_be_read(session: SessionFolder) -> None:
    pages = bytearray(session.database.read_bytes())
    pages[8192:] = os.urandom(len(pages) - 8192)
    session.database.write_bytes(pages)
    summaries, problems = list_sessions(session.root.parent)
    assert len(summaries) + len(problems) == 1


def test_nothing_to_mend_is_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "raw.mp4").write_text("no video")
    with pytest.raises(RecordingError, match="neither readable books nor a readable video"):
        repair(SessionFolder(tmp_path))


@pytest.mark.parametrize("form", ["mp4", "dicom", "files"])
def test_a_video_that_cannot_be_read_is_named_by_the_export(session: SessionFolder, tmp_path: Path, form: str) -> None:
    for stream in ("raw", "stabilized"):
        session.video(stream).write_bytes(session.video(stream).read_bytes()[:3000])
    with pytest.raises(RecordingError, match=r"\.mp4 cannot be read"):
        export_session(open_session(session.root), form, tmp_path / "out", Wanted(), lambda _: True)


def test_books_that_are_only_busy_are_not_taken_for_damaged(session: SessionFolder) -> None:
    with closing(sqlite3.connect(session.database, isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode=DELETE")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(RecordingError, match="locked") as refused:
            repair(session)
    assert "Close what uses" in refused.value.remedy
    assert not list(session.root.glob("*damaged*"))


def test_a_session_that_is_being_recorded_is_not_repaired(session: SessionFolder) -> None:
    sql("UPDATE session SET value = '\"recording\"' WHERE key = 'state'")(session)
    with pytest.raises(RecordingError, match="is being recorded"):
        repair(session)


def test_a_library_that_cannot_be_made_is_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(RecordingError, match="Nothing can be recorded"):
        record_session(tmp_path / "file" / "library")
