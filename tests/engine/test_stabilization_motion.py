from __future__ import annotations

import numpy as np
import pytest

from engine.stabilization.classical import ClassicalFields
from engine.stabilization.motion import Evidence, estimate, gather, grid_of
from engine.stabilization.similarity import Offset, Similarity, from_matrix, scaled
from engine.stabilization.still import StillMap
from engine.values import Frame
from tests.stabilization_world import World, tissue

CENTRE = complex(319.5, 239.5)


def evidence_of(move: Similarity, noise_px: float = 0.0, seed: int = 0) -> Evidence:
    """Exact flow of a movement current -> previous on the coarse grid of a 640x480 picture."""
    x, y = np.meshgrid(np.arange(160) * 4 + 1.5, np.arange(120) * 4 + 1.5)
    points = x + 1j * y
    flow = move.turn * points + move.shift - points
    draw = np.random.default_rng(seed)
    flow = flow + noise_px * (draw.normal(size=flow.shape) + 1j * draw.normal(size=flow.shape))
    field = np.stack([flow.real, flow.imag], axis=-1).astype(np.float32)
    return gather(field, np.ones((120, 160), np.float32), (640, 480), 640)


def test_a_similarity_survives_inversion_composition_and_resizing() -> None:
    move = Offset(3 - 2j, 0.05, 0.02).at(CENTRE)
    back = (move @ move.inverse()).matrix()
    np.testing.assert_allclose(back, np.eye(3), atol=1e-9)
    np.testing.assert_allclose(from_matrix(move.matrix()).matrix(), move.matrix())
    half = scaled(move, 0.5)
    small = (100 + 60j - 0.5 * (1 + 1j)) / 2
    assert abs(half(small) - (move(100 + 60j) - 0.5 * (1 + 1j)) / 2) < 1e-9
    told = move.about(CENTRE)
    assert abs(told.shift - (3 - 2j)) < 1e-9
    assert told.angle == pytest.approx(0.05)


def test_exact_flow_gives_back_the_exact_movement() -> None:
    move = Offset(4.2 - 1.1j, 0.01, -0.004).at(CENTRE)
    found = estimate(evidence_of(move))
    assert found is not None
    np.testing.assert_allclose(found.current_from_previous.matrix(), move.inverse().matrix(), atol=1e-4)
    assert found.inliers == pytest.approx(1.0)


def test_a_third_of_false_vectors_moves_the_result_by_less_than_a_tenth_of_a_pixel() -> None:
    move = Offset(3.0 + 2.0j, 0.004, 0.0).at(CENTRE)
    good = evidence_of(move, noise_px=0.5)
    flow = good.flow.copy()
    flow[: len(flow) // 3] = 0
    found = estimate(Evidence(good.points, flow, good.weights, good.unit_px))
    assert found is not None
    assert abs(found.current_from_previous(CENTRE) - move.inverse()(CENTRE)) < 0.1
    assert 0.55 < found.inliers < 0.75


def test_no_tooth_gives_no_movement() -> None:
    field = np.zeros((30, 40, 2), np.float32)
    assert estimate(gather(field, np.zeros((30, 40), np.float32), (640, 480), 640)) is None


@pytest.mark.parametrize(("width", "height"), [(640, 480), (1920, 1080), (320, 240)])
def test_flow_of_the_working_size_becomes_camera_pixels(width: int, height: int) -> None:
    field = np.full((30, 40, 2), 2.0, np.float32)
    found = estimate(gather(field, np.ones((15, 20), np.float32), (width, height), 640))
    assert found is not None
    assert found.current_from_previous.shift == pytest.approx(complex(-1, -1) * 2 * width / 640, abs=1e-5)
    assert grid_of(width, height)[1] == 40


def flow_beside_a_handpiece(speed: float) -> np.ndarray:
    """(60, 80, 2): everything moves by `speed` but the lower left quarter."""
    flow = np.full((60, 80, 2), speed, np.float32)
    flow[30:, :40] = 0
    return flow


def test_the_first_movement_tells_at_once_what_stands_still_and_a_still_hand_tells_nothing() -> None:
    still, believed = StillMap(), np.ones((60, 80), np.float32)
    assert not still.learn(flow_beside_a_handpiece(0.2), believed).any()
    told = still.learn(flow_beside_a_handpiece(4.0), believed)  # (30, 40) rows, columns
    assert told[17:, :18].min() == 1
    assert told[:13].max() == 0


def test_what_stood_still_once_by_mistake_is_taken_back_within_a_few_frames() -> None:
    still, believed = StillMap(), np.ones((60, 80), np.float32)
    still.learn(flow_beside_a_handpiece(4.0), believed)
    moving = np.full((60, 80, 2), 4.0, np.float32)
    told = [still.learn(moving, believed).max() for _ in range(3)]
    assert told[0] <= 0.25
    assert told[2] < 0.1


@pytest.mark.parametrize("brightness", [0.85, 1.15])
def test_a_flicker_of_the_light_costs_the_classical_flow_neither_trust_nor_truth(brightness: float) -> None:
    world, fields = World(tissue(1)), ClassicalFields()
    fields.infer(world.frame(0, Offset()))
    moved = world.frame(1, Offset(2 + 1j))
    told = fields.infer(Frame(np.clip(moved.pixels * brightness, 0, 255).astype(np.uint8), 1, moved.captured_ns))
    inner = (slice(40, -40), slice(40, -40))
    assert float(np.median(told.trust[inner])) > 0.7
    assert np.median(told.flow[inner], axis=(0, 1)) == pytest.approx([-2, -1], abs=0.2)  # current -> previous


def test_where_another_picture_comes_the_classical_flow_is_not_trusted() -> None:
    fields = ClassicalFields()
    fields.infer(World(tissue(1)).frame(0, Offset()))
    assert float(np.median(fields.infer(World(tissue(2)).frame(1, Offset())).trust)) < 0.3
