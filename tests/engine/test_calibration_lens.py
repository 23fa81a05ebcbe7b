"""Lens calibration and profiles against known truth: rendered boards with known lenses."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import cv2
import numpy as np
import pytest

from engine.calibration import profile
from engine.calibration.board import Board, write_sheet
from engine.calibration.chart import read_chart
from engine.calibration.colour_fit import calibrate_colour
from engine.calibration.correction import NoCorrection, Undistortion
from engine.calibration.entries import colour_entry, latency_entry, lens_entry, vibration_entry
from engine.calibration.guide import Guide
from engine.calibration.latency import judge
from engine.calibration.lens import LensResult, calibrate
from engine.calibration.report import write_report
from engine.calibration.vibration import analyse
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


NOW = datetime(2026, 5, 1, 12, 0).astimezone()


@pytest.fixture(scope="module")
def signed(result: LensResult) -> profile.Profile:
    photo, corners = photograph_chart(np.random.default_rng(8))
    reading = read_chart(photo, corners)
    path = 2.0 * np.sin(np.arange(600)[:, None] * (0.6 * np.pi, 0.1))  # 9 and 0.5 Hz at 30 frames a second
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
    assert "<td>18</td><td>cyan</td>" in text
    assert text.count("<td>white</td>") == 1
