"""What only a GPU can show: parity with OpenVINO, speed at 800x800, and that 10,000 steps leak nothing."""

import statistics
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from numpy.typing import NDArray

import resources
from engine.errors import BackendRefused
from engine.inference.backend import Backend
from engine.inference.choose import BackendOptions, open_backend
from engine.inference.flavour import FLAVOURS, load_flavour
from engine.inference.tensorrt import TensorRtBackend, load_cuda
from tests.fakes_onnx import write_toy

pytestmark = pytest.mark.gpu


@pytest.fixture(scope="module")
def cuda() -> Any:
    try:
        return load_cuda()
    except BackendRefused as refused:
        pytest.skip(refused.sentence)


@pytest.fixture(params=list(FLAVOURS))
def flavour(request: pytest.FixtureRequest, cuda: Any) -> str:
    try:
        load_flavour(FLAVOURS[request.param])
    except BackendRefused as refused:
        pytest.skip(refused.sentence)
    return str(request.param)


@pytest.fixture
def network(tmp_path: Path) -> str:
    """The shipped Lite where its half-precision graph is installed, else the toy."""
    if resources.path("weights/mostnet-lite-fp16.json").is_file():
        return "mostnet-lite"
    write_toy(tmp_path, "toy-fp16", half=True)
    return str(write_toy(tmp_path))


def opened(network: str, backend: str, cache: Path, size: tuple[int, int]) -> Backend:
    options = BackendOptions(backend, model=network, cache_dir=cache, allow_untrained=True, working_size=size)
    return open_backend(options, size).backend


def frames(count: int, size: tuple[int, int]) -> NDArray[np.uint8]:
    """A textured picture that moves by two pixels a frame."""
    wide = np.random.default_rng(2).integers(30, 220, (size[0] // 8, size[1] // 8 + count, 3), dtype=np.uint8)
    large = wide.repeat(8, axis=0).repeat(8, axis=1)
    return np.stack([large[: size[0], 2 * index : 2 * index + size[1]] for index in range(count)])


def test_a_stream_on_the_gpu_equals_openvino_within_half_precision(network: str, flavour: str, tmp_path: Path) -> None:
    size = (480, 640)
    fast, exact = opened(network, flavour, tmp_path, size), opened(network, "openvino-f32", tmp_path, size)
    for seq, pixels in enumerate(frames(20, size)):
        found, expected = fast.infer(pixels, seq), exact.infer(pixels, seq)
        difference = found.enhanced.astype(np.float64) - expected.enhanced
        assert 10 * np.log10(255**2 / max(float(np.mean(difference**2)), 1e-9)) > 40
        assert float(np.mean(np.linalg.norm(found.flow - expected.flow, axis=-1))) < 0.1
    fast.close()


def test_a_step_at_800x800_is_faster_than_25_frames_a_second(
    network: str, flavour: str, tmp_path: Path, record_property: Any
) -> None:
    size = (800, 800)
    backend = opened(network, flavour, tmp_path, size)
    assert isinstance(backend, TensorRtBackend)
    pictures = frames(8, backend.working_size)
    times_ms = []
    for seq in range(200):
        backend.infer(pictures[seq % 8], seq)
        times_ms.append(backend.gpu_ms)
    record_property("gpu_ms", statistics.median(times_ms[100:]))
    assert statistics.median(times_ms[100:]) < 40
    backend.close()


def test_ten_thousand_steps_leak_neither_device_nor_host_memory(
    network: str, flavour: str, tmp_path: Path, cuda: Any
) -> None:
    size = (240, 320)
    backend = opened(network, flavour, tmp_path, size)
    pictures = frames(4, backend.working_size)
    process = psutil.Process()
    seen = []
    for seq in range(10_000):
        backend.infer(pictures[seq % 4], seq)
        if seq in (1_000, 9_999):
            seen.append((cuda.mem_get_info()[0], process.memory_info().rss))
    assert seen[0][0] - seen[1][0] < 2**20
    assert seen[1][1] - seen[0][1] < 8 * 2**20
    backend.close()
