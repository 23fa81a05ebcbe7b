"""The live path gives the network a picture that it can answer in time, and never a larger one than was asked for."""

import time

import numpy as np
import pytest

from engine.inference.pace import LEAST_PIXELS, STEP_MS, open_in_pace, pixels_in_pace, quickest_step_ms
from engine.off import NoNetwork
from engine.values import Image, Inference

FULL = (480, 640)


class Laboured(NoNetwork):
    """So many nanoseconds of work for each pixel, by a clock of its own."""

    now_s = 0.0

    def __init__(self, size: tuple[int, int], ns_per_pixel: float) -> None:
        super().__init__(size)
        self._step_s = size[0] * size[1] * ns_per_pixel / 1e9
        self.steps = 0
        self.resets = 0
        self.is_closed = False

    def infer(self, pixels: Image, seq: int) -> Inference:
        self.steps += 1
        Laboured.now_s += self._step_s * (20 if self.steps == 1 else 2 if self.steps % 2 else 1)  # others interfere
        return super().infer(pixels, seq)

    def reset(self) -> None:
        self.resets += 1

    def close(self) -> None:
        self.is_closed = True


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "perf_counter", lambda: Laboured.now_s)


def opened(ns_per_pixel: float, size: tuple[int, int] = FULL) -> list[Laboured]:
    made: list[Laboured] = []

    def open_at(tried: tuple[int, int]) -> Laboured:
        made.append(Laboured(tried, ns_per_pixel))
        return made[-1]

    assert open_in_pace(open_at, size, 32) is made[-1]
    return made


def test_a_quick_processor_works_at_full_size() -> None:
    assert opened(ns_per_pixel=30)[-1].working_size == FULL


def test_a_small_source_is_never_enlarged() -> None:
    assert opened(ns_per_pixel=1, size=(192, 256))[-1].working_size == (192, 256)


def test_a_slow_processor_works_on_a_smaller_picture_that_it_can_answer_in_time() -> None:
    first, smaller = opened(ns_per_pixel=120)  # 37 ms a step at full size
    assert first.is_closed
    assert not smaller.is_closed
    height, width = smaller.working_size
    assert height % 32 == 0 == width % 32
    assert height * width * 120 / 1e6 == pytest.approx(STEP_MS, rel=0.2)
    assert width / height == pytest.approx(4 / 3, rel=0.1)


def test_where_the_first_size_fits_nothing_is_opened_twice() -> None:
    (only,) = opened(ns_per_pixel=80)  # 25 ms a step at full size
    assert only.working_size == (320, 448)
    assert only.resets == 1, "the blank pictures of the trial must not be the past of the first frame"
    assert not only.is_closed


def test_however_slow_the_processor_some_picture_is_left() -> None:
    assert opened(ns_per_pixel=5000)[-1].working_size == (256, 320)
    assert pixels_in_pace(10_000.0, 640 * 480) == LEAST_PIXELS


def test_others_work_does_not_make_the_network_look_slow() -> None:
    backend = Laboured(FULL, ns_per_pixel=80)
    assert quickest_step_ms(backend) == pytest.approx(640 * 480 * 80 / 1e6)
    assert np.array_equal(backend.working_size, FULL)
