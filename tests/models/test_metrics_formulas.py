"""The measures on pictures whose answer is known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from models import metrics
from models.data.texture import coloured_noise
from models.data.window import UNKNOWN_TOOTH

GREY = np.full((32, 40, 3), 100, np.uint8)


def test_psnr_of_ten_levels_is_28_13_db() -> None:
    assert metrics.psnr(GREY + 10, GREY) == pytest.approx(20 * math.log10(25.5), abs=1e-4)
    assert metrics.psnr(GREY, GREY) == 100


def test_ssim_is_one_for_equal_pictures_and_falls_with_blur_more_than_with_brightness() -> None:
    picture = coloured_noise(np.random.default_rng(0), (64, 64))
    blurred = np.stack([np.roll(picture, k, axis=1) for k in range(4)]).mean(axis=0).astype(np.uint8)
    darker = (picture * 0.95).astype(np.uint8)
    assert metrics.ssim(picture, picture) == pytest.approx(1)
    assert metrics.ssim(blurred, picture) < metrics.ssim(darker, picture) < 1


def test_endpoint_error_is_a_distance() -> None:
    flow = np.zeros((4, 4, 2), np.float32)
    truth = np.tile(np.array([3, 4], np.float32), (4, 4, 1))
    assert np.allclose(metrics.endpoint_errors(flow, truth), 5)
    assert math.isnan(metrics.mean_over(np.ones((4, 4), np.float32), np.zeros((4, 4), bool)))


def test_iou_leaves_unknown_pixels_out_and_is_not_measured_without_teeth() -> None:
    truth = np.array([[1, 1, 0, UNKNOWN_TOOTH]], np.uint8)
    assert metrics.tooth_iou(np.array([[True, False, True, True]]), truth) == pytest.approx(1 / 3)
    assert math.isnan(metrics.tooth_iou(np.ones((1, 4), bool), np.zeros((1, 4), np.uint8)))


def test_movement_along_the_true_flow_is_no_flicker_but_a_change_of_brightness_is() -> None:
    texture = coloured_noise(np.random.default_rng(1), (32, 60))
    previous, current = texture[:, 4:44].copy(), texture[:, 0:40].copy()
    flow = np.tile(np.array([-4, 0], np.float32), (32, 40, 1))
    visible = np.ones((32, 40), bool)
    visible[:, :4] = False
    assert metrics.temporal_error(current, previous, flow, visible) == 0
    brighter = np.clip(current.astype(int) + 6, 0, 255).astype(np.uint8)
    assert 4 < metrics.temporal_error(brighter, previous, flow, visible) <= 6


def test_trust_that_knows_the_errors_scores_high_and_constant_trust_scores_one() -> None:
    error = np.random.default_rng(2).exponential(1, 20000).astype(np.float32)
    assert metrics.trust_ratio(-error, error) > 4
    assert metrics.trust_ratio(np.ones_like(error), error) == pytest.approx(1, abs=0.2)
    assert metrics.trust_ratio(error, error) < 0.5
