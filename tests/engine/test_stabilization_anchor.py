from __future__ import annotations

import cv2
import numpy as np
import pytest

from engine.stabilization.anchor import AnchorMemory
from engine.stabilization.keyframe import register, remember
from engine.stabilization.relocate import candidates
from engine.stabilization.similarity import Offset, Similarity
from engine.stabilization.tooth import box_around, moved_box
from engine.stabilization.view import View, look
from engine.stabilization.warp import straightened
from tests.stabilization_world import CENTRE, HEIGHT, WIDTH, World, tissue

FULL = np.ones((8, 8), np.float32)


def view_of(world: World, offset: Offset) -> View:
    return look(world.frame(0, offset).pixels, FULL, FULL)


@pytest.mark.parametrize("offset", [Offset(1.3 - 0.7j), Offset(-3 + 2j, 0.02, -0.01), Offset(4 + 4j, -0.01, 0.02)])
def test_registration_finds_the_pose_to_a_twentieth_of_a_pixel(offset: Offset) -> None:
    world = World(tissue(1))
    key = remember(view_of(world, Offset()), Similarity())
    assert key is not None
    found = register(key, view_of(world, offset), Similarity(), coarse=2)
    assert found is not None
    assert found.correlation > 0.9
    assert abs(found.current_from_key(CENTRE) - CENTRE - offset.shift) < 0.05


def test_a_change_of_light_does_not_move_the_pose() -> None:
    world = World(tissue(1))
    key = remember(view_of(world, Offset()), Similarity())
    assert key is not None
    dim = (world.frame(0, Offset(2 + 1j)).pixels * 0.6).astype(np.uint8)
    found = register(key, look(dim, FULL, FULL), Similarity(), coarse=2)
    assert found is not None
    assert abs(found.current_from_key(CENTRE) - CENTRE - (2 + 1j)) < 0.1


def test_a_search_finds_the_same_tissue_anywhere_and_refuses_other_tissue() -> None:
    world = World(tissue(1))
    memory = AnchorMemory()
    key = remember(view_of(world, Offset()), Similarity())
    assert key is not None
    anchor = memory.plant(key, (0, 0, 10, 10), None)
    found = memory.search(view_of(world, Offset(45 - 30j)), Similarity(), CENTRE, 200.0)
    assert found is not None
    assert found.anchor is anchor
    assert abs(found.raw_from_scene(CENTRE) - CENTRE - (45 - 30j)) < 0.3
    other = view_of(World(tissue(2)), Offset())
    assert all(memory.search(other, Similarity(), CENTRE, 200.0) is None for _ in range(12))


@pytest.mark.parametrize("fogged", [0, 1, 2, 3, 4, 5])
def test_the_first_clear_frame_is_enough_however_many_were_searched_in_vain(fogged: int) -> None:
    memory = AnchorMemory()
    key = remember(view_of(World(tissue(1)), Offset()), Similarity())
    assert key is not None
    memory.plant(key, (0, 0, 10, 10), None)
    for _ in range(fogged):
        assert memory.search(view_of(World(tissue(2)), Offset()), Similarity(), CENTRE, 200.0) is None
    found = memory.search(view_of(World(tissue(1)), Offset(18 - 7j)), Similarity(), CENTRE, 200.0)
    assert found is not None
    assert abs(found.raw_from_scene(CENTRE) - CENTRE - (18 - 7j)) < 0.3


def test_an_empty_mask_offers_no_candidates_and_no_keyframe() -> None:
    world = World(tissue(1))
    key = remember(view_of(world, Offset()), Similarity())
    blind = look(world.frame(0, Offset()).pixels, np.zeros((8, 8), np.float32), FULL)
    assert key is not None
    assert candidates(key, blind, Offset()) == []
    assert remember(blind, Similarity()) is None


def test_saturated_pixels_are_not_believed() -> None:
    pixels = tissue(1)[:HEIGHT, :WIDTH].copy()
    pixels[50:120, 60:140] = 255
    usable = look(pixels, FULL, FULL).levels[-1].usable
    assert usable[60:110, 70:130].max() == 0
    assert usable[150:, 200:].min() == 1


def test_the_box_follows_the_tooth_that_was_meant() -> None:
    usable = np.zeros((60, 80), np.float32)
    usable[10:30, 10:30] = 1
    usable[20:50, 50:70] = 1
    x, y, width, height = box_around(usable, 4.0, 240 + 140j)
    assert (x, y, width, height) == (200, 80, 80, 120)
    moved = moved_box((x, y, width, height), Similarity(1 + 0j, 5 - 3j))
    assert moved == pytest.approx((205, 77, 80, 120))


def test_movement_while_the_shutter_rolls_is_found_and_undone() -> None:
    world, skew = World(tissue(1)), 0.012 - 0.008j
    middle = (HEIGHT - 1) / 2
    still = world.frame(0, Offset()).pixels
    rolled = cv2.warpAffine(still, np.linalg.inv(straightened(skew, HEIGHT))[:2], (WIDTH, HEIGHT))
    key = remember(view_of(world, Offset()), Similarity())
    assert key is not None
    found = register(key, look(rolled, FULL, FULL), Similarity(), coarse=2, has_rows=True)
    assert found is not None
    assert abs(found.skew - skew) * middle < 0.1  # pixels at the picture's edge
    assert abs(found.current_from_key(CENTRE) - CENTRE) < 0.05
    top = straightened(skew, HEIGHT) @ np.array([100 - skew.real * middle, -skew.imag * middle, 1.0])
    np.testing.assert_allclose(top[:2], [100, 0], atol=1e-9)
