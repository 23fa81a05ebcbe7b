from __future__ import annotations

import cv2
import numpy as np
import pytest

from engine.errors import SettingsError
from engine.stabilization.options import PathMode, StabilizerOptions
from engine.stabilization.similarity import Offset, Similarity, from_matrix
from engine.stabilization.stabilizer import Stabilizer, StabilizerStep
from engine.stabilization.warp import warp
from engine.values import Frame, Inference, Tracking
from tests.stabilization_world import CENTRE, HEIGHT, WIDTH, World, tissue, tremor


def run(
    stabilizer: Stabilizer, world: World, offsets: list[Offset], start: int = 0, error_px: float = 0.0
) -> list[StabilizerStep]:
    """Frames with exact fields, one for each offset."""
    steps, before = [], offsets[0]
    for k, now in enumerate(offsets):
        frame = world.frame(start + k, now)
        steps.append(stabilizer.step(frame, world.fields(frame, before, now, error_px)))
        before = now
    return steps


def shown(step: StabilizerStep, world: World, offset: Offset) -> complex:
    """Where the output shows the plane's middle."""
    home = world.pose(Offset()).inverse()(CENTRE)
    return (from_matrix(step.stabilized_from_raw) @ world.pose(offset))(home)


def white(seq: int) -> tuple[Frame, Inference]:
    """A frame of the spray, and a network that trusts nothing in it."""
    pixels = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
    nothing = np.zeros((HEIGHT // 4, WIDTH // 4), np.float32)
    return Frame(pixels, seq, 1_000_000 + round(seq * 1e9 / 30)), Inference(
        seq, pixels, np.zeros((*nothing.shape, 2), np.float32), nothing, nothing
    )


@pytest.mark.parametrize("has_handpiece", [False, True])
def test_tremor_is_taken_out_even_beside_a_static_handpiece(has_handpiece: bool) -> None:
    world = World(tissue(1), has_handpiece)
    offsets = [tremor(k) for k in range(60)]
    steps = run(Stabilizer(), world, offsets)
    out = np.array([shown(s, world, o) for s, o in zip(steps, offsets, strict=True)])[20:]
    into = np.array([o.shift for o in offsets])[20:]
    assert np.diff(out).std() / np.diff(into).std() < 10 ** (-25 / 20)
    assert all(step.tracking is Tracking.TRACKING and step.anchor == 1 for step in steps)


def test_registration_removes_the_drift_of_a_biased_flow() -> None:
    world = World(tissue(1))
    offsets = [tremor(k) for k in range(60)]
    stabilizer = Stabilizer(StabilizerOptions(mode=PathMode.LOCK))
    run(stabilizer, world, offsets, error_px=0.5)
    assert abs(stabilizer.raw_from_anchor(CENTRE) - (CENTRE + offsets[-1].shift - offsets[0].shift)) < 0.15


def test_a_white_out_is_coasted_then_lost_then_found_within_three_frames() -> None:
    world, stabilizer = World(tissue(1)), Stabilizer()
    offsets = [tremor(k) for k in range(20)]
    run(stabilizer, world, offsets)
    blind = [stabilizer.step(*white(20 + k)) for k in range(15)]
    assert [step.tracking for step in blind[:3]] == [Tracking.COASTING] * 3
    assert blind[-1].tracking is Tracking.LOST
    assert all(step.reason and step.motion is None for step in blind)
    back = run(stabilizer, world, [tremor(35 + k) for k in range(5)], start=35)
    assert Tracking.TRACKING in [step.tracking for step in back[:3]]
    assert back[-1].anchor == 1


@pytest.mark.parametrize("seed", [1, 3])
def test_in_half_a_spray_what_two_views_show_counts_more_than_a_flow_that_errs(seed: int) -> None:
    world, stabilizer = World(cv2.GaussianBlur(tissue(seed), (0, 0), 4.0)), Stabilizer()
    run(stabilizer, world, [tremor(k) for k in range(20)])
    plane = stabilizer.raw_from_anchor.inverse() @ world.pose(tremor(19))
    clear = world.frame(20, tremor(20))
    spray = cv2.convertScaleAbs(tissue(7)[:HEIGHT, :WIDTH], alpha=0.5, beta=115)
    foggy = Frame(cv2.addWeighted(spray, 0.5, clear.pixels, 0.5, 0), clear.seq, clear.captured_ns)
    step = stabilizer.step(foggy, world.fields(foggy, tremor(19), tremor(20), error_px=4.0))
    place = world.pose(tremor(20)).inverse()(CENTRE)
    assert step.tracking is Tracking.TRACKING
    assert abs((stabilizer.raw_from_anchor @ plane)(place) - CENTRE) < 0.5


def test_another_tooth_never_passes_for_the_anchor() -> None:
    stabilizer = Stabilizer()
    run(stabilizer, World(tissue(1)), [tremor(k) for k in range(15)])
    for k in range(10):
        stabilizer.step(*white(15 + k))
    steps = run(stabilizer, World(tissue(2)), [tremor(25 + k) for k in range(25)], start=25)
    assert all(step.tracking is not Tracking.TRACKING or step.anchor == 2 for step in steps)
    assert steps[-1].tracking is Tracking.TRACKING
    assert steps[0].tracking is Tracking.REANCHORING


def test_the_output_never_jumps_through_loss_and_return() -> None:
    world, stabilizer = World(tissue(1)), Stabilizer(StabilizerOptions(mode=PathMode.LOCK))
    still = [Offset(6 + 3j * (k > 5)) for k in range(30)]
    steps = run(stabilizer, world, still)
    for k in range(20):
        steps.append(stabilizer.step(*white(30 + k)))
    steps += run(stabilizer, world, [still[-1]] * 40, start=50)
    corners = np.array([[0, 0, 1], [WIDTH, 0, 1], [0, HEIGHT, 1], [WIDTH, HEIGHT, 1]]).T
    places = np.array([(step.stabilized_from_raw @ corners)[:2] for step in steps[8:]])
    assert np.linalg.norm(np.diff(places, axis=0), axis=1).max() < 1.15  # 1 px before the crop's zoom


def test_the_dentist_chooses_a_tooth_and_reanchors() -> None:
    world, stabilizer = World(tissue(1)), Stabilizer()
    run(stabilizer, world, [Offset()] * 3)
    stabilizer.choose_tooth(80.0, 60.0)
    step = run(stabilizer, world, [Offset(1 + 1j)] * 2, start=3)[-1]
    assert step.anchor == 2
    x, y, width, height = step.anchor_box or (0, 0, 0, 0)
    assert x <= 80 <= x + width
    assert y <= 60 <= y + height
    stabilizer.reanchor()
    assert run(stabilizer, world, [Offset(1 + 1j)], start=5)[0].anchor == 3
    stabilizer.set_mode("lock")
    assert stabilizer.options.mode is PathMode.LOCK


def test_without_a_network_the_picture_is_steadier_only_when_asked() -> None:
    world = World(tissue(1))
    plain, asked = Stabilizer(), Stabilizer(StabilizerOptions(is_steady_without_network=True))
    offsets = [tremor(k) for k in range(45)]
    frames = [world.frame(k, o) for k, o in enumerate(offsets)]
    refused = [plain.step(frame, None) for frame in frames]
    steady = [asked.step(frame, None) for frame in frames]
    assert all(step.tracking is Tracking.LOST and "network" in step.reason for step in refused)
    out = np.array([shown(s, world, o) for s, o in zip(steady, offsets, strict=True)])[15:]
    into = np.array([o.shift for o in offsets])[15:]
    assert np.diff(out).std() < 0.1 * np.diff(into).std()


def test_the_same_frames_give_the_same_answers() -> None:
    world = World(tissue(1), has_handpiece=True)
    offsets = [tremor(k) for k in range(12)]
    first, second = (run(Stabilizer(), world, offsets) for _ in range(2))
    for a, b in zip(first, second, strict=True):
        np.testing.assert_array_equal(a.stabilized_from_raw, b.stabilized_from_raw)


def test_an_empty_a_full_and_a_wrong_mask_do_no_harm() -> None:
    world, stabilizer = World(tissue(1), has_handpiece=True), Stabilizer()
    for k in range(24):
        frame = world.frame(k, tremor(k))
        fields = world.fields(frame, tremor(max(0, k - 1)), tremor(k))
        mask = [np.zeros_like(fields.tooth), np.ones_like(fields.tooth), 1 - fields.tooth][k % 3]
        step = stabilizer.step(frame, Inference(k, fields.enhanced, fields.flow, fields.trust, mask))
        shown = warp(np.full_like(frame.pixels, 255), step.stabilized_from_raw)
        assert shown.min() == 255  # nothing but what the camera saw


def test_a_gap_in_time_and_a_new_camera_size_begin_anew() -> None:
    world, stabilizer = World(tissue(1)), Stabilizer()
    run(stabilizer, world, [Offset()] * 3)
    late = Frame(world.frame(3, Offset()).pixels, 3, 10**12)
    assert stabilizer.step(late, world.fields(late, Offset(), Offset())).tracking is Tracking.TRACKING
    small = Frame(np.ascontiguousarray(late.pixels[:200, :256]), 4, 10**12 + 33_000_000)
    assert stabilizer.step(small, world.fields(small, Offset(), Offset())).stabilized_from_raw.shape == (3, 3)
    stabilizer.reset()
    assert stabilizer.raw_from_anchor == Similarity()


@pytest.mark.parametrize("options", [{"crop": 0.5}, {"crop": 0.0}, {"cutoff_hz": 9.0}])
def test_settings_that_would_hide_or_invent_are_refused(options: dict[str, float]) -> None:
    with pytest.raises(SettingsError):
        StabilizerOptions(**options)  # type: ignore[arg-type]
