"""Vibration, registration and latency against known motion and known delays."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from engine.calibration.latency import flash_times, judge, measure_timing, seen_times
from engine.calibration.registration import Registration
from engine.calibration.vibration import analyse, attenuation_db
from engine.errors import CalibrationError
from engine.values import Image
from tests.rendered_boards import camera, photographs


@pytest.fixture(scope="module")
def pictures() -> list[Image]:
    """Boards before a lens of known faults; what they show matters little here."""
    random = np.random.default_rng(11)
    return photographs(5, camera(random), np.random.default_rng(5))


def moving(fps: float, seconds: float, hz: float, amplitude: float) -> np.ndarray:
    t = np.arange(round(fps * seconds)) / fps
    noise = np.random.default_rng(1).normal(0, 0.02, (len(t), 2))
    return np.stack([amplitude * np.sin(2 * np.pi * hz * t), 0.3 * t], 1) + noise


@pytest.mark.parametrize(("fps", "hz", "amplitude"), [(30, 8.37, 2.0), (60, 17.2, 0.5), (25, 3.1, 5.0)])
def test_vibration_peaks_are_found_in_frequency_and_size(fps: float, hz: float, amplitude: float) -> None:
    peak = analyse(moving(fps, 20, hz, amplitude), fps).peaks[0]
    assert abs(peak.hz - hz) <= 0.2
    assert abs(peak.amplitude_px - amplitude) <= 0.05 * amplitude


def test_attenuation_compares_raw_with_stabilized() -> None:
    raw, held = (analyse(moving(30, 20, 9.0, amplitude), 30) for amplitude in (3.0, 0.3))
    assert attenuation_db(raw, held, 7, 12) == pytest.approx(-20, abs=0.5)


def test_too_short_a_motion_is_refused() -> None:
    with pytest.raises(CalibrationError, match="64 are needed"):
        analyse(np.zeros((20, 2)), 30)


def test_registration_follows_a_target_below_a_tenth_of_a_pixel(pictures: list[Image]) -> None:
    registration = Registration()
    registration.shift(pictures[4])
    for dx, dy in ((1.3, -0.7), (-4.25, 2.5)):
        moved = cv2.warpAffine(
            pictures[4], np.float32([[1, 0, dx], [0, 1, dy]]), (640, 480), borderMode=cv2.BORDER_REFLECT
        )
        x, y = registration.shift(np.asarray(moved, np.uint8))
        assert abs(x - dx) < 0.1
        assert abs(y - dy) < 0.1


def test_registration_does_not_drift_over_a_hundred_frames(pictures: list[Image]) -> None:
    registration = Registration()
    registration.shift(pictures[4])
    places = [registration.shift(pictures[4]) for _ in range(100)]
    assert np.abs(places).max() < 0.01  # cv2.phaseCorrelate used to eat the first picture, frame by frame


@pytest.mark.parametrize("fps", [30.0, 60.0])
def test_latency_of_a_simulated_loop_is_found_within_two_milliseconds(fps: float) -> None:
    rng = np.random.default_rng(3)
    interval, delay = 1 / fps, 0.0473
    flashes = flash_times(1.0, 0.35, interval, 400)
    exposures = (
        np.arange(0, flashes[-1] + 1, interval)
        + rng.normal(0, 0.0004, round((flashes[-1] + 1) / interval) + 1)[: len(np.arange(0, flashes[-1] + 1, interval))]
    )
    lit = ((exposures[:, None] >= flashes) & (exposures[:, None] < flashes + 0.15)).any(1)
    captured = exposures + delay + rng.normal(0, 0.001, len(exposures))
    result = judge(flashes, seen_times(20 + 180.0 * lit, captured, flashes), interval)
    assert result.trials == 400
    assert abs(result.camera - 47.3) <= 2.0
    assert result.median == pytest.approx(47.3 + 500 * interval, abs=2.0)


def test_a_camera_that_does_not_see_the_flash_is_told() -> None:
    with pytest.raises(CalibrationError, match="does not see"):
        seen_times(np.full(100, 50.0), np.arange(100) / 30, np.array([1.0, 2.0]))


def test_missed_frames_are_counted_in_the_timing() -> None:
    times = np.delete(np.arange(60) * 33_333_333, [10, 30, 31])
    timing = measure_timing(times.tolist())
    assert timing.missed == 3
    assert timing.fps == pytest.approx(30, abs=0.01)
