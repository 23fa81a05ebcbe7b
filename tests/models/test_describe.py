"""`python -m models`: its table of commands, and describe's contract."""

import json

import pytest

from models.__main__ import COMMANDS, USER_ERROR, main


def test_describe_prints_the_stated_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["describe", "mostnet-lite", "--json"]) == 0
    (described,) = json.loads(capsys.readouterr().out)
    assert set(described) == {"name", "params_m", "gmac_640x480", "gmac_800x800", "state_bytes", "boxes"}
    assert described["name"] == "mostnet-lite"
    assert described["gmac_640x480"] <= 3.0
    assert described["state_bytes"] > 480 * 640 * 3 * 4
    assert {"encoder", "flow", "colour", "decoder"} <= {box["name"] for box in described["boxes"]}


def test_an_unknown_network_is_refused_with_the_ones_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["describe", "mostnet-xl"]) == USER_ERROR
    assert "mostnet-lite" in capsys.readouterr().err


def test_an_unknown_command_is_refused_with_the_ones_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["conjure"]) == USER_ERROR
    error = capsys.readouterr().err
    assert all(name in error for name in COMMANDS)
