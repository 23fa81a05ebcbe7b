"""The generators' truth, checked against their own pictures."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from engine.errors import SourceError
from models import metrics
from models.data.arch import Arch, Mesh
from models.data.conditions import CONDITIONS
from models.data.exposure import MEAN_LEVEL, even_exposure, metered
from models.data.generate import WindowOptions, photo_window
from models.data.motion import draw_motion
from models.data.mouths import WINDOWS_PER_MOUTH, mouth_of
from models.data.photos import TUNE_EVERY, PhotoFile, list_photos, read_photo
from models.data.raster import FAR_MM, Eye, look
from models.data.rendered import rendered_window
from models.data.stats import statistics
from models.data.texture import coloured_noise
from models.data.window import UNKNOWN_TOOTH, Window

OPTIONS = WindowOptions(frames=4, height=96, width=128)


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> list[PhotoFile]:
    """Two textured pictures: one with a round "tooth", one without a mask."""
    data = tmp_path_factory.mktemp("data")
    rng = np.random.default_rng(0)
    for folder, names in (("dental-photos", ("1", "2")), ("clinical-photos", ("3",))):
        (data / folder / "train").mkdir(parents=True)
        for name in names:
            path = data / folder / "train" / f"{name}.jpg"
            cv2.imwrite(str(path), cv2.GaussianBlur(coloured_noise(rng, (240, 320)), (0, 0), 1.5))
            if folder == "dental-photos":
                mask = cv2.circle(np.zeros((240, 320), np.uint8), (160, 120), 80, 7, -1)
                cv2.imwrite(str(path.with_suffix(".png")), mask)
    return list_photos(data, "train")


def draw(photos: list[PhotoFile], seed: int, condition: str = "", **changes: float) -> Window:
    options = WindowOptions(OPTIONS.frames, OPTIONS.height, OPTIONS.width, condition, **changes)
    return photo_window(np.random.default_rng(seed), photos, options)


def truth_error(window: Window, k: int) -> float:
    flow, visible = window.flow[k].astype(np.float32), window.visible[k] > 0
    return metrics.temporal_error(window.clean[k], window.clean[k - 1], flow, visible)


@pytest.mark.parametrize("condition", sorted(CONDITIONS))
def test_the_true_flow_brings_the_previous_clean_frame_over_the_current_one(
    photos: list[PhotoFile], condition: str
) -> None:
    for seed in range(2):
        window = draw(photos, seed, condition)
        for k in range(1, OPTIONS.frames):
            if window.visible[k].mean() > 0.2:
                still = metrics.temporal_error(
                    window.clean[k], window.clean[k - 1], np.zeros((96, 128, 2), np.float32), window.visible[k] > 0
                )
                assert truth_error(window, k) < max(3.5, 0.4 * still)


def test_the_same_seed_gives_the_same_window(photos: list[PhotoFile]) -> None:
    first, again = draw(photos, 3), draw(photos, 3)
    assert first.name == again.name
    for name in ("degraded", "clean", "flow", "visible", "tooth"):
        assert np.array_equal(getattr(first, name), getattr(again, name))


def test_the_first_frame_has_no_flow_and_nothing_seen_before(photos: list[PhotoFile]) -> None:
    window = draw(photos, 4, "bur")
    assert not window.flow[0].any()
    assert not window.visible[0].any()


def test_a_handpiece_hides_teeth_and_stands_still_or_moves_on_its_own(photos: list[PhotoFile]) -> None:
    labelled = [photo for photo in photos if photo.has_mask]
    with_tool = draw(labelled, 11, "bur", procedural=0.0)
    zero = (np.abs(with_tool.flow[2].astype(np.float32)).max(axis=-1) == 0) & (with_tool.visible[2] > 0)
    assert zero.mean() > 0.01
    assert not (with_tool.tooth[2][zero] == 1).any()


def test_pictures_without_a_mask_switch_the_segmentation_off(photos: list[PhotoFile]) -> None:
    unlabelled = [photo for photo in photos if not photo.has_mask]
    assert (draw(unlabelled, 5, procedural=0.0).tooth == UNKNOWN_TOOTH).all()
    assert (draw(photos, 5, procedural=1.0).tooth == UNKNOWN_TOOTH).all()


def test_a_clean_camera_delivers_almost_the_clean_frame_and_low_light_does_not(photos: list[PhotoFile]) -> None:
    clean, dark = draw(photos, 6, "clean"), draw(photos, 6, "low-light")
    assert metrics.psnr(clean.degraded[1], clean.clean[1]) > 27
    assert metrics.psnr(dark.degraded[1], dark.clean[1]) < 22


@pytest.mark.parametrize("wanted", [0.5, 7.0, 25.0])
def test_a_motion_has_the_mean_flow_that_was_asked_for(photos: list[PhotoFile], wanted: float) -> None:
    lengths = []
    for seed in range(12):
        motion = draw_motion(np.random.default_rng(seed), 5, wanted, (480, 640))
        steps = np.diff(motion.poses()[:, :2], axis=0)
        lengths.append(np.linalg.norm(steps, axis=1).mean())
    assert 0.3 * wanted < np.mean(lengths) < 1.5 * wanted


def test_every_twelfth_photo_of_train_is_kept_for_tuning(tmp_path: Path) -> None:
    folder = tmp_path / "dental-photos" / "train"
    folder.mkdir(parents=True)
    for k in range(2 * TUNE_EVERY):
        cv2.imwrite(str(folder / f"{k:02}.jpg"), np.zeros((8, 8, 3), np.uint8))
    train, tune = (list_photos(tmp_path, split) for split in ("train", "tune"))
    assert [file.path.stem for file in tune] == ["11", "23"]
    assert not {file.path for file in train} & {file.path for file in tune}


def test_a_folder_without_photos_and_a_mask_that_does_not_fit_are_refused_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"no photos.*Give the folder"):
        list_photos(tmp_path, "train")
    cv2.imwrite(str(tmp_path / "1.jpg"), np.zeros((8, 8, 3), np.uint8))
    cv2.imwrite(str(tmp_path / "1.png"), np.zeros((4, 4), np.uint8))
    with pytest.raises(SourceError, match="does not fit"):
        read_photo(PhotoFile(tmp_path / "1.jpg", has_mask=True, weight=1.0))


def test_evening_out_exposure_brings_a_dark_and_a_bright_photo_together() -> None:
    photo = coloured_noise(np.random.default_rng(2), (64, 64))
    dark, bright = (np.clip(255 * (photo / 255) ** g, 0, 255).astype(np.uint8) for g in (1.5, 0.75))
    before = abs(float(dark.mean()) - float(bright.mean()))
    after = abs(float(even_exposure(dark).mean()) - float(even_exposure(bright).mean()))
    assert after < 0.4 * before


def test_a_metered_view_has_the_common_mean_brightness() -> None:
    for gamma in (0.8, 1.2):
        view = 255 * (coloured_noise(np.random.default_rng(4), (64, 64)) / 255) ** gamma
        mean = float((metered(view.astype(np.uint8)) @ np.array([0.299, 0.587, 0.114])).mean()) / 255
        assert mean == pytest.approx(MEAN_LEVEL, abs=0.02)


def ball_and_floor() -> Arch:
    """A ball of 5 mm (the tooth) on a floor (the gum)."""
    angle, turn = np.meshgrid(np.linspace(0, np.pi, 40), np.linspace(0, 2 * np.pi, 80))
    ball = np.stack([np.sin(angle) * np.cos(turn), np.cos(angle), np.sin(angle) * np.sin(turn)], -1).reshape(-1, 3)
    corner = (np.arange(79)[:, None] * 40 + np.arange(39)).ravel()
    faces = np.concatenate(
        [np.stack([corner, corner + 40, corner + 1], -1), np.stack([corner + 1, corner + 40, corner + 41], -1)]
    )
    flat = np.zeros(len(ball), np.float32)
    tooth = Mesh((5 * ball).astype(np.float32), faces.astype(np.int32), ball.astype(np.float32), flat, flat + 0.5)
    floor = np.array([[-60, -1, -60], [60, -1, -60], [60, -1, 60], [-60, -1, 60]], np.float32)
    up = np.tile(np.array([0, 1, 0], np.float32), (4, 1))
    gum = Mesh(floor, np.array([[0, 1, 2], [0, 2, 3]], np.int32), up, np.zeros(4, np.float32), np.zeros(4, np.float32))
    return Arch(tooth, gum, np.zeros((1, 3)))


def test_the_rasteriser_sees_a_ball_at_its_true_distance() -> None:
    cv2.setNumThreads(1)
    matrix = np.eye(4)
    matrix[:3, :3] = np.array([[1, 0, 0], [0, 0, -1], [0, 1, 0]])  # looks down the y axis
    matrix[2, 3] = -30
    eye = Eye(matrix, 200.0, (120, 160))
    surface = look(ball_and_floor(), eye)
    assert surface.distance[60, 80] == pytest.approx(25, abs=0.05)
    assert surface.is_tooth[60, 80]
    assert not surface.is_tooth[5, 5]
    assert surface.distance[5, 5] == pytest.approx(31, abs=0.05)
    assert (surface.distance < FAR_MM).all()
    outline, _ = cv2.findContours(surface.is_tooth.astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
    assert len(outline) == 1  # one ball, no pinholes
    pixels, distance = eye.project(surface.points)
    assert np.allclose(pixels[60, 80], [80, 60], atol=1e-3)
    assert distance[60, 80] == pytest.approx(surface.distance[60, 80], rel=1e-6)


def test_a_rendered_window_has_true_flow_where_the_point_was_seen() -> None:
    cv2.setNumThreads(1)
    window = rendered_window(np.random.default_rng(8), [ball_and_floor()], WindowOptions(3, 96, 128, "calm"))
    assert window.visible[1].mean() > 0.5
    assert truth_error(window, 1) < 4
    assert set(np.unique(window.tooth)) <= {0, 1}


def test_statistics_report_what_was_put_in() -> None:
    clean = np.full((3, 48, 64, 3), 100, np.uint8)
    flow = np.zeros((3, 48, 64, 2), np.float16)
    flow[1:, ..., 0] = 3
    tooth = np.zeros((3, 48, 64), np.uint8)
    tooth[:, :24] = 1
    found = statistics([Window(clean + 10, clean, flow, np.ones_like(tooth), tooth, "plain")])
    assert found.input_psnr == pytest.approx(28.13, abs=0.01)
    assert found.mean_flow == pytest.approx(3)
    assert found.mean_flow_at_800 == pytest.approx(3 * 800 / np.sqrt(640 * 480))
    assert found.tooth_fraction == pytest.approx(0.5)
    assert found.truth_error == 0


def test_a_painted_mouth_is_a_still_whose_crowns_are_told_apart() -> None:
    photo = mouth_of(cache_seed=1, window=0).read()
    assert photo.instances is not None
    assert photo.instances.shape == photo.pixels.shape[:2]
    crowns, areas = np.unique(photo.instances[photo.instances > 0], return_counts=True)
    assert 3 <= len(crowns) <= 16
    assert areas.max() < 0.5 * areas.sum()


def test_windows_of_painted_mouths_are_those_of_their_seed_and_no_other_cache_shares_a_mouth() -> None:
    mouths = [mouth_of(cache_seed, window) for cache_seed in (1, 2) for window in (0, WINDOWS_PER_MOUTH - 1, 4000)]
    assert [mouth.seed for mouth in mouths] == [1_010_000, 1_010_000, 1_010_500, 1_020_000, 1_020_000, 1_020_500]
    first, again = (photo_window(np.random.default_rng(3), mouths[:1], OPTIONS) for _ in range(2))
    assert np.array_equal(first.degraded, again.degraded)
    assert first.name.startswith("mouth:1010000/")
    assert truth_error(first, 1) < 4.0
