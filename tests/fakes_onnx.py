"""A toy streaming network as an ONNX graph with a manifest: the shape of MOSTNET+, a thousandth of its work."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from engine.inference.signature import (
    FLOW_DIRECTION,
    FLOW_UNIT,
    FRAME_SHAPE,
    Manifest,
    StateSpec,
    TensorSpec,
    sha256_of,
    write_manifest,
)

CHANNELS = 8
STRIDE = 16
GRID = ("H/4", "W/4")


def write_toy(
    folder: Path, name: str = "toy", *, half: bool = False, trained: bool = True, size: tuple[int, int] = (96, 128)
) -> Path:
    """Write NAME.onnx and NAME.json into `folder` and return the manifest's path.

    The toy brightens the frame by what its state remembers, so that state and reset can be seen from outside.
    """
    onnx_path = folder / f"{name}.onnx"
    onnx.save(toy_graph(half=half), onnx_path)
    state_dtype = "float16" if half else "float32"
    manifest = Manifest(
        name=name,
        onnx=onnx_path.name,
        sha256=sha256_of(onnx_path),
        trained=trained,
        precision="fp16" if half else "fp32",
        working_size=size,
        stride=STRIDE,
        inputs=(TensorSpec("frame", "uint8", FRAME_SHAPE),),
        outputs=(
            TensorSpec("enhanced", "uint8", FRAME_SHAPE),
            TensorSpec("flow", "float32", (1, *GRID, 2), FLOW_UNIT, FLOW_DIRECTION),
            TensorSpec("trust", "uint8", (1, *GRID)),
            TensorSpec("tooth", "uint8", (1, *GRID)),
        ),
        state=(StateSpec("state_0", "next_state_0", state_dtype, (1, CHANNELS, *GRID), "remembered features"),),
    )
    write_manifest(manifest, folder / f"{name}.json")
    return folder / f"{name}.json"


def toy_graph(*, half: bool = False) -> onnx.ModelProto:
    """uint8 NHWC in and out, one recurrent tensor, convolutions in the graph's precision, the warp in FP32."""
    real = TensorProto.FLOAT16 if half else TensorProto.FLOAT
    dtype = np.float16 if half else np.float32
    rng = np.random.default_rng(7)

    def weight(key: str, *shape: int) -> onnx.TensorProto:
        return numpy_helper.from_array((rng.standard_normal(shape) * 0.1).astype(dtype), key)

    def scalar(key: str, value: float) -> onnx.TensorProto:
        return numpy_helper.from_array(np.asarray(value, dtype=dtype), key)

    node = helper.make_node
    nodes = [
        node("Cast", ["frame"], ["frame_real"], to=real),
        node("Transpose", ["frame_real"], ["chw"], perm=[0, 3, 1, 2]),
        node("Div", ["chw", "full"], ["unit"]),
        node("Conv", ["unit", "w_stem"], ["stem"], name="stem", kernel_shape=[4, 4], strides=[4, 4]),
        node("Concat", ["stem", "state_0"], ["both"], axis=1),
        node("Conv", ["both", "w_flow"], ["flow_chw"], name="flow_head", kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
        node("Transpose", ["flow_chw"], ["flow_hwc"], perm=[0, 2, 3, 1]),
        node("Cast", ["flow_hwc"], ["flow"], to=TensorProto.FLOAT),
        node("Tanh", ["flow"], ["grid"]),
        node("Cast", ["state_0"], ["state_float"], to=TensorProto.FLOAT),
        node("GridSample", ["state_float", "grid"], ["warped_float"], name="warp", align_corners=1, mode="bilinear"),
        node("Cast", ["warped_float"], ["warped"], to=real),
        node("Mul", ["warped", "decay"], ["kept"]),
        node("Add", ["stem", "kept"], ["next_state_0"]),
        node("Conv", ["next_state_0", "w_detail"], ["detail"], name="detail_head", kernel_shape=[1, 1]),
        node("DepthToSpace", ["detail"], ["residual"], blocksize=4),
        node("Add", ["unit", "residual"], ["bright"]),
        node("Clip", ["bright", "zero", "one"], ["clipped"]),
        node("Mul", ["clipped", "full"], ["scaled"]),
        node("Round", ["scaled"], ["rounded"]),
        node("Transpose", ["rounded"], ["enhanced_real"], perm=[0, 2, 3, 1]),
        node("Cast", ["enhanced_real"], ["enhanced"], to=TensorProto.UINT8),
        *_map_head("trust"),
        *_map_head("tooth"),
    ]
    grid = ["H/4", "W/4"]
    frame = [1, "H", "W", 3]
    graph = helper.make_graph(
        nodes,
        "toy",
        [
            helper.make_tensor_value_info("frame", TensorProto.UINT8, frame),
            helper.make_tensor_value_info("state_0", real, [1, CHANNELS, *grid]),
        ],
        [
            helper.make_tensor_value_info("enhanced", TensorProto.UINT8, frame),
            helper.make_tensor_value_info("flow", TensorProto.FLOAT, [1, *grid, 2]),
            helper.make_tensor_value_info("trust", TensorProto.UINT8, [1, *grid]),
            helper.make_tensor_value_info("tooth", TensorProto.UINT8, [1, *grid]),
            helper.make_tensor_value_info("next_state_0", real, [1, CHANNELS, *grid]),
        ],
        [
            weight("w_stem", CHANNELS, 3, 4, 4),
            weight("w_flow", 2, 2 * CHANNELS, 3, 3),
            weight("w_detail", 48, CHANNELS, 1, 1),
            weight("w_trust", 1, CHANNELS, 3, 3),
            weight("w_tooth", 1, CHANNELS, 3, 3),
            *(scalar(k, v) for k, v in {"full": 255, "decay": 0.5, "zero": 0, "one": 1}.items()),
            numpy_helper.from_array(np.asarray([1], dtype=np.int64), "channel_axis"),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=10)
    onnx.checker.check_model(model)
    return model


def _map_head(name: str) -> list[onnx.NodeProto]:
    node = helper.make_node
    return [
        node(
            "Conv",
            ["next_state_0", f"w_{name}"],
            [f"{name}_logit"],
            name=f"{name}_head",
            kernel_shape=[3, 3],
            pads=[1, 1, 1, 1],
        ),
        node("Sigmoid", [f"{name}_logit"], [f"{name}_unit"]),
        node("Mul", [f"{name}_unit", "full"], [f"{name}_scaled"]),
        node("Squeeze", [f"{name}_scaled", "channel_axis"], [f"{name}_map"]),
        node("Cast", [f"{name}_map"], [name], to=TensorProto.UINT8),
    ]
