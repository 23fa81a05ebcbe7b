"""The manifest is written, read back and refused as the contract says."""

import json
from pathlib import Path

import pytest

from engine.errors import ModelError
from engine.inference.signature import load_model, read_manifest, resolve_shape, write_manifest
from tests.fakes_onnx import write_toy


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    return write_toy(tmp_path)


def damage(manifest: Path, **changes: object) -> None:
    raw = json.loads(manifest.read_text())
    manifest.write_text(json.dumps(raw | changes))


def test_a_manifest_reads_back_as_it_was_written(toy: Path, tmp_path: Path) -> None:
    manifest = read_manifest(toy)
    write_manifest(manifest, tmp_path / "again.json")
    assert read_manifest(tmp_path / "again.json") == manifest


def test_a_network_whose_file_was_changed_is_refused(toy: Path) -> None:
    with toy.with_suffix(".onnx").open("ab") as file:
        file.write(b"x")
    with pytest.raises(ModelError, match="sha256"):
        load_model(toy)


def test_a_missing_network_file_is_refused(toy: Path) -> None:
    toy.with_suffix(".onnx").unlink()
    with pytest.raises(ModelError, match="missing beside its manifest"):
        load_model(toy)


def test_a_missing_manifest_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no network 'nothing'"):
        read_manifest(tmp_path / "nothing.json")


def test_a_manifest_that_is_not_json_is_refused(tmp_path: Path) -> None:
    (tmp_path / "noise.json").write_text("{")
    with pytest.raises(ModelError, match="cannot be read"):
        read_manifest(tmp_path / "noise.json")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"schema": 2}, "schema 2"),
        ({"sha256": "short"}, "no valid sha256"),
        ({"onnx": "../elsewhere.onnx"}, "outside its own folder"),
        ({"stride": 0}, "stride"),
        ({"working_size": [100, 128]}, "off its stride"),
        ({"working_size": "large"}, "lacks or misstates"),
        ({"precision": "fp8"}, "precision 'fp8'"),
        ({"inputs": []}, "one input"),
        ({"inputs": [{"name": "frame", "dtype": "float32", "shape": [1, "H", "W", 3]}]}, "take 'frame' as uint8"),
        ({"outputs": []}, "lacks the output 'enhanced'"),
        ({"state": [{"input": "s", "output": "s", "dtype": "float32", "shape": [1]}]}, "state tensor twice"),
        ({"state": [{"input": "s", "output": "t", "dtype": "float64", "shape": [1]}]}, "unknown dtype"),
        ({"state": [{"input": "s", "output": "t", "dtype": "float32", "shape": [1, "H/7"]}]}, "does not divide by 7"),
        ({"state": [{"input": "s", "output": "t", "dtype": "float32", "shape": ["N"]}]}, "dimension 'N'"),
        ({"state": [{}]}, "lacks or misstates"),
    ],
)
def test_a_manifest_that_breaks_the_contract_is_refused(toy: Path, changes: dict[str, object], sentence: str) -> None:
    damage(toy, **changes)
    with pytest.raises(ModelError, match=sentence):
        read_manifest(toy)


def test_a_flow_of_unstated_direction_is_refused(toy: Path) -> None:
    outputs = json.loads(toy.read_text())["outputs"]
    outputs[1]["direction"] = "previous->current"
    damage(toy, outputs=outputs)
    with pytest.raises(ModelError, match="must state flow"):
        read_manifest(toy)


def test_trained_means_the_word_true_alone(toy: Path) -> None:
    damage(toy, trained="yes")
    assert not read_manifest(toy).trained


def test_dimensions_follow_the_frame() -> None:
    assert resolve_shape((1, 8, "H/4", "W/16"), 480, 640) == (1, 8, 120, 40)
