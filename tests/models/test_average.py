"""Weights of runs that went on from one another can be averaged."""

from pathlib import Path

import pytest
import torch

from models.__main__ import USER_ERROR, main
from models.training import checkpoint


def kept(path: Path, value: float, config: str = "lite", name: str = "weight") -> str:
    state = {name: torch.full((2, 3), value), "count": torch.tensor(int(value))}
    checkpoint.save(path, {"config": config, "average": state, "step": int(value)})
    return str(path)


def test_the_mean_of_two_checkpoints_lies_between_them(tmp_path: Path) -> None:
    before, after = kept(tmp_path / "a.pt", 1.0), kept(tmp_path / "b.pt", 4.0)
    assert main(["average", before, after, "--out", str(tmp_path / "mean.pt")]) == 0
    mean = checkpoint.load(tmp_path / "mean.pt")
    assert mean["average"]["weight"].unique().tolist() == [2.5]
    assert (int(mean["average"]["count"]), mean["step"], mean["config"]) == (4, 4, "lite")


@pytest.mark.parametrize("other", [{"config": "sw"}, {"name": "gain"}])
def test_weights_that_are_not_of_one_network_are_refused(
    tmp_path: Path, other: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    pair = [kept(tmp_path / "a.pt", 1.0), kept(tmp_path / "b.pt", 4.0, **other)]
    assert main(["average", *pair, "--out", str(tmp_path / "mean.pt")]) == USER_ERROR
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert not (tmp_path / "mean.pt").exists()
