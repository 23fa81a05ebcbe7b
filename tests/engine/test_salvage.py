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
from engine.archive.checkup import repair, verify
from engine.archive.exports import Wanted, export_session
from engine.archive.reader import open_session
from engine.errors import EngineError, RecordingError
from engine.recording import index, salvage
from engine.recording.library import delete, list_sessions, purge, read_session, undelete
from engine.recording.recovery import unfinished_sessions
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
    "without a patient": sql("DELETE FROM session WHERE key = 'patient'"),
    "without a start": sql("UPDATE session SET value = '\"yesterday\"' WHERE key = 'started'"),
    "no JSON": sql("UPDATE session SET value = '{oops' WHERE key = 'source'"),
    "no JSON in what nobody needs": sql("UPDATE session SET value = '{oops' WHERE key = 'encoder'"),
    "annotations that are no JSON": sql("UPDATE annotations SET body = 'caries'"),
    "annotations that are no text": sql("UPDATE annotations SET body = CAST(x'fffe00' AS TEXT)"),
    "annotations that are JSON and no annotation": sql('UPDATE annotations SET body = \'{"id": "a"}\''),
    "annotations of a kind that is not known": sql("UPDATE annotations SET body = replace(body, 'marker', 'mark')"),
    "a revision of before that is no JSON": sql("UPDATE annotation_history SET body = '{oops'"),
    "a reason that is no text": sql("UPDATE motion SET reason = CAST(x'fffe00' AS TEXT) WHERE seq = 3"),
    "a patient of another make": sql("UPDATE session SET value = '{\"foo\": 1}' WHERE key = 'patient'"),
    "a source without a size": sql("UPDATE session SET value = '{}' WHERE key = 'source'"),
    "words for times": sql("UPDATE frames SET t_ns = 'abc' WHERE seq = 3"),
    "words for motion's times": sql("UPDATE motion SET t_ns = 'abc' WHERE seq = 3"),
    "words for a gap": sql("INSERT INTO gaps VALUES ('raw', 'x', 'a', 'b', 'c', 'd')"),
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


def test_verify_names_each_row_that_holds_no_annotation_and_repair_keeps_the_others(session: SessionFolder) -> None:
    with closing(AnnotationStore(session.database)) as store:
        document = store.load()
        for number in range(2, 6):
            document.add(Annotation(Kind.MARKER, number, f"note {number}"))
    sql('UPDATE annotations SET body = \'{"id": "a"}\' WHERE rowid = 2')(session)
    sql("UPDATE annotations SET body = '{oops' WHERE rowid = 4")(session)
    summary, *rows = verify(session).problems
    assert summary == "session.sqlite: rows that hold no annotation, 2 of the table of annotations"
    assert [row.split(": ")[0] for row in rows] == [f"session.sqlite, row {number} of annotations" for number in (2, 4)]
    assert "it has no 'drawing'" in rows[0]
    assert "no JSON" in rows[1]
    assert repair(session).is_whole
    assert [one.label for one in open_session(session.root).annotations()] == ["note 3", "note 5", "caries"]
    assert "row 4 of annotations: It is no JSON" in session.audit.read_text(encoding="utf-8")
    assert read_session(session)["problem"] == summary  # in short: it goes out with exports, a row's words do not
    assert (session.root / "session.sqlite.damaged-1").is_file()


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
        session.video(stream).write_bytes(session.video(stream).read_bytes()[:300])
    with pytest.raises(RecordingError, match=r"\.mp4 is not readable"):
        export_session(open_session(session.root), form, tmp_path / "out", Wanted(), lambda _: True)


def test_books_that_are_only_busy_are_not_taken_for_damaged(
    session: SessionFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index, "BUSY_S", 0.1)
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


def test_a_repair_that_the_disk_stops_loses_nothing_for_the_next(
    session: SessionFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    DAMAGES["without a source"](session)

    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(salvage, "_known", full)
        with pytest.raises(RecordingError, match="disk is full"):
            repair(session)
    assert repair(session).is_whole
    assert open_session(session.root).patient.family_name == "Roe"
    assert [one.text for one in open_session(session.root).annotations()] == ["two\nlines"]


def test_a_repair_cut_short_between_its_two_renames_is_taken_up(session: SessionFolder) -> None:
    session.database.rename(session.root / "session.sqlite.damaged-1")
    assert repair(session).is_whole
    assert open_session(session.root).patient.family_name == "Roe"


def test_what_was_lost_is_still_said_after_a_second_repair(session: SessionFolder) -> None:
    sql("UPDATE session SET value = '\"recording\"' WHERE key = 'state'")(session)
    sql("DELETE FROM session WHERE key = 'process'")(session)
    sql("INSERT INTO frames VALUES ('raw', 99, 3000000000, 180000)")(session)
    assert repair(session).lost_s == pytest.approx(0.44, abs=0.01)
    first = read_session(session)
    assert first["lost_by_crash_s"] == pytest.approx(0.44, abs=0.01)
    assert "never closed" in str(first["problem"])
    repair(session)
    again = read_session(session)
    assert (again["lost_by_crash_s"], again["problem"]) == (first["lost_by_crash_s"], first["problem"])


def test_one_broken_state_does_not_hide_the_other_unfinished_sessions(session: SessionFolder) -> None:
    library = session.root.parent
    other = SessionFolder(Path(shutil.copytree(session.root, library / "20200101-000000-aaaa")))
    for one, state in ((other, "oops"), (session, '"recording"')):
        with closing(sqlite3.connect(one.database)) as books, books:
            books.execute("UPDATE session SET value = ? WHERE key = 'state'", (state,))
            books.execute("DELETE FROM session WHERE key = 'process'")
            books.execute("UPDATE session SET value = '{oops' WHERE key = 'encoder'")
    assert [one.root for one in unfinished_sessions(library)] == [session.root]
    assert repair(session).is_whole


def test_a_session_that_is_being_recorded_is_not_deleted(session: SessionFolder) -> None:
    sql("UPDATE session SET value = '\"recording\"' WHERE key = 'state'")(session)
    with pytest.raises(RecordingError, match="is being recorded"):
        delete(session, session.root.parent)
    assert session.database.is_file()


def test_a_deleted_session_that_cannot_be_removed_or_brought_back_stops_nothing(
    session: SessionFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = session.root.parent
    trashed = delete(session, library)

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(shutil, "rmtree", refuse)
    assert purge(library, grace_s=0) == []
    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(RecordingError, match="cannot be brought back"):
        undelete(trashed, library)


def test_a_file_that_goes_while_the_library_is_listed_counts_nothing(
    session: SessionFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "is_file", lambda path: path.name in ("gone", "session.sqlite") or os.path.isfile(path))
    monkeypatch.setattr(Path, "rglob", lambda path, _: iter([path / "gone", path / "raw.mp4"]))
    (summary,), _ = list_sessions(session.root.parent)
    assert summary.bytes_on_disk == session.video("raw").stat().st_size


@pytest.mark.parametrize("name", ["words for times", "words for motion's times", "words for a gap"])
def test_words_in_a_table_of_numbers_are_refused_with_the_remedy(session: SessionFolder, name: str) -> None:
    DAMAGES[name](session)
    with pytest.raises(RecordingError, match="session repair"):
        open_session(session.root)
