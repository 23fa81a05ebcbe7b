"""The demo camera: the same seed gives the same pictures, its truth is exact, and it keeps time like a camera."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from engine.capture.demo.conditions import KINDS
from engine.capture.demo.kept_scene import MOST_KEPT, kept_or_painted
from engine.capture.demo.scene import Scene
from engine.capture.demo.studio import Truth
from engine.capture.synthetic import SyntheticSource
from engine.errors import EndOfStream, SourceError, SourceTimeout
from engine.values import Image

SEED = 7
SIZE = (320, 240)


@pytest.fixture(scope="module")
def scene() -> Scene:
    return Scene.paint(SEED, 320)


def source_of(scene: Scene, kind: str = "demo", seed: int = SEED, **options: object) -> SyntheticSource:
    return SyntheticSource(seed, kind=kind, scene=scene, realtime=False, size=SIZE, **options)  # type: ignore[arg-type]


def warped(previous: Image, truth: Truth) -> Image:
    height, width = previous.shape[:2]
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    return np.asarray(cv2.remap(previous, x + truth.flow[..., 0], y + truth.flow[..., 1], cv2.INTER_LINEAR))


@pytest.mark.parametrize("kind", list(KINDS))
def test_the_previous_clean_frame_warped_by_the_flow_is_the_current_one(scene: Scene, kind: str) -> None:
    source = source_of(scene, kind)
    for seq in (1, 95):
        before, now = source.truth(seq - 1), source.truth(seq)
        inner = now.visible.copy()
        inner[:4], inner[-4:], inner[:, :4], inner[:, -4:] = False, False, False, False
        error = np.abs(warped(before.clean, now).astype(np.float32) - now.clean).mean(axis=2)
        still = np.abs(before.clean.astype(np.float32) - now.clean).mean(axis=2)
        assert error[inner].mean() < 1.0
        assert error[inner].mean() < 0.5 * still[inner].mean()
        assert inner.mean() > 0.5


def test_flow_agrees_with_the_camera_poses(scene: Scene) -> None:
    source = source_of(scene, "calm")
    before, now = source.truth(30), source.truth(31)
    moved = now.frame_from_scene @ np.linalg.inv(before.frame_from_scene)
    np.testing.assert_allclose(now.current_from_previous, moved, atol=1e-9)
    x, y = 300, 77
    back = np.linalg.solve(moved, (x, y, 1.0))
    np.testing.assert_allclose(now.flow[y, x], back[:2] - (x, y), atol=1e-3)


def test_the_tooth_mask_moves_with_the_picture_and_leaves_out_the_handpiece(scene: Scene) -> None:
    source = source_of(scene)
    before, now = source.truth(50), source.truth(51)
    agreement = (warped(before.tooth, now)[now.visible] == now.tooth[now.visible]).mean()
    assert agreement > 0.99
    bare = source_of(scene, "calm").truth(51)
    assert set(np.unique(now.tooth)) == {0, 1}
    assert now.tooth_fraction == pytest.approx(now.tooth.mean())
    assert bare.tooth_fraction > 0.15


def test_the_gum_lies_deeper_and_moves_a_tenth_less_than_the_crowns(scene: Scene) -> None:
    source = source_of(scene, "calm")
    shares = []
    for seq in range(1, 40):
        truth = source.truth(seq)
        height, width = truth.tooth.shape
        column = truth.flow[
            height // 4 : -height // 4, width // 4 : -width // 4
        ]  # the middle, where zoom plays no part
        tooth = truth.tooth[height // 4 : -height // 4, width // 4 : -width // 4] > 0
        if np.linalg.norm(column[tooth].mean(axis=0)) > 1.0 and (~tooth).any():
            shares.append(np.linalg.norm(column[~tooth].mean(axis=0)) / np.linalg.norm(column[tooth].mean(axis=0)))
    assert 0.8 < np.median(shares) < 0.97


def test_motion_blur_lies_evenly_about_the_true_pose(scene: Scene) -> None:
    smeared = source_of(scene, "jump", fps=200.0).studio
    quiet = [seq for seq in range(600) if smeared.clarity(seq) == 1.0]
    fast = max(quiet[1:], key=lambda seq: float(np.abs(smeared.pose(seq)[:2, 2] - smeared.pose(seq - 1)[:2, 2]).sum()))
    region = (slice(60, 180), slice(80, 240))
    blurred = cv2.cvtColor(smeared.draw(fast), cv2.COLOR_RGB2GRAY)[region].astype(np.float32)
    clean = cv2.cvtColor(smeared.truth(fast).clean, cv2.COLOR_RGB2GRAY)[region].astype(np.float32)
    window = cv2.createHanningWindow((160, 120), cv2.CV_32F)
    (dx, dy), _ = cv2.phaseCorrelate(clean, blurred, window)
    assert np.hypot(dx, dy) < 0.5


def test_the_handpiece_stands_still_over_an_eighth_of_the_picture(scene: Scene) -> None:
    for seed in range(6):
        source = source_of(scene, seed=seed)
        truths = [source.truth(seq) for seq in (20, 21)]
        still = (truths[1].flow == 0).all(axis=2)
        assert 0.11 <= still.mean() <= 0.17
        calmness = np.abs(truths[0].clean.astype(int) - truths[1].clean).max(axis=2)[still]
        assert np.median(calmness) == 0
        assert not truths[1].tooth[still].any()


def test_the_same_seed_gives_the_same_pictures_in_any_order_and_another_seed_others() -> None:
    first, second = (SyntheticSource(SEED, size=SIZE, realtime=False) for _ in range(2))
    first.open()
    frames = [first.read(1.0) for _ in range(4)]
    np.testing.assert_array_equal(second.studio.draw(3), frames[3].pixels)
    np.testing.assert_array_equal(second.studio.draw(1), frames[1].pixels)
    other = SyntheticSource(SEED + 1, size=SIZE, realtime=False)
    assert np.abs(other.studio.draw(1).astype(int) - frames[1].pixels).mean() > 5


def test_tremor_lies_between_6_and_12_hz(scene: Scene) -> None:
    source = source_of(scene, "calm", fps=60.0)
    point = np.array((*scene.waypoints.mean(axis=0), 1.0))
    x = np.array([(source.studio.pose(seq) @ point)[0] for seq in range(1200)])
    spectrum = np.abs(np.fft.rfft((x - x.mean()) * np.hanning(len(x)))) ** 2
    hz = np.fft.rfftfreq(len(x), 1 / 60)
    fast = hz > 3
    assert spectrum[(hz > 5.5) & (hz < 12.5)].sum() > 0.97 * spectrum[fast].sum()


def test_spray_whites_out_for_a_tenth_of_a_second_to_two(scene: Scene) -> None:
    source = source_of(scene, "hard")
    clarity = np.array([source.studio.clarity(seq) for seq in range(3600)])
    covered = clarity < 0.95
    edges = np.flatnonzero(np.diff(covered.astype(int)))
    assert 4 < len(edges) // 2 < 40
    assert clarity.min() < 0.25
    thick = int(np.argmin(clarity))
    assert source.studio.draw(thick).std() < 0.6 * source.truth(thick).clean.std()


def test_low_light_is_dark_and_still_deterministic(scene: Scene) -> None:
    dark = source_of(scene, "low_light").studio.draw(5)
    assert dark.mean() < 0.5 * source_of(scene).studio.draw(5).mean()


def test_a_given_photo_takes_the_place_of_the_mouth() -> None:
    rng = np.random.default_rng(1)
    photo = cv2.GaussianBlur(rng.integers(0, 255, (480, 800, 3), dtype=np.uint8), (0, 0), 3)
    mask = np.zeros((480, 800), np.uint8)
    mask[150:330, 200:600] = 3
    given = Scene.from_photo(photo, mask, name="mine")
    source = SyntheticSource(1, kind="calm", scene=given, realtime=False)
    before, now = source.truth(8), source.truth(9)
    assert "mine" in source.identity
    assert 0.2 < now.tooth_fraction < 0.9
    assert np.abs(warped(before.clean, now).astype(float) - now.clean)[5:-5, 5:-5].mean() < 1.0


@pytest.mark.parametrize("size", [(160, 120), (960, 540), (641, 479)])
def test_other_picture_sizes_show_the_same_mouth(size: tuple[int, int], scene: Scene) -> None:
    source = SyntheticSource(SEED, size=size, scene=scene, realtime=False)
    truth = source.truth(1)
    assert truth.clean.shape == (size[1], size[0], 3) == source.studio.draw(1).shape
    assert truth.tooth_fraction > 0.1


def test_an_unpaced_clip_ends_after_its_frames_with_exact_times(scene: Scene) -> None:
    source = source_of(scene, frames=3)
    info = source.open()
    frames = [source.read(0.0) for _ in range(3)]
    assert (info.frame_count, info.is_live) == (3, False)
    assert [frame.captured_ns for frame in frames] == [0, 33_333_333, 66_666_667]
    with pytest.raises(EndOfStream):
        source.read(0.0)


def test_a_live_demo_keeps_its_rate_and_drops_what_a_slow_reader_misses(scene: Scene) -> None:
    source = SyntheticSource(SEED, scene=scene, size=SIZE)
    assert source.open().is_live
    frames = [source.read(1.0) for _ in range(4)]
    assert abs((frames[3].captured_ns - frames[0].captured_ns) / 1e9 - 3 / 30) < 0.05
    time.sleep(0.2)
    assert source.read(1.0).seq - frames[3].seq >= 5
    source.close()


def test_a_live_frame_that_is_not_due_is_a_timeout_not_a_loss(scene: Scene) -> None:
    source = SyntheticSource(SEED, scene=scene, fps=2.0)
    source.open()
    source.read(1.0)
    with pytest.raises(SourceTimeout):
        source.read(0.01)
    assert source.read(1.0).seq == 1
    source.close()


def test_close_wakes_a_reader_of_the_live_demo(scene: Scene) -> None:
    source = SyntheticSource(SEED, scene=scene, fps=0.5)
    source.open()
    source.read(1.0)
    threading.Timer(0.1, source.close).start()
    with pytest.raises(SourceError, match="closed"):
        source.read(1.9)


@pytest.mark.parametrize("kind", list(KINDS))
def test_every_kind_can_be_drawn_from_its_very_first_frame_on(scene: Scene, kind: str) -> None:
    source = source_of(scene, kind)
    assert source.studio.draw(0).shape == source.truth(0).clean.shape
    assert not source.truth(0).flow.any()


def test_a_seed_below_zero_is_refused() -> None:
    with pytest.raises(SourceError, match="below 0"):
        SyntheticSource(seed=-1)


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(SourceError, match="Choose one of"):
        SyntheticSource(kind="party")


def test_a_kept_mouth_is_the_painted_one_and_a_damaged_file_is_painted_anew(tmp_path: Path) -> None:
    pictures = []
    for _ in range(3):
        source = SyntheticSource(seed=3, size=(64, 64), realtime=False, cache_dir=tmp_path)
        source.open()
        pictures.append(source.read(1.0).pixels)
        (kept,) = tmp_path.glob("mouth-3-64-*.npz")
        if len(pictures) == 2:
            kept.write_bytes(kept.read_bytes()[:999])
    painted = SyntheticSource(seed=3, size=(64, 64), realtime=False)
    painted.open()
    assert all(np.array_equal(picture, painted.read(1.0).pixels) for picture in pictures[:1])
    assert all(np.array_equal(picture, pictures[0]) for picture in pictures)


def test_only_a_few_mouths_are_kept_and_a_read_only_disk_is_no_error(tmp_path: Path) -> None:
    for seed in range(6):
        assert kept_or_painted(seed, 64, tmp_path / "demo").name == f"mouth:{seed}"
    assert len(list((tmp_path / "demo").iterdir())) == MOST_KEPT
    (tmp_path / "file").write_text("")
    assert kept_or_painted(0, 64, tmp_path / "file").name == "mouth:0"
