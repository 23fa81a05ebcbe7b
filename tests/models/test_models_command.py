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


def test_a_command_that_is_none_is_answered_with_the_choices(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["improve"]) == 2
    assert "evaluate" in capsys.readouterr().err
