"""Every network really becomes a TensorRT FP16 engine here, without a GPU: convolutions in FP16, warps in FP32."""

import hashlib
import json
from pathlib import Path

import pytest
import tensorrt_rtx
import torch

import models
from engine.inference.plan_build import BuildRequest
from engine.inference.plan_orders import graphs_folder
from engine.inference.plan_process import build_in_process
from engine.inference.signature import load_model
from models.build import NAMES, build
from models.export import export

ROOT = Path(models.__file__).parent
SHAPE_NO_GRAPH = ("training", "data", "evaluation", "commands", "baselines")


def digest_of(*parts: str) -> str:
    paths = [path for path in sorted(ROOT.rglob("*.py")) if path.parent.name not in SHAPE_NO_GRAPH]
    sources = [path.read_text(encoding="utf-8") for path in paths]
    return hashlib.sha256("".join([*sources, *parts]).encode()).hexdigest()


def untrained_graph(name: str) -> Path:
    """The manifest of NAME-fp16 in the cache where `steadyscope engine build` finds it, exported when not fresh."""
    folder = graphs_folder()
    manifest, stamp = folder / f"{name}-fp16.json", folder / f"{name}.stamp"
    digest = digest_of(torch.__version__)
    if not (manifest.is_file() and stamp.is_file() and stamp.read_text() == digest):
        torch.manual_seed(0)
        export(build(name), folder, "fp16")
        stamp.write_text(digest)
    return manifest


@pytest.mark.parametrize("name", NAMES)
def test_the_network_becomes_a_half_precision_engine_ahead_of_time(name: str, tmp_path: Path) -> None:
    manifest = untrained_graph(name)
    model = load_model(manifest)
    assert not model.manifest.trained
    proof = graphs_folder() / f"{name}.built.json"
    key = f"{model.manifest.sha256} {tensorrt_rtx.__version__}"
    facts = json.loads(proof.read_text()) if proof.is_file() else {}
    if facts.get("key") != key:  # the same graph need not be built at every run
        request = BuildRequest(str(manifest), "tensorrt-rtx", "sm89", 480, 640, str(tmp_path / "sm89.plan"))
        built = build_in_process(request, lambda _done, _phase: None)
        facts = {"key": key, "bytes": built.size_bytes, "seconds": built.seconds, "precision": built.precision}
        proof.write_text(json.dumps(facts, indent=1))
    assert facts["bytes"] > 1e6
    assert set(facts["precision"]["convolutions"]) == {"HALF"}
    assert set(facts["precision"]["warps"]) == {"FLOAT"}
