"""A session on a disc that cannot be written: opened, listed, verified and exported, and nothing is changed."""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from engine.annotation.shapes import Annotation, Kind
from engine.annotation.store import AnnotationStore
from engine.archive.exports import Wanted, export_session
from engine.archive.reader import open_session
from engine.errors import AnnotationError, RecordingError
from engine.recording.library import list_sessions
from engine.recording.recovery import repair, verify
from engine.recording.session_folder import SessionFolder
from tests.recorded_session import record_session

NOBODY = 65534

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="rights to a folder are another matter there")


@contextmanager
def unwritable(root: Path) -> Iterator[None]:
    """Nothing under `root` can be written by us, whoever we are."""
    for path in (root, *root.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    user = os.geteuid()
    if user == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(user)
        for path in (root, *root.rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)


@pytest.fixture
def session() -> Iterator[SessionFolder]:
    """A whole session with a marker, where every user of the machine may read."""
    with TemporaryDirectory() as scratch:
        Path(scratch).chmod(0o755)
        folder = record_session(Path(scratch) / "library")
        store = AnnotationStore(folder.database)
        store.load().add(Annotation(Kind.MARKER, 400_000_000, "caries"))
        store.close()
        yield folder


def test_a_session_on_a_protected_disc_opens_and_is_exported(session: SessionFolder) -> None:
    library = session.root.parent
    with TemporaryDirectory() as scratch:
        Path(scratch).chmod(0o777)
        with unwritable(library):
            view = open_session(session.root)
            assert view.patient.family_name == "Roe"
            assert [one.label for one in view.annotations()] == ["caries"]
            assert verify(session).is_whole
            summaries, problems = list_sessions(library)
            assert ([one.markers for one in summaries], problems) == ([1], [])
            assert export_session(view, "json", Path(scratch) / "out.json", Wanted(), lambda _: True)
            with pytest.raises(RecordingError, match="cannot be opened") as refused:
                repair(session)
    assert "copy its folder" in refused.value.remedy


def test_a_mark_on_a_protected_disc_is_refused_in_a_sentence(session: SessionFolder) -> None:
    with unwritable(session.root.parent):
        store = AnnotationStore(session.database)
        assert store.is_read_only
        with pytest.raises(AnnotationError, match="where nothing can be written"):
            store.load().add(Annotation(Kind.MARKER, 0, "sound"))
        store.close()


def test_what_stands_in_the_log_alone_is_not_forgotten(session: SessionFolder) -> None:
    disc = session.root.parent / "disc"
    with closing(sqlite3.connect(session.database)) as books:
        books.execute("PRAGMA journal_mode=WAL")
        with books:
            books.execute("UPDATE session SET value = '\"Dr Late\"' WHERE key = 'operator'")
        shutil.copytree(session.root, disc)  # as a burning program copies a session that is still open
    (disc / "session.sqlite-shm").unlink()
    with unwritable(disc):
        assert open_session(disc).entries["operator"] == "Dr Late"


def test_a_session_without_annotations_opens_on_a_protected_disc(session: SessionFolder) -> None:
    with closing(sqlite3.connect(session.database)) as books, books:
        books.execute("DROP TABLE annotations")
    with unwritable(session.root.parent):
        assert open_session(session.root).annotations() == ()
