"""`steadyscope calibrate` on files, as a technician scripts it."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from app.cli import main
from tests.rendered_boards import BOARD, camera, photographs
from tests.rendered_charts import photograph_chart


def test_a_sheet_is_written(tmp_path: Path) -> None:
    assert main(["calibrate", "board", "--board", BOARD.name, "--out", str(tmp_path / "s.pdf")]) == 0
    assert (tmp_path / "s.pdf").stat().st_size > 10_000


def test_the_lens_contract(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rng = np.random.default_rng(21)
    for index, one in enumerate(photographs(9, camera(rng), rng)):
        cv2.imwrite(str(tmp_path / f"{index}.png"), one)
    cv2.imwrite(str(tmp_path / "empty.png"), np.full((480, 640, 3), 90, np.uint8))
    main(["calibrate", "lens", str(tmp_path), "--board", BOARD.name, "--json"])
    entry = json.loads(capsys.readouterr().out)
    assert {"model", "image_size", "rms_px", "holdout_rms_px", "verdict"} <= set(entry)
    assert len(entry["camera_matrix"]) == 9
    assert entry["accepted"] + entry["rejected"] == 10
    assert entry["accepted"] >= 8


def test_the_colour_contract(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    photo, _ = photograph_chart(np.random.default_rng(22))
    cv2.imwrite(str(tmp_path / "chart.png"), photo[..., ::-1])
    assert main(["calibrate", "colour", str(tmp_path / "chart.png"), "--json"]) == 0
    entry = json.loads(capsys.readouterr().out)
    assert entry["delta_e_after"]["mean"] <= 3
    assert entry["verdict"] == "pass"


@pytest.mark.parametrize(
    "arguments",
    [
        ["lens", "/nowhere", "--board", BOARD.name],
        ["lens", "/tmp", "--board", "nonsense"],
        ["colour", "/nowhere.png"],
        ["colour", __file__],
        ["vibration", "/nowhere.mp4"],
        ["profile", "show", "/nowhere.json"],
        ["profile", "check", __file__],
    ],
    ids=" ".join,
)
def test_a_mistake_ends_in_one_sentence_and_code_two(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["calibrate", *arguments]) == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert line.startswith("steadyscope: ")
