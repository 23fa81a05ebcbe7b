"""The exported graphs say what torch says: in OpenVINO, in ONNX Runtime, at any size, and after many steps."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from numpy.typing import NDArray

from engine.capture.synthetic import SyntheticSource
from engine.inference.openvino_offline import ov
from engine.inference.signature import Manifest, Model, load_model, resolve_shape
from models.build import build
from models.export import StepGraph, export, prepared
from models.network import Network

Arrays = list[NDArray[np.generic]]
Step = Callable[[Arrays], Arrays]
SIZES = [(64, 96), (96, 64), (96, 128)]
STREAMED = 100


def frames(count: int, height: int, width: int) -> list[NDArray[np.uint8]]:
    """A moving, noisy texture."""
    random = np.random.default_rng(5)
    field = random.uniform(0, 255, (height + 64, width + 64, 3))
    for axis in (0, 1):
        for _ in range(4):
            field = (field + np.roll(field, 1, axis) + np.roll(field, -1, axis)) / 3
    field = (field - field.min()) / np.ptp(field) * 255
    shifts = (16 + 12 * np.sin(np.arange(count)[:, None] * [0.21, 0.13])).astype(int)
    noisy = [field[y : y + height, x : x + width] + random.normal(0, 6, (height, width, 3)) for x, y in shifts]
    return [np.clip(frame, 0, 255).astype(np.uint8) for frame in noisy]


@pytest.fixture(scope="module")
def lite() -> Network:
    torch.manual_seed(1)
    return build("mostnet-lite")


@pytest.fixture(scope="module")
def folder(lite: Network, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("graphs")
    for precision in ("fp32", "fp16"):
        export(lite, folder, precision)
    return folder


@pytest.fixture(scope="module")
def model(folder: Path) -> Model:
    return load_model(folder / "mostnet-lite.json")


def in_torch(network: Network) -> Step:
    graph = StepGraph(prepared(network))

    def step(inputs: Arrays) -> Arrays:
        with torch.no_grad():
            return [tensor.numpy() for tensor in graph(*map(torch.from_numpy, inputs))]

    return step


def in_openvino(model: Model, height: int, width: int, precision: str) -> Step:
    core = ov.Core()
    graph = core.read_model(model.onnx_path)
    shapes = {"frame": [1, height, width, 3]}
    shapes |= {spec.input: list(resolve_shape(spec.shape, height, width)) for spec in model.manifest.state}
    graph.reshape(shapes)
    hints = {"INFERENCE_PRECISION_HINT": precision, "INFERENCE_NUM_THREADS": 1}
    compiled = core.compile_model(graph, "CPU", hints)

    def step(inputs: Arrays) -> Arrays:
        results = compiled(inputs)
        return [results[output].copy() for output in compiled.outputs]

    return step


def in_onnxruntime(model: Model) -> Step:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(str(model.onnx_path), options)
    names = [entry.name for entry in session.get_inputs()]

    def step(inputs: Arrays) -> Arrays:
        return list(session.run(None, dict(zip(names, inputs, strict=True))))

    return step


def start(manifest: Manifest, height: int, width: int) -> Arrays:
    return [np.zeros(resolve_shape(spec.shape, height, width), spec.dtype) for spec in manifest.state]


def streamed(step: Step, manifest: Manifest, pictures: list[NDArray[np.uint8]]) -> list[Arrays]:
    """The four outputs for each frame, each step on the state that this very run time made."""
    state, delivered = start(manifest, *pictures[0].shape[:2]), []
    for picture in pictures:
        results = step([picture[None], *state])
        delivered.append(results[:4])
        state = results[4:]
    return delivered


def decibels(one: NDArray[np.generic], other: NDArray[np.generic]) -> float:
    """PSNR of a byte image against another."""
    error = np.mean((one.astype(float) - other.astype(float)) ** 2)
    return float(10 * np.log10(255**2 / max(error, 1e-6)))


@pytest.mark.parametrize(("height", "width"), SIZES)
def test_both_run_times_agree_with_torch_in_float32(lite: Network, model: Model, height: int, width: int) -> None:
    pictures = frames(3, height, width)
    truth = streamed(in_torch(lite), model.manifest, pictures)
    for step in (in_openvino(model, height, width, "f32"), in_onnxruntime(model)):
        for expected, found in zip(truth, streamed(step, model.manifest, pictures), strict=True):
            assert decibels(found[0], expected[0]) > 60
            np.testing.assert_allclose(found[1], expected[1], atol=2e-3)
            for byte in (2, 3):
                assert np.abs(found[byte].astype(int) - expected[byte].astype(int)).max() <= 1


@pytest.mark.parametrize(("height", "width"), SIZES[:2])
def test_openvino_in_bfloat16_stays_near(lite: Network, model: Model, height: int, width: int) -> None:
    pictures = frames(3, height, width)
    truth = streamed(in_torch(lite), model.manifest, pictures)
    for expected, found in zip(
        truth, streamed(in_openvino(model, height, width, "bf16"), model.manifest, pictures), strict=True
    ):
        assert decibels(found[0], expected[0]) > 45
        assert np.abs(found[1] - expected[1]).mean() < 0.05


def test_the_half_precision_graph_says_the_same(lite: Network, folder: Path) -> None:
    half = load_model(folder / "mostnet-lite-fp16.json")
    assert {spec.dtype for spec in half.manifest.state} == {"float16"}
    pictures = frames(4, 64, 96)
    whole = streamed(in_torch(lite), load_model(folder / "mostnet-lite.json").manifest, pictures)
    for expected, found in zip(whole, streamed(in_onnxruntime(half), half.manifest, pictures), strict=True):
        assert decibels(found[0], expected[0]) > 45
        assert np.abs(found[1] - expected[1]).mean() < 0.05


def test_after_a_hundred_steps_the_state_has_not_drifted(lite: Network, model: Model) -> None:
    pictures = frames(STREAMED, 64, 64)
    truth = streamed(in_torch(lite), model.manifest, pictures)
    for step in (in_openvino(model, 64, 64, "f32"), in_onnxruntime(model)):
        found = streamed(step, model.manifest, pictures)
        assert decibels(found[-1][0], truth[-1][0]) > 55
        assert np.abs(found[-1][1] - truth[-1][1]).max() < 0.01


def test_a_real_picture_source_gives_the_same_through_both(lite: Network, model: Model) -> None:
    source = SyntheticSource(size=(160, 128), realtime=False, frames=3)
    source.open()
    pictures = [source.read(1.0).pixels.copy() for _ in range(3)]
    source.close()
    truth = streamed(in_torch(lite), model.manifest, pictures)
    found = streamed(in_openvino(model, 128, 160, "f32"), model.manifest, pictures)
    assert min(decibels(f[0], t[0]) for f, t in zip(found, truth, strict=True)) > 60


def test_the_manifest_states_what_the_graph_is(model: Model) -> None:
    manifest = model.manifest
    assert (manifest.name, manifest.precision, manifest.trained) == ("mostnet-lite", "fp32", False)
    assert manifest.output("flow").shape == (1, "H/4", "W/4", 2)
    assert manifest.output("tooth").shape == (1, "H/2", "W/2")
    assert manifest.stride == 32
    assert "Laplace" in manifest.accuracy["trust"]


def test_the_paper_networks_agree_with_torch_too(tmp_path: Path) -> None:
    torch.manual_seed(2)
    network = build("mostnet-sw")
    export(network, tmp_path)
    model = load_model(tmp_path / "mostnet-sw.json")
    pictures = frames(2, 64, 64)
    truth = streamed(in_torch(network), model.manifest, pictures)
    found = streamed(in_openvino(model, 64, 64, "f32"), model.manifest, pictures)
    for expected, result in zip(truth, found, strict=True):
        assert decibels(result[0], expected[0]) > 55
        np.testing.assert_allclose(result[1], expected[1], atol=5e-3)
