"""`python -m models` as a user types it: mistakes end in one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.__main__ import main


def test_a_place_that_cannot_be_written_ends_in_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("no folder")
    assert main(["data", "preview", "--kind", "mouths", "--out", str(tmp_path / "file" / "sheets")]) == 2
    shown = capsys.readouterr().err
    assert shown.startswith("models: ")
    assert shown.count("\n") == 1


def test_an_evaluation_of_what_is_not_there_is_refused_before_it_begins(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", "--data", str(tmp_path / "none")]) == 2
    assert "There is no folder" in capsys.readouterr().err
    assert main(["evaluate", "--data", str(tmp_path), "--weights", str(tmp_path / "none.json")]) == 2
    assert "none.json" in capsys.readouterr().err


def test_a_command_that_is_none_is_answered_with_the_choices(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["improve"]) == 2
    assert "evaluate" in capsys.readouterr().err
