"""Calibration against known truth: rendered boards and charts, synthetic motion, simulated latency."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import cv2
import numpy as np
import pytest

from engine.calibration import picture, profile
from engine.calibration.board import Board, write_sheet
from engine.calibration.chart import read_chart
from engine.calibration.colour_fit import calibrate_colour
from engine.calibration.correction import NoCorrection, Undistortion
from engine.calibration.entries import colour_entry, latency_entry, lens_entry, vibration_entry
from engine.calibration.guide import Guide
from engine.calibration.latency import flash_times, judge, measure_timing, seen_times
from engine.calibration.lens import LensResult, calibrate
from engine.calibration.registration import Registration
from engine.calibration.report import write_report
from engine.calibration.vibration import analyse, attenuation_db
from engine.calibration.view import BoardFinder, BoardView
from engine.errors import CalibrationError
from engine.values import Image
from tests.rendered_boards import BOARD, Camera, camera, photograph, photographs, poses
from tests.rendered_charts import photograph_chart


@pytest.fixture(scope="module")
def lens() -> Camera:
    return camera(np.random.default_rng(11))


@pytest.fixture(scope="module")
def pictures(lens: Camera) -> list[Image]:
    return photographs(10, lens, np.random.default_rng(5))


@pytest.fixture(scope="module")
def views(pictures: list[Image]) -> list[BoardView]:
    finder = BoardFinder(BOARD)
    return [finder.find(one, f"view {index}") for index, one in enumerate(pictures)]


@pytest.fixture(scope="module")
def result(views: list[BoardView]) -> LensResult:
    return calibrate(views, BOARD)


def test_the_lens_is_found_within_the_tolerances(lens: Camera, result: LensResult) -> None:
    assert result.model == "pinhole"
    focal = np.diag(result.camera_matrix)[:2] / np.diag(lens.matrix)[:2]
    assert np.abs(focal - 1).max() < 0.005
    assert np.abs(result.camera_matrix[:2, 2] - lens.matrix[:2, 2]).max() < 2.0
    assert result.rms_px <= 0.5
    assert result.holdout_rms_px <= max(1.25 * result.rms_px, 0.1)


def test_an_outlier_is_left_out_and_named(views: list[BoardView]) -> None:
    bent = replace(
        views[3],
        corners=views[3].corners + np.random.default_rng(0).normal(0, 2, views[3].corners.shape).astype(np.float32),
        name="bent",
    )
    result = calibrate([*views, bent], BOARD)
    assert ("bent", "an outlier") in result.rejected
    assert result.rms_px < 0.2


def test_views_of_one_corner_only_fail_with_the_place_that_is_missing(views: list[BoardView]) -> None:
    shifted = [replace(view, corners=view.corners * np.float32(0.45)) for view in views]
    assert any("bottom right" in reason for reason in calibrate(shifted, BOARD).failures)


def test_too_few_views_are_refused(views: list[BoardView]) -> None:
    with pytest.raises(CalibrationError, match="8 are needed"):
        calibrate(views[:5], BOARD)


def test_a_mirrored_board_is_named_as_such(pictures: list[Image]) -> None:
    with pytest.raises(CalibrationError, match="mirrored"):
        BoardFinder(BOARD).find(np.ascontiguousarray(pictures[0][:, ::-1]), "it")


def test_a_foreign_board_and_an_empty_picture_are_refused(pictures: list[Image]) -> None:
    with pytest.raises(CalibrationError):
        BoardFinder(Board.parse("charuco:10x8:2:1.5:6X6_250")).find(pictures[0], "it")
    with pytest.raises(CalibrationError, match="shows no board"):
        BoardFinder(BOARD).find(np.full((480, 640, 3), 128, np.uint8), "it")


def test_a_half_hidden_board_still_gives_its_corners(pictures: list[Image], lens: Camera) -> None:
    hidden = pictures[4].copy()
    hidden[:, :250] = 90
    view = BoardFinder(BOARD).find(hidden, "it")
    assert 6 <= len(view.ids) < BOARD.corner_count


def test_a_blurred_board_is_refused(pictures: list[Image]) -> None:
    with pytest.raises(CalibrationError, match=r"blurred|shows"):
        BoardFinder(BOARD).find(cv2.GaussianBlur(pictures[4], (0, 0), 5), "it")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "charuco:8x6",
        "chess:8x6:3:2:4X4_50",
        "charuco:2x6:3:2:4X4_50",
        "charuco:8x6:3:9:4X4_50",
        "charuco:8x6:3:2:9X9_1",
        "charuco:40x40:3:2:4X4_50",
    ],
)
def test_a_board_that_cannot_be_is_refused_with_the_form(text: str) -> None:
    with pytest.raises(CalibrationError, match="charuco:COLSxROWS"):
        Board.parse(text)


def test_the_sheet_prints_the_board_at_its_true_size(tmp_path: Path) -> None:
    write_sheet(BOARD, tmp_path / "sheet.pdf")
    assert (tmp_path / "sheet.pdf").read_bytes().startswith(b"%PDF")
    with pytest.raises(CalibrationError, match="too large"):
        write_sheet(Board.parse("charuco:20x20:20:14:4X4_1000"), tmp_path / "big.pdf")


def test_the_guide_takes_new_still_views_and_says_what_is_missing(views: list[BoardView]) -> None:
    guide = Guide()
    assert guide.offer(views[0]) == (False, "Hold still.")
    assert guide.offer(views[0])[0]
    assert not guide.offer(views[0])[0]
    for view in views[1:]:
        guide.offer(view)
        guide.offer(view)
    progress = guide.progress()
    assert progress.views == len(guide.kept) > 4
    assert progress.x > 0.5
    assert progress.hint


def test_undistortion_makes_lines_straight(lens: Camera, result: LensResult) -> None:
    rotation, shift = poses(5, lens, np.random.default_rng(2))[4]
    bent = photograph(lens, rotation, shift, np.random.default_rng(3))
    straight = Undistortion(result.model, result.camera_matrix, result.distortion, result.image_size).apply(bent)
    view = BoardFinder(BOARD).find(straight, "it")
    homography, _ = cv2.findHomography(BOARD.corners_mm()[view.ids, :2], view.corners)
    ideal = cv2.perspectiveTransform(BOARD.corners_mm()[view.ids, :2].reshape(-1, 1, 2), homography).reshape(-1, 2)
    assert np.linalg.norm(ideal - view.corners, axis=1).max() < 0.5


def test_every_view_is_held_out_once(views: list[BoardView], result: LensResult) -> None:
    assert result.holdout_rms_px <= 1.25 * result.rms_px
    assert len(views) >= 8


WHOLE = (2, 4, 5, 6, 7, 8, 10, 11, 13)  # poses in which the whole board is seen


def test_a_plain_chessboard_is_read_whole_and_gives_the_same_lens(lens: Camera, result: LensResult) -> None:
    board = Board.parse("chessboard:8x6:1.6")
    assert Board.parse(board.name) == board
    placed = poses(14, lens, np.random.default_rng(77))
    shots = [photograph(lens, *placed[index], np.random.default_rng(index), board) for index in WHOLE]
    finder = BoardFinder(board)
    views = [finder.find(shot, str(index)) for index, shot in enumerate(shots)]
    again = calibrate(views, board)
    assert abs(again.camera_matrix[0, 0] / result.camera_matrix[0, 0] - 1) < 0.01


def test_a_picture_of_half_a_chessboard_is_refused(pictures: list[Image]) -> None:
    with pytest.raises(CalibrationError, match="whole chessboard"):
        BoardFinder(Board.parse("chessboard:10x7:25")).find(pictures[0], "picture")


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


NOW = datetime(2026, 5, 1, 12, 0).astimezone()


@pytest.fixture(scope="module")
def signed(result: LensResult) -> profile.Profile:
    photo, corners = photograph_chart(np.random.default_rng(8))
    reading = read_chart(photo, corners)
    path = moving(30, 20, 9.0, 2.0)
    latency = judge(np.arange(200.0), np.arange(200.0) + 0.05, 1 / 30)
    steps = {
        "lens": lens_entry(result),
        "colour": colour_entry(calibrate_colour(reading), reading),
        "vibration": vibration_entry(analyse(path, 30), analyse(path / 10, 30), 43.0),
        "latency": latency_entry(latency),
    }
    return profile.Profile("v4l2:1:2:3", "Handpiece", (640, 480), NOW.isoformat(), "A. Technician", steps, True)


def test_a_profile_comes_back_as_it_was_saved(signed: profile.Profile, tmp_path: Path) -> None:
    path = tmp_path / profile.file_name(signed.identity)
    profile.save(signed, path)
    assert profile.load(path) == signed
    assert profile.why_refused(signed, "v4l2:1:2:3", (640, 480), NOW) == ""


@pytest.mark.parametrize(
    ("changes", "identity", "size", "days", "word"),
    [
        ({}, "v4l2:9:9:9", (640, 480), 0, "another camera"),
        ({}, "v4l2:1:2:3", (1280, 720), 0, "1280x720"),
        ({}, "v4l2:1:2:3", (640, 480), 400, "days old"),
        ({}, "v4l2:1:2:3", (640, 480), -9, "future"),
        ({"is_signed_off": False}, "v4l2:1:2:3", (640, 480), 0, "not signed off"),
        ({"steps": {"lens": {"verdict": "fail"}}}, "v4l2:1:2:3", (640, 480), 0, "out of tolerance"),
    ],
)
def test_a_doubtful_profile_is_refused_with_the_reason(
    signed: profile.Profile, changes: dict[str, object], identity: str, size: tuple[int, int], days: int, word: str
) -> None:
    doubtful = replace(signed, **changes)  # type: ignore[arg-type]
    assert word in profile.why_refused(doubtful, identity, size, NOW + timedelta(days=days))


def test_a_changed_truncated_or_foreign_profile_is_refused(signed: profile.Profile, tmp_path: Path) -> None:
    path = tmp_path / "p.json"
    profile.save(signed, path)
    whole = path.read_text()
    for damaged in (
        whole.replace("Handpiece", "Other"),
        whole[:200],
        "{}",
        json.dumps({"format": profile.FORMAT, "version": 9}),
    ):
        path.write_text(damaged)
        with pytest.raises(CalibrationError):
            profile.load(path)


def test_the_live_correction_follows_the_profile(signed: profile.Profile, pictures: list[Image]) -> None:
    corrected = profile.correction_of(signed).apply(pictures[0])
    assert corrected.shape == pictures[0].shape
    assert not np.array_equal(corrected, pictures[0])
    assert isinstance(profile.correction_of(replace(signed, steps={})), NoCorrection)


def test_the_report_shows_every_step(signed: profile.Profile, tmp_path: Path) -> None:
    write_report(signed, tmp_path / "r.html")
    text = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert text.count("<svg") == 4
    assert "A. Technician" in text
