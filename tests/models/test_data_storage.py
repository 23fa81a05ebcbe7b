"""Windows on disk: our cache, the commands that fill it, and a tree laid out like Vident-real."""

from __future__ import annotations

import importlib
import importlib.util
import json
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from engine.errors import SourceError
from models.__main__ import main
from models.data.cache import CachedWindows, CachePlan, write_cache
from models.data.texture import coloured_noise
from models.data.vident import VidentWindows, is_vident, list_sequences, open_vident
from models.data.vident_flow import Dis, Raft, agrees, label_sequence
from models.data.window import Window


def plain_window(index: int, rng: np.random.Generator) -> Window:
    value = rng.integers(0, 255, (2, 8, 8, 3), dtype=np.uint8)
    flat = np.full((2, 8, 8), index % 2, np.uint8)
    return Window(value, value, np.full((2, 8, 8, 2), index, np.float16), flat, flat, f"window {index}")


PLAN = CachePlan(windows=7, frames=2, height=8, width=8, seed=5, split="train", shard=3)


def ignore(_: int) -> None:
    """No progress wanted."""


def test_a_cache_gives_back_what_was_written(tmp_path: Path) -> None:
    write_cache(tmp_path, PLAN, plain_window, ignore)
    cache = CachedWindows(tmp_path)
    assert len(cache) == 7
    for index in range(7):
        made = plain_window(index, np.random.default_rng([5, index]))
        assert cache[index].name == made.name
        assert np.array_equal(cache[index].degraded, made.degraded)
        assert np.array_equal(cache[index].flow, made.flow)
    with pytest.raises(IndexError):
        cache[7]


def test_an_interrupted_cache_goes_on_and_ends_the_same(tmp_path: Path) -> None:
    class Interrupted(Exception):
        pass

    def stops_early(index: int, rng: np.random.Generator) -> Window:
        if index == 4:
            raise Interrupted
        return plain_window(index, rng)

    with pytest.raises(Interrupted):
        write_cache(tmp_path / "broken", PLAN, stops_early, ignore)
    assert len(CachedWindows(tmp_path / "broken")) == 3
    write_cache(tmp_path / "broken", PLAN, plain_window, ignore)
    write_cache(tmp_path / "whole", PLAN, plain_window, ignore)
    broken, whole = CachedWindows(tmp_path / "broken"), CachedWindows(tmp_path / "whole")
    assert all(np.array_equal(broken[k].degraded, whole[k].degraded) for k in range(7))


def test_a_reader_takes_up_shards_that_were_finished_later(tmp_path: Path) -> None:
    write_cache(tmp_path, CachePlan(3, 2, 8, 8, 5, "train", 3), plain_window, ignore)
    cache = CachedWindows(tmp_path)
    write_cache(tmp_path, PLAN, plain_window, ignore)
    assert len(cache) == 3
    assert cache.refresh() == 7


def test_a_cache_made_otherwise_and_an_empty_folder_are_refused(tmp_path: Path) -> None:
    write_cache(tmp_path / "a", PLAN, plain_window, ignore)
    with pytest.raises(SourceError, match="another seed"):
        write_cache(tmp_path / "a", CachePlan(7, 2, 8, 8, 6, "train", 3), plain_window, ignore)
    with pytest.raises(SourceError, match="no finished shard"):
        CachedWindows(tmp_path)


def test_the_commands_make_and_measure_a_cache(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "dental-photos" / "train"
    folder.mkdir(parents=True)
    cv2.imwrite(str(folder / "1.jpg"), coloured_noise(np.random.default_rng(0), (200, 240)))
    cv2.imwrite(str(folder / "1.png"), cv2.circle(np.zeros((200, 240), np.uint8), (120, 100), 60, 1, -1))
    cache = tmp_path / "cache"
    made = ["data", "cache", "--data", str(tmp_path), "--out", str(cache), "--windows", "2", "--size", "64"]
    assert main([*made, "--frames", "2"]) == 0
    figures = tmp_path / "stats.json"
    assert main(["data", "stats", "--cache", str(cache), "--out", str(figures)]) == 0
    assert json.loads(figures.read_text())["windows"] == 2
    assert "mean |flow|" in capsys.readouterr().out


def test_the_preview_command_writes_a_sheet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "clinical-photos" / "train"
    folder.mkdir(parents=True)
    cv2.imwrite(str(folder / "1.jpg"), coloured_noise(np.random.default_rng(0), (300, 300)))
    assert main(["data", "preview", "--data", str(tmp_path), "--out", str(tmp_path / "look"), "--clips"]) == 0
    assert cv2.imread(str(tmp_path / "look" / "sheet.jpg")) is not None
    capsys.readouterr()


@pytest.fixture
def vident(tmp_path: Path) -> Path:
    """Two sequences of six frames of 64x80; the texture moves 2 px to the right a frame."""
    rng = np.random.default_rng(1)
    for name in ("7", "8"):
        texture = cv2.GaussianBlur(coloured_noise(rng, (64, 120)), (0, 0), 1.2)
        for kind in ("input", "GT", "masks"):
            (tmp_path / "train" / name / kind).mkdir(parents=True)
        for k in range(6):
            frame = texture[:, 20 - 2 * k : 100 - 2 * k]
            mask = np.where(np.arange(80)[None, :] < 40 + 2 * k, 255, 10).repeat(64, axis=0).astype(np.uint8)
            folder = tmp_path / "train" / name
            cv2.imwrite(str(folder / "input" / f"{k}.png"), frame // 2)
            cv2.imwrite(str(folder / "GT" / f"{k}.png"), frame)
            cv2.imwrite(str(folder / "masks" / f"{k}.png"), mask)
    return tmp_path


@pytest.mark.parametrize("stride", [1, 2])
def test_a_vident_tree_gives_windows_with_labels_made_once(vident: Path, stride: int) -> None:
    with pytest.raises(SourceError, match="vident-flow"):
        VidentWindows(vident, "train", frames=3, stride=stride)
    made: list[Path] = []
    for _ in range(2):
        for sequence in list_sequences(vident, "train"):
            label_sequence(sequence, stride, Dis(), made.append)
    assert len(made) == 2 * (6 - stride)
    assert is_vident(vident / "train")
    windows = open_vident(vident / "train", frames=3, stride=stride)
    assert len(windows) == 2 * (2 if stride == 1 else 1)
    window = windows[1]
    assert window.clean.shape == (3, 64, 80, 3)
    assert np.abs(window.degraded[0].astype(int) - window.clean[0] // 2).max() <= 1
    assert window.tooth[0].mean() == pytest.approx(0.5, abs=0.06)
    inner = window.flow[1, 16:48, 16:64].astype(np.float32)
    assert np.median(inner[..., 0]) == pytest.approx(-2 * stride, abs=0.3)
    assert window.visible[1].mean() > 0.7
    assert not window.visible[0].any()


def test_a_flat_tree_is_split_65_10_25_without_overlap(tmp_path: Path) -> None:
    for name in range(20):
        for kind in ("input", "GT", "masks"):
            (tmp_path / str(name) / kind).mkdir(parents=True)
            cv2.imwrite(str(tmp_path / str(name) / kind / "0.png"), np.zeros((8, 8, 3), np.uint8))
    found = {split: {s.folder for s in list_sequences(tmp_path, split)} for split in ("train", "val", "test")}
    assert [len(found[split]) for split in ("train", "val", "test")] == [13, 2, 5]
    assert len(set.union(*found.values())) == 20


def test_flow_that_does_not_lead_back_is_not_believed() -> None:
    backward = np.zeros((16, 16, 2), np.float32)
    backward[..., 0] = 2
    forward = -backward
    assert agrees(backward, forward).all()
    forward[:, 8:] = 5
    assert not agrees(backward, forward)[:, 8:].any()


def test_raft_gives_flow_of_the_frames_size_or_says_what_it_lacks(tmp_path: Path) -> None:
    frame = coloured_noise(np.random.default_rng(0), (132, 140))
    if importlib.util.find_spec("torchvision") is None:
        with pytest.raises(SourceError, match=r"needs torchvision.*--method dis"):
            Raft("cpu")
        return
    flow_models = importlib.import_module("torchvision.models.optical_flow")
    torch.save(flow_models.raft_large(weights=None).state_dict(), tmp_path / "raft.pth")
    assert Raft("cpu", tmp_path / "raft.pth")(frame, frame).shape == (132, 140, 2)


def test_the_label_command_labels_a_tree(vident: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "vident-flow", "--vident", str(vident), "--method", "dis"]) == 0
    assert "2/2 8" in capsys.readouterr().out
    assert len(open_vident(vident / "train", frames=2)) == 10
