"""Exact rewrites of a graph of known shapes for OpenVINO's CPU kernels, which are slow where these stand.

TensorRT needs none of them.
"""

from __future__ import annotations

import numpy as np

from engine.inference.openvino_offline import opset, ov

UNSHUFFLE = [0, 5, 2, 4, 1, 3]  # (1, h, b, w, b, c) -> (1, c, b, b, h, w)
SHUFFLE = [0, 4, 2, 5, 3, 1]  # (1, c, b, b, h, w) -> (1, h, b, w, b, c)


def rewrite(graph: ov.Model) -> None:
    """Replace in place what matches; all else stays."""
    for operation in graph.get_ordered_ops():
        faster = _shuffled(operation) if operation.get_type_name() == "Transpose" else None
        if faster is not None:
            faster.set_friendly_name(operation.get_friendly_name())
            operation.output(0).replace(faster.output(0))


def _shuffled(transpose: ov.Node) -> ov.Node | None:
    """A pixel shuffle or unshuffle between channels-last and channels-first, spelled as a transposition of six axes, by
    the op that is made for it."""
    order = transpose.input_value(1).get_node()
    if order.get_type_name() != "Constant":
        return None
    axes, source = order.get_data().tolist(), transpose.input_value(0)
    if axes == UNSHUFFLE:
        _, h, b, w, b_too, c = (int(side) for side in source.get_shape())
        if b != b_too:
            return None
        last = opset.reshape(source, _constant([1, h * b, w * b, c]), special_zero=False)
        first = opset.transpose(last, _constant([0, 3, 1, 2]))
        return opset.reshape(opset.space_to_depth(first, "depth_first", b), _constant([1, c, b, b, h, w]), False)
    if axes == SHUFFLE:
        _, c, b, b_too, h, w = (int(side) for side in source.get_shape())
        if b != b_too:
            return None
        deep = opset.reshape(source, _constant([1, c * b * b, h, w]), special_zero=False)
        last = opset.transpose(opset.depth_to_space(deep, "depth_first", b), _constant([0, 2, 3, 1]))
        return opset.reshape(last, _constant([1, h, b, w, b, c]), special_zero=False)
    return None


def _constant(values: list[int]) -> ov.Node:
    return opset.constant(np.array(values, dtype=np.int64))
