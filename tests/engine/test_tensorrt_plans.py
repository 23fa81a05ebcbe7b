"""Plans are really built here, with progress and cancel; the cache keeps only what is whole and private."""

import json
import os
import stat
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from engine.errors import BackendRefused
from engine.inference import plan_process
from engine.inference.plan_build import BuildCancelled, BuildRequest, build_plan, temporary
from engine.inference.plan_cache import Finding, PlanCache, PlanKey, admit, facts_path
from engine.inference.plan_process import build_in_process
from engine.inference.plan_progress import PhaseTree
from engine.inference.signature import load_model
from tests.fakes_onnx import write_toy

KEY = PlanKey("toy-fp16", "a" * 64, "tensorrt-rtx", "1.7", "any", "sm89", "any", 96, 128)


@pytest.fixture
def cache(tmp_path: Path) -> PlanCache:
    return PlanCache(tmp_path / "engines")


def put(cache: PlanCache, key: PlanKey = KEY, plan: bytes = b"plan") -> None:
    part = temporary(cache.path(key))
    part.write_bytes(plan)
    admit(part, cache.path(key), key, {"seconds": 1.0})


def request_for(folder: Path, name: str = "toy-fp16", capability: str = "sm89") -> BuildRequest:
    return BuildRequest(str(folder / f"{name}.json"), "tensorrt-rtx", capability, 96, 128, str(folder / "toy.plan"))


def test_a_plan_is_found_as_it_was_admitted(cache: PlanCache) -> None:
    assert cache.find(KEY).finding is Finding.MISSING
    put(cache)
    assert cache.find(KEY).plan == b"plan"


@pytest.mark.parametrize(
    "change",
    [
        {"model_sha256": "b" * 64},
        {"version": "1.8"},
        {"gpu": "another"},
        {"driver": "13000"},
    ],
)
def test_a_plan_for_anything_else_is_stale_and_deleted(cache: PlanCache, change: dict[str, str]) -> None:
    put(cache)
    assert cache.find(replace(KEY, **change)).finding is Finding.STALE
    assert not any(cache.folder.iterdir())


def test_a_damaged_plan_is_corrupt_and_deleted(cache: PlanCache) -> None:
    put(cache)
    cache.path(KEY).write_bytes(b"pla")
    assert cache.find(KEY).finding is Finding.CORRUPT
    assert not any(cache.folder.iterdir())


def test_a_plan_without_readable_facts_is_corrupt(cache: PlanCache) -> None:
    put(cache)
    facts_path(cache.path(KEY)).write_text("{")
    assert cache.find(KEY).finding is Finding.CORRUPT
    put(cache)
    facts_path(cache.path(KEY)).unlink()
    assert cache.find(KEY).finding is Finding.CORRUPT


@pytest.mark.skipif(os.name != "posix", reason="permission bits are POSIX")
def test_a_cache_that_others_can_write_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "open"
    folder.mkdir()
    folder.chmod(stat.S_IRWXU | stat.S_IWOTH)
    with pytest.raises(BackendRefused, match="engines are code"):
        PlanCache(folder)


def test_a_half_precision_engine_is_built_without_a_gpu_and_its_precisions_are_reported(tmp_path: Path) -> None:
    model = load_model(write_toy(tmp_path, "toy-fp16", half=True))
    progress: list[tuple[float, str]] = []
    facts = build_in_process(request_for(tmp_path), lambda done, phase: progress.append((done, phase)))
    assert facts.precision["convolutions"] == {"HALF": 5}
    assert facts.precision["warps"] == {"FLOAT": 1}
    assert facts.precision["engine_layers"] > 0
    assert Path(facts.plan).stat().st_size == facts.size_bytes
    written = json.loads(facts_path(Path(facts.plan)).read_text())
    assert written["key"]["model_sha256"] == model.manifest.sha256
    assert written["key"]["capability"] == "sm89"
    layers = json.loads(Path(facts.layers).read_text())
    assert {node for layer in layers["engine"] for node in layer["onnx"]} >= {"stem", "warp", "flow_head"}
    fractions = [done for done, _ in progress]
    assert fractions == sorted(fractions)
    assert fractions[-1] > 0.5
    assert not temporary(Path(facts.plan)).exists()


def test_the_frozen_program_serves_builds_by_a_command_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_toy(tmp_path, "toy-fp16", half=True)
    monkeypatch.setattr(plan_process, "_command", lambda: [sys.executable, "-m", "app", "engine", "worker"])
    assert build_in_process(request_for(tmp_path), lambda _done, _phase: None).size_bytes > 0


def test_an_unknown_architecture_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    write_toy(tmp_path, "toy-fp16", half=True)
    with pytest.raises(BackendRefused, match="does not build for 'sm50'") as refused:
        build_in_process(request_for(tmp_path, capability="sm50"), lambda _done, _phase: None)
    assert "sm89" in refused.value.remedy


def test_a_network_file_that_is_damaged_is_refused_by_the_child(tmp_path: Path) -> None:
    manifest = write_toy(tmp_path, "toy-fp16", half=True)
    manifest.with_suffix(".onnx").write_bytes(b"noise")
    with pytest.raises(BackendRefused, match="sha256"):
        build_in_process(request_for(tmp_path), lambda _done, _phase: None)


def test_a_cancelled_build_stops_and_leaves_no_unfinished_file(tmp_path: Path) -> None:
    write_toy(tmp_path, "toy-fp16", half=True)
    cancelled = threading.Event()
    began_s = time.monotonic()
    with pytest.raises(BuildCancelled):
        build_in_process(request_for(tmp_path), lambda _done, _phase: cancelled.set(), cancelled.is_set)
    assert time.monotonic() - began_s < 10
    assert not temporary(tmp_path / "toy.plan").exists()


def test_the_builder_itself_gives_up_when_asked(tmp_path: Path) -> None:
    write_toy(tmp_path, "toy-fp16", half=True)
    with pytest.raises(BuildCancelled):
        build_plan(request_for(tmp_path), lambda _done, _phase: None, lambda: True)


def test_an_interrupted_caller_leaves_no_unfinished_file(tmp_path: Path) -> None:
    write_toy(tmp_path, "toy-fp16", half=True)

    def interrupt(_done: float, _phase: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build_in_process(request_for(tmp_path), interrupt)
    assert not temporary(tmp_path / "toy.plan").exists()


def test_nested_phases_become_one_number_that_never_falls() -> None:
    tree = PhaseTree()
    tree.start("build", None, 2)
    tree.start("first", "build", 4)
    tree.step("first", 1)
    assert tree.fraction() == pytest.approx(0.25)
    tree.finish("first")
    assert tree.fraction() == pytest.approx(0.25)
    tree.step("build", 0)
    assert tree.fraction() == pytest.approx(0.5)
    tree.finish("build")
    assert tree.fraction() == pytest.approx(0.5)
