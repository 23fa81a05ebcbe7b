"""The audit trail of a session: lines that are no entries are named, set aside by a repair, and never written into."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.archive.checkup import repair, verify
from engine.archive.omissions import left_out
from engine.archive.reader import open_session
from engine.recording.session_folder import SessionFolder
from tests.recorded_session import record_session

NOON = datetime(2026, 5, 6, 12, tzinfo=UTC)
FAULTS = {
    b"": "It is no JSON.",
    b'{"at": "2026-05': "It is no JSON.",
    b"[1, 2]": "It is no JSON object.",
    b"\xff\xfe": "It holds bytes that are no text.",
    b'{"at": "2026-05-06T12:00:00+00:00"}': "It does not say what was done.",
    b'{"action": "Mrs Roe", "at": "at noon"}': "It does not say when.",
    b'{"action": "Mrs Roe", "at": "2026-05-06T12:00:00"}': "It does not say when.",
    b'{"action": "Mrs Roe", "at": 5}': "It does not say when.",
}


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One whole session; each test spoils a copy."""
    return record_session(tmp_path_factory.mktemp("library")).root


@pytest.fixture
def session(recorded: Path, tmp_path: Path) -> SessionFolder:
    return SessionFolder(Path(shutil.copytree(recorded, tmp_path / "library" / recorded.name)))


def actions(session: SessionFolder) -> list[str]:
    return [json.loads(line)["action"] for line in session.audit.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("line", FAULTS)
def test_a_line_that_is_no_entry_is_named_without_its_words_and_set_aside(session: SessionFolder, line: bytes) -> None:
    first, *rest = session.audit.read_bytes().splitlines(keepends=True)
    spoilt = first + line + b"\n" + b"".join(rest)
    session.audit.write_bytes(spoilt)
    words = f"audit.jsonl, line 2: {FAULTS[line]}"
    assert verify(session).problems == (words,)
    assert repair(session).is_whole
    assert (session.root / "audit.jsonl.damaged-1").read_bytes() == spoilt
    assert session.audit.read_bytes().startswith(first + b"".join(rest))
    assert actions(session) == ["recording started", "recording stopped", "session repaired"]
    assert json.loads(session.audit.read_text(encoding="utf-8").splitlines()[-1])["problems"] == [words]
    assert left_out(open_session(session.root)).all == ()


def test_a_trail_that_is_gone_is_told_and_begun_anew(session: SessionFolder) -> None:
    session.audit.unlink()
    assert verify(session).problems == ("audit.jsonl is missing",)
    assert repair(session).is_whole
    assert actions(session) == ["session repaired"]


def test_an_entry_is_never_written_into_a_line_that_a_crash_tore(session: SessionFolder) -> None:
    session.audit.write_bytes(session.audit.read_bytes() + b'{"at": "2026')
    session.note("still taken", NOON)
    assert verify(session).problems == ("audit.jsonl, line 3: It is no JSON.",)
    repair(session)
    assert actions(session) == ["recording started", "recording stopped", "still taken", "session repaired"]
