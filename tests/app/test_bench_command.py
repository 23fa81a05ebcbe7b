"""`steadyscope bench` prints a table for people and JSON for programs."""

import json
from pathlib import Path

import numpy as np
import pytest

from app.cli import main
from tests.fakes_onnx import write_toy


def noise(count: int) -> list[np.ndarray]:
    """What painting the demo's mouth would take seconds for."""
    return list(np.random.default_rng(count).integers(0, 255, (count, 480, 640, 3), dtype=np.uint8))


@pytest.fixture
def quick(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr("app.commands.bench.SOURCE_SIZES", ((480, 640),))
    monkeypatch.setattr("app.commands.bench.demo_clip", noise)
    model = write_toy(tmp_path, trained=False)
    return ["--model", str(model), "--backend", "openvino-f32", "--threads", "1", "--rounds", "1", "--frames", "2"]


def test_json_holds_every_figure_for_every_size(quick: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "--json", *quick]) == 0
    report = json.loads(capsys.readouterr().out)
    assert [each["source"] for each in report["sizes"]] == ["640x480"]
    assert {"engine_ms", "pipeline_ms", "ratio", "gmac_per_s", "ceiling_gmac_per_s", "share"} <= report.keys()
    assert report["engine_ms"] == report["sizes"][0]["engine_ms"]


def test_the_table_names_network_back_end_and_units(quick: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", *quick]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("toy on openvino-cpu-f32")
    assert "GMAC/s" in shown
    assert "share of ceiling" in shown


def test_the_network_can_be_timed_op_by_op(quick: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "--json", "--ops", *quick]) == 0
    ops = json.loads(capsys.readouterr().out)["ops"]
    assert "Convolution" in [each["kind"] for each in ops]
    assert sum(each["share"] for each in ops) == pytest.approx(1)


def test_a_count_of_nothing_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["bench", "--rounds", "0"])
    assert left.value.code == 2
    assert "above 0" in capsys.readouterr().err
