"""The measurement takes turns, counts what it says it counts, and runs the live path's own pipeline."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from engine.benchmarking import Effort, fitted, measure
from engine.inference.choose import BackendOptions
from tests.fakes_onnx import write_toy

EFFORT = Effort(rounds=2, frames=3, clip_frames=4)


@pytest.fixture(scope="module")
def clip() -> list[np.ndarray]:
    """A textured picture that moves by one pixel a frame; painting the demo's mouth would take seconds."""
    coarse = np.random.default_rng(4).integers(40, 220, (60, 84, 3), dtype=np.uint8)
    wide = cv2.resize(coarse, (660, 480), interpolation=cv2.INTER_CUBIC)
    return [np.ascontiguousarray(wide[:, shift : shift + 640]) for shift in range(EFFORT.clip_frames)]


def test_the_figures_agree_with_one_another(tmp_path: Path, clip: list[np.ndarray]) -> None:
    options = BackendOptions("openvino-f32", model=str(write_toy(tmp_path)), threads=1, cache_dir=tmp_path)
    figures = measure(options, (480, 640), clip, EFFORT)
    assert (figures.source, figures.working_size, figures.model) == ("640x480", "640x480", "toy")
    assert figures.ratio == pytest.approx(figures.engine_ms / figures.pipeline_ms, rel=1e-3)
    assert figures.gmac_per_s == pytest.approx(figures.gmac / figures.engine_ms * 1e3, rel=0.05)
    assert figures.ceiling_gmac_per_s is not None
    assert figures.share == pytest.approx(figures.gmac_per_s / figures.ceiling_gmac_per_s, abs=2e-3)
    assert {"infer", "stabilize", "warp"} <= figures.stage_ms.keys()
    outside = sum(value for name, value in figures.stage_ms.items() if name != "infer")
    assert figures.outside_ms == pytest.approx(outside, abs=0.01)


def test_a_larger_camera_runs_at_its_own_working_size(tmp_path: Path, clip: list[np.ndarray]) -> None:
    options = BackendOptions("openvino-f32", model=str(write_toy(tmp_path)), threads=1, cache_dir=tmp_path)
    figures = measure(options, (720, 1280), clip, Effort(rounds=1, frames=2, clip_frames=4))
    assert (figures.source, figures.working_size) == ("1280x720", "736x416")


def test_a_clip_is_cut_to_the_aspect_ratio_before_it_is_stretched() -> None:
    stripes = np.zeros((480, 640, 3), dtype=np.uint8)
    stripes[:60] = 255  # the cut to 16:9 takes exactly these rows away
    assert fitted(stripes, (720, 1280)).shape == (720, 1280, 3)
    assert fitted(stripes, (720, 1280)).max() == 0
    assert fitted(stripes, (480, 640)) is stripes
