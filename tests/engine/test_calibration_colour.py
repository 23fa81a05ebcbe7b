"""Colour calibration against rendered charts whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest

from engine.calibration.chart import read_chart
from engine.calibration.colour_fit import calibrate_colour
from engine.calibration.correction import ColourCorrection
from engine.calibration.entries import colour_entry
from engine.errors import CalibrationError
from tests.rendered_charts import photograph_chart


def test_colour_is_corrected_within_the_tolerances_and_the_live_path_agrees() -> None:
    photo, corners = photograph_chart(np.random.default_rng(8))
    reading = read_chart(photo)
    result = calibrate_colour(reading)
    assert result.verdict == "pass"
    assert result.before.mean() > 2 * result.after.mean()
    assert result.left_out.mean() <= 3
    corrected = ColourCorrection(result.fit.table(), result.fit.matrix).apply(photo)
    again = calibrate_colour(read_chart(corrected, corners))
    assert again.before.mean() <= 3
    assert again.before.max() <= 6


def test_a_patch_whose_colour_the_camera_cut_off_is_named_and_not_judged() -> None:
    photo, _ = photograph_chart(np.random.default_rng(1011))
    reading = read_chart(photo)
    result = calibrate_colour(reading)
    assert {one + 1 for one in result.crushed} == {7, 12, 13, 15, 16, 18}
    for patch in result.crushed:
        assert reading.values[patch].min() < 4  # at the camera's black
    assert result.verdict == "pass"
    assert abs(result.after[result.judged]).max() < 6
    entry = colour_entry(result, reading)
    assert entry["crushed_patches"] == [7, 12, 13, 15, 16, 18]
    assert entry["delta_e_all_patches"]["max"] > entry["delta_e_after"]["max"]


def test_too_many_cut_off_patches_fail_with_what_to_change() -> None:
    photo, corners = photograph_chart(np.random.default_rng(1011))
    steep = np.clip((photo.astype(float) - 40) * 1.15, 0, 255).astype(np.uint8)
    result = calibrate_colour(read_chart(steep, corners))
    assert result.verdict == "fail"
    assert "contrast or saturation is too high" in result.failures[0]


def test_a_chart_upside_down_is_read_all_the_same() -> None:
    photo, _ = photograph_chart(np.random.default_rng(9))
    turned = read_chart(np.ascontiguousarray(photo[::-1, ::-1]))
    np.testing.assert_allclose(turned.values, read_chart(photo).values, atol=3)


def test_wrong_charts_are_refused_with_a_reason() -> None:
    photo, corners = photograph_chart(np.random.default_rng(9))
    mirrored = corners * (-1, 1) + (photo.shape[1] - 1, 0)
    with pytest.raises(CalibrationError, match="mirrored"):
        read_chart(np.ascontiguousarray(photo[:, ::-1]), mirrored)
    with pytest.raises(CalibrationError, match="No colour chart"):
        read_chart(np.full((480, 640, 3), 120, np.uint8))
    other = photo.copy()
    other[:, : photo.shape[1] // 2] = other[:, : photo.shape[1] // 2][:, ::-1]
    with pytest.raises(CalibrationError, match="not the 24-patch chart"):
        read_chart(other, corners)


def test_an_overexposed_chart_is_refused() -> None:
    photo, corners = photograph_chart(np.random.default_rng(9))
    bright = np.clip(photo.astype(float) * 2.6, 0, 255).astype(np.uint8)
    with pytest.raises(CalibrationError, match=r"overexposed|not the 24-patch"):
        calibrate_colour(read_chart(bright, corners))
