"""The work of a network is counted from its graph, and the ceiling is a stack of as much work."""

from pathlib import Path

import pytest

from engine.inference.ceiling import convolution_stacks, gmac_of
from engine.inference.signature import load_model
from tests.fakes_onnx import CHANNELS, write_toy


def test_the_work_of_the_toy_is_what_its_convolutions_multiply(tmp_path: Path) -> None:
    cells = (96 // 4) * (128 // 4)
    per_cell = CHANNELS * 3 * 16 + 2 * (2 * CHANNELS) * 9 + 48 * CHANNELS + 2 * CHANNELS * 9
    assert gmac_of(load_model(write_toy(tmp_path)), (96, 128)) == pytest.approx(cells * per_cell / 1e9)


def test_the_ceiling_stacks_hold_about_as_much_work_and_run() -> None:
    stacks = convolution_stacks((96, 128), gmac=0.2, precision="f32", threads=1)
    assert [stack.name for stack in stacks] == ["7 x 3x3x64 at 32x24", "7 x 3x3x128 at 16x12", "7 x 3x3x256 at 8x6"]
    assert all(stack.gmac == pytest.approx(0.2, rel=0.1) for stack in stacks)
    assert all(stack.gmac_per_s() > 0 for stack in stacks)
