"""What the bench says of the picture: focus, noise, lamp flicker, dust and dead pixels."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from engine.calibration import picture
from engine.values import Image
from tests.rendered_boards import camera, photographs


@pytest.fixture(scope="module")
def pictures() -> list[Image]:
    """Boards before a lens of known faults; what they show matters little here."""
    random = np.random.default_rng(11)
    return photographs(5, camera(random), np.random.default_rng(5))


def test_the_focus_meter_peaks_at_focus_whatever_noise_and_exposure(pictures: list[Image]) -> None:
    sharp = pictures[4]
    series = [cv2.GaussianBlur(sharp, (0, 0), sigma) if sigma else sharp for sigma in (4, 2, 0, 2, 4)]
    noise = np.random.default_rng(2).normal(0, 6, sharp.shape)
    figures = [picture.sharpness(one) for one in series]
    noisy = [picture.sharpness(np.clip(0.7 * one + noise, 0, 255).astype(np.uint8)) for one in series]
    assert int(np.argmax(figures)) == int(np.argmax(noisy)) == 2
    assert noisy[2] == pytest.approx(figures[2], rel=0.25)


def test_noise_is_measured_on_a_textured_picture(pictures: list[Image]) -> None:
    clean = cv2.GaussianBlur(pictures[4], (0, 0), 2)
    for sigma in (2.0, 8.0):
        grey = clean[..., :1] + np.random.default_rng(4).normal(0, sigma, (*clean.shape[:2], 1))
        noisy = np.clip(np.repeat(grey, 3, 2), 0, 255).astype(np.uint8)
        assert picture.noise_sigma(noisy) == pytest.approx(sigma, rel=0.15)


@pytest.mark.parametrize(("mains", "fps"), [(50.0, 30.0), (60.0, 25.0)])
def test_lamp_flicker_is_seen_and_its_mains_named(mains: float, fps: float) -> None:
    base = np.full((480, 64, 3), 130.0)
    rows = np.arange(480)
    frames = []
    for index in range(12):
        t = (index + rows / 480) / fps
        frames.append((base * (1 + 0.03 * np.sin(2 * np.pi * 2 * mains * t))[:, None, None]).astype(np.uint8))
    flicker = picture.measure_flicker(frames, fps)
    assert flicker.is_visible
    assert flicker.mains_hz == mains
    assert not picture.measure_flicker([base.astype(np.uint8)] * 12, fps).is_visible


def test_dust_and_dead_pixels_stay_where_the_scene_moves() -> None:
    y, x = np.mgrid[0:480, 0:640]
    speck = 1 - 0.25 * np.exp(-((x - 400) ** 2 + (y - 120) ** 2) / 60)
    frames = []
    for index in range(24):
        texture = np.random.default_rng(index).normal(0, 900, (480, 640)).astype(np.float32)
        scene = np.clip(130 + cv2.GaussianBlur(texture, (0, 0), 9), 20, 230) * speck
        scene[300, 200] = 255
        frames.append(np.repeat(scene[..., None], 3, axis=2).astype(np.uint8))
    found = picture.find_blemishes(frames)
    assert (200, 300) in found.dead_pixels
    assert any(abs(cx - 400) < 8 and abs(cy - 120) < 8 for cx, cy, _ in found.dust)
