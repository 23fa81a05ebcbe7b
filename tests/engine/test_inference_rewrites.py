"""Rewritten graphs compute what they did before."""

from collections.abc import Callable

import numpy as np
import pytest

from engine.inference.openvino_offline import opset, ov
from engine.inference.openvino_rewrites import SHUFFLE, UNSHUFFLE, rewrite

Build = Callable[[ov.Node], ov.Node]


def transposed(order: list[int]) -> Build:
    return lambda x: opset.transpose(x, opset.constant(np.array(order)))


def computed(shape: list[int], build: Build, *, is_rewritten: bool) -> tuple[np.ndarray, list[str]]:
    source = opset.parameter(shape, ov.Type.f32)
    graph = ov.Model([build(source)], [source], "part")
    if is_rewritten:
        rewrite(graph)
    kinds = [operation.get_type_name() for operation in graph.get_ops()]
    request = ov.Core().compile_model(graph, "CPU", {"INFERENCE_PRECISION_HINT": "f32"}).create_infer_request()
    values = np.random.default_rng(6).standard_normal(shape).astype(np.float32)
    return np.array(request.infer([values])[0]), kinds


@pytest.mark.parametrize(
    ("shape", "build", "expected"),
    [
        ([1, 6, 4, 8, 4, 3], transposed(UNSHUFFLE), "SpaceToDepth"),
        ([1, 2, 4, 4, 6, 8], transposed(SHUFFLE), "DepthToSpace"),
    ],
)
def test_a_rewrite_changes_the_ops_and_not_the_result(shape: list[int], build: Build, expected: str) -> None:
    before, kinds_before = computed(shape, build, is_rewritten=False)
    after, kinds_after = computed(shape, build, is_rewritten=True)
    np.testing.assert_allclose(after, before, atol=2e-6)
    assert kinds_after.count(expected) == kinds_before.count(expected) + 1


@pytest.mark.parametrize(
    ("shape", "build"),
    [
        ([1, 6, 4, 8, 2, 3], transposed(UNSHUFFLE)),  # unequal blocks are no pixel shuffle
        ([1, 6, 4, 8, 4, 3], transposed([0, 1, 2, 3, 5, 4])),
    ],
)
def test_what_does_not_match_is_left_alone(shape: list[int], build: Build) -> None:
    assert computed(shape, build, is_rewritten=True)[1] == computed(shape, build, is_rewritten=False)[1]
