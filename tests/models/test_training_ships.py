"""From a checkpoint to a shipped file and back."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from engine.errors import ModelError
from engine.inference.signature import load_model
from models.__main__ import main
from models.build import build
from models.commands.export import read_findings
from models.training import checkpoint
from models.training.initial import adopt


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint in which no two tensors are alike, as after training."""
    torch.manual_seed(1)
    average = {
        name: tensor + 0.01 * torch.randn_like(tensor) for name, tensor in build("mostnet-lite").state_dict().items()
    }
    path = tmp_path_factory.mktemp("run") / checkpoint.LAST
    checkpoint.save(path, {"config": "lite", "average": average, "step": 12})
    return path


def test_a_checkpoint_is_exported_as_trained_with_its_figures_and_comes_back_whole(
    trained: Path, tmp_path: Path
) -> None:
    (tmp_path / "frames.csv").write_text("method,condition,frame,psnr,iou\nnet,blur,1,20.0,\nnet,blur,2,30.0,0.5\n")
    options = ["--out", str(tmp_path), "--weights", str(trained), "--findings", str(tmp_path), "--trained-on", "photos"]
    assert main(["export", "mostnet-lite", "--precision", "fp32", *options]) == 0
    manifest = load_model(tmp_path / "mostnet-lite.json").manifest
    assert manifest.trained
    assert (manifest.training.steps, manifest.training.data) == (12, ("photos",))
    assert manifest.accuracy["net"] == {"psnr": 25.0, "iou": 0.5}

    network = build("mostnet-lite")
    adopted = adopt(network, tmp_path / "mostnet-lite.onnx")
    kept = {name: tensor for name, tensor in network.state_dict().items() if name not in adopted.left}
    assert all(torch.equal(tensor, checkpoint.load(trained)["average"][name]) for name, tensor in kept.items())
    assert all(name.startswith(("decoder.coarse_tooth", "flow.levels.3.hint")) for name in adopted.left)


def test_figures_that_are_not_there_are_asked_for(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="evaluate --out"):
        read_findings(tmp_path)
