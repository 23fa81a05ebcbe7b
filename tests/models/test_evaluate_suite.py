"""The evaluation: baselines, networks and the command, on a small suite made of test pictures."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

import resources
from engine.errors import ModelError
from models.__main__ import main
from models.build import build
from models.data.texture import coloured_noise
from models.data.window import Window
from models.evaluation import suite
from models.evaluation.classical import Chain, enhance, noise_level, tune
from models.evaluation.measure import measure
from models.evaluation.networks import open_network
from models.evaluation.picture import grid
from models.evaluation.predictors import DisFlow, InputItself, Prediction
from models.evaluation.table import markdown, summarise
from models.metrics import Picture, psnr
from models.training import checkpoint


def sliding_clip(frames: int = 4, name: str = "photo/calm/light") -> Window:
    """A texture that moves 2 px a frame to the right, delivered half as bright; the left half is tooth."""
    texture = cv2.GaussianBlur(coloured_noise(np.random.default_rng(3), (64, 136)), (0, 0), 1.2)
    clean = np.stack([texture[:, 20 - 2 * k : 116 - 2 * k] for k in range(frames)])
    flow = np.zeros((frames, 64, 96, 2), np.float16)
    flow[1:, ..., 0] = -2
    visible = np.ones((frames, 64, 96), np.uint8)
    visible[:, :, :2] = 0
    tooth = np.zeros((frames, 64, 96), np.uint8)
    tooth[:, :, :48] = 1
    return Window(clean // 2, clean, flow, visible, tooth, name)


class Perfect:
    """Knows the truth of the sliding clip."""

    name = "perfect"

    def __init__(self) -> None:
        self.clip, self.k = sliding_clip(), -1

    def reset(self) -> None:
        """Back to the clip's start."""
        self.k = -1

    def step(self, frame: Picture) -> Prediction:
        """The truth of the next frame."""
        self.k += 1
        flow = self.clip.flow[self.k].astype(np.float32)
        trust = np.ones(flow.shape[:2], np.float32)
        return Prediction(self.clip.clean[self.k], flow, trust, self.clip.tooth[self.k] == 1)


def test_a_perfect_method_gets_perfect_numbers() -> None:
    findings = measure(Perfect(), [sliding_clip(), sliding_clip()])
    assert len(findings.rows) == 2 * 3  # the first frame of each clip is not measured
    (line,) = summarise(findings.rows, lambda _: "all")
    assert line.values["psnr"] == 100
    assert line.values["ssim"] == pytest.approx(1)
    assert line.values["epe"] == 0
    assert line.values["iou"] == 1
    assert line.values["temporal"] == 0


def test_the_input_baseline_has_zero_flow_and_calls_everything_tooth() -> None:
    (line,) = summarise(measure(InputItself(), [sliding_clip()]).rows, lambda _: "all")
    assert line.values["epe"] == pytest.approx(2)
    assert line.values["iou"] == pytest.approx(0.5)
    assert "| input | 2" not in markdown([line])
    assert "0.500" in markdown([line])


def test_dis_finds_the_sliding_and_starts_afresh_with_each_clip() -> None:
    findings = measure(DisFlow(), [sliding_clip(), sliding_clip()], on_clean=True)
    assert summarise(findings.rows, lambda _: "all")[0].values["epe_visible"] < 0.3
    assert math.isnan(findings.rows[0].values["psnr"])
    assert math.isnan(findings.trust_ratio())


def test_the_classical_chain_can_be_tuned_and_then_helps() -> None:
    clip = sliding_clip()
    chain, score = tune([clip], Chain(), rounds=1)
    assert score > psnr(clip.degraded[-1], clip.clean[-1]) + 3
    assert enhance(clip.degraded[-1], chain).shape == (64, 96, 3)


def test_the_noise_estimate_is_close_to_the_noise() -> None:
    rng = np.random.default_rng(0)
    noisy = np.clip(np.full((96, 96, 1), 120) + rng.normal(0, 8, (96, 96, 1)), 0, 255).astype(np.uint8)
    assert noise_level(np.repeat(noisy, 3, axis=-1)) == pytest.approx(8, rel=0.1)


def test_the_shipped_graph_and_a_checkpoint_can_be_measured(tmp_path: Path) -> None:
    torch.manual_seed(0)
    network = build("mostnet-lite")
    path = tmp_path / "run" / "last.pt"
    checkpoint.save(path, {"config": "lite", "average": network.state_dict(), "step": 3})
    shipped = Path(str(resources.path("weights/mostnet-lite.json")))
    clip = sliding_clip(3)
    for weights in (path, shipped):
        predictor = open_network(weights, (64, 96), "f32")
        predictor.reset()
        for frame in clip.degraded:
            found = predictor.step(frame)
        assert found.enhanced is not None
        assert found.enhanced.shape == (64, 96, 3)
        assert found.flow is not None
        assert found.flow.shape == (64, 96, 2)
        first = predictor.step(clip.degraded[0])
        predictor.reset()
        fresh = predictor.step(clip.degraded[0])
        predictor.reset()
        assert np.array_equal(fresh.flow, predictor.step(clip.degraded[0]).flow)
        assert first.flow is not None
        assert grid(predictor, [clip]).shape == (240, 5 * 320, 3)
    with pytest.raises(ModelError, match="neither a manifest nor a checkpoint"):
        open_network(tmp_path / "weights.bin", (64, 96), "f32")


def test_the_suite_covers_every_condition_at_every_level_with_different_photos() -> None:
    clips = suite.plan_clips("val")
    assert len({(clip.condition, clip.level) for clip in clips}) == 8 * 3 + 1
    assert suite.at_level(clips[-1]).strength[0] == suite.LEVELS[clips[-1].level]


def test_the_command_fills_the_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in (("FRAMES", 2), ("HEIGHT", 48), ("WIDTH", 64), ("REPEATS", 1)):
        monkeypatch.setattr(suite, name, value)
    folder = tmp_path / "dental-photos" / "val"
    folder.mkdir(parents=True)
    cv2.imwrite(str(folder / "1.jpg"), coloured_noise(np.random.default_rng(0), (200, 240)))
    cv2.imwrite(str(folder / "1.png"), cv2.circle(np.zeros((200, 240), np.uint8), (120, 100), 60, 1, -1))
    options = ["--suite", "val", "--data", str(tmp_path), "--cache", str(tmp_path / "cache"), "--out", str(tmp_path)]
    assert main(["evaluate", *options]) == 0
    printed = capsys.readouterr().out
    assert "| grey-world + gamma + non-local means | hard |" in printed
    assert "| OpenCV DIS | fast |" in printed
    assert (tmp_path / "table.md").read_text() == printed
    with (tmp_path / "frames.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 4 * (3 + 8 * 3)
    assert {row["level"] for row in rows} == {"clean", "light", "medium", "hard"}
