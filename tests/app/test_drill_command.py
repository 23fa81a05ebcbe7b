"""`steadyscope drill`: its rows are a contract, its exit code a verdict."""

from __future__ import annotations

import json

import pytest

from app.cli import main
from engine.drill import Row
from tests.fakes import NoisySource

GOOD = Row("frozen frames", "amber", 250.0, 211.5, "pass")
BAD = Row("hung read", "NO LIVE IMAGE", 500.0, 1300.0, "fail")


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> list[Row]:
    rows = [GOOD]
    monkeypatch.setattr("app.commands.drill.run_drill", lambda _: rows)
    monkeypatch.setattr("app.commands.drill.SyntheticSource", lambda size: NoisySource(*size))
    return rows


def test_json_is_a_list_of_rows(quick: list[Row], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["drill", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == [
        {
            "fault": "frozen frames",
            "reaction": "amber",
            "limit_ms": 250.0,
            "measured_ms": 211.5,
            "verdict": "pass",
        }
    ]


def test_one_late_reaction_fails_the_whole(quick: list[Row], capsys: pytest.CaptureFixture[str]) -> None:
    quick.append(BAD)
    assert main(["drill"]) == 1
    table = capsys.readouterr().out.splitlines()
    assert len(table) == 3
    assert table[2].endswith("fail")
