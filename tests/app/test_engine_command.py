"""`steadyscope engine` builds for GPUs that are not here, says what it built, and refuses in one sentence."""

import json
from pathlib import Path

import pytest

from app.cli import main
from engine.inference.plan_orders import graphs_folder
from tests.fakes_onnx import write_toy


@pytest.fixture
def graph(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return str(write_toy(tmp_path, "toy-fp16", half=True).with_suffix(".onnx"))


def test_engines_for_two_architectures_land_in_the_folder_asked_for(
    graph: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    wish = ["engine", "build", "toy", "--onnx", graph, "--arch", "sm75,sm89", "--out", str(out), "--json"]
    assert main(wish) == 0
    built = json.loads(capsys.readouterr().out)
    assert [each["arch"] for each in built] == ["sm75", "sm89"]
    assert all(each["precision"]["convolutions"] == {"HALF": 5} for each in built)
    assert all(each["precision"]["warps"] == {"FLOAT": 1} for each in built)
    assert len(list(out.glob("*.plan"))) == 2


def test_the_cache_is_filled_listed_and_cleared(graph: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["engine", "build", "toy", "--onnx", graph, "--arch", "sm89", "--size", "64x48", "--layers"]) == 0
    shown = capsys.readouterr().out
    assert "convolutions 5 FP16; transposed none; warps 1 FP32" in shown
    assert "HALF   convolution             stem" in shown
    assert main(["engine", "list"]) == 0
    assert "toy-fp16-tensorrt-rtx-sm89-64x48.plan" in capsys.readouterr().out
    assert main(["engine", "clear"]) == 0
    main(["engine", "list"])
    assert "0 engines" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("wish", "sentence"),
    [
        (["--arch", "sm50"], "does not build for sm50"),
        (["--arch", "sm89", "--size", "100x100"], "cannot work at 100x100"),
        (["--arch", "sm89", "--flavour", "tensorrt"], "tensorrt"),
        (["--arch", "sm89", "--out", f"{__file__}/engines"], "Choose another folder"),
    ],
)
def test_a_wish_that_cannot_be_met_ends_in_one_sentence(
    graph: str, wish: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["engine", "build", "toy", "--onnx", graph, *wish]) == 2
    shown = capsys.readouterr().err
    assert sentence in shown
    assert shown.count("\n") == 1


def test_a_network_that_is_not_there_is_refused(graph: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["engine", "build", "mostnet-none", "--arch", "sm89"]) == 2
    assert "no half-precision graph of a network 'mostnet-none'" in capsys.readouterr().err


def test_a_graph_in_the_cache_is_found_by_name(graph: str, capsys: pytest.CaptureFixture[str]) -> None:
    graphs_folder().mkdir(parents=True)
    write_toy(graphs_folder(), "toy-fp16", half=True)
    assert main(["engine", "build", "toy", "--arch", "sm89", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["network"] == "toy-fp16"
