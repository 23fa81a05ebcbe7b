"""The TensorRT back end on a recorded GPU: what it computes, in which order it calls, how it fails, what it frees."""

import threading
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.errors import BackendRefused
from engine.inference.choose import BackendOptions, open_backend
from tests.fakes_cuda import FakeDriver
from tests.fakes_tensorrt import SCRATCH_BYTES
from tests.recorded_gpu import SIZE, GpuBench


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GpuBench:
    return GpuBench(tmp_path, monkeypatch)


@pytest.fixture
def frames() -> NDArray[np.uint8]:
    return np.random.default_rng(5).integers(0, 200, (5, *SIZE, 3), dtype=np.uint8)


def test_a_stream_equals_openvino_within_half_precision(bench: GpuBench, frames: NDArray[np.uint8]) -> None:
    options = BackendOptions("openvino-f32", model=str(bench.manifest), cache_dir=bench.manifest.parent)
    exact, backend = open_backend(options, SIZE).backend, bench.backend()
    for seq, pixels in enumerate(frames):
        found, expected = backend.infer(pixels, seq), exact.infer(pixels, seq)
        assert np.abs(found.enhanced.astype(int) - expected.enhanced).max() <= 2
        np.testing.assert_allclose(found.flow, expected.flow, atol=5e-3)
        np.testing.assert_allclose(found.trust, expected.trust, atol=0.01)
    backend.close()


def test_reset_forgets_the_past_whichever_step_is_next(bench: GpuBench, frames: NDArray[np.uint8]) -> None:
    backend = bench.backend()
    first = backend.infer(frames[0], 0)
    assert not np.array_equal(backend.infer(frames[0], 1).enhanced, first.enhanced)
    for past in (1, 2):
        for pixels in frames[:past]:
            backend.infer(pixels, 2)
        backend.reset()
        assert np.array_equal(backend.infer(frames[0], 3).enhanced, first.enhanced)


def test_a_steady_step_is_one_launch_and_one_wait(bench: GpuBench, frames: NDArray[np.uint8]) -> None:
    backend = bench.backend()
    bench.gpu.calls.clear()
    backend.infer(frames[0], 0)
    assert bench.gpu.calls == ["event.record", "cuGraphLaunch", "event.record", "event.synchronize"]
    assert backend.gpu_ms == 1.5


def test_opening_binds_sized_buffers_warms_up_then_records_both_steps(bench: GpuBench) -> None:
    bench.backend()
    frame, grid = SIZE[0] * SIZE[1] * 3, SIZE[0] * SIZE[1] // 16
    step = ["htod", "execute", *["dtoh"] * 4]
    outputs = [[f"pagelocked_empty {size}", f"mem_alloc {size}"] for size in (frame, grid * 8, grid, grid)]
    assert bench.gpu.calls == [
        *["retain_primary_context", "push"],
        *[f"pagelocked_empty {frame}", f"mem_alloc {frame}"],
        *[call for pair in outputs for call in pair],
        *[f"mem_alloc {grid * 8 * 2}"] * 2,
        f"mem_alloc {SCRATCH_BYTES}",
        *["create_execution_context USER_MANAGED", "set_device_memory"] * 2,
        *["memset"] * 2,
        *step,
        *step,
        "stream.synchronize",
        *["memset"] * 2,
        "stream.synchronize",
        *["cuStreamBeginCapture_v2", *[f"captured {call}" for call in step], "cuStreamEndCapture"],
        *["cuGraphInstantiateWithFlags", "cuGraphDestroy"],
        *["cuStreamBeginCapture_v2", *[f"captured {call}" for call in step], "cuStreamEndCapture"],
        *["cuGraphInstantiateWithFlags", "cuGraphDestroy"],
    ]


def test_no_state_ever_crosses_to_the_host(bench: GpuBench, frames: NDArray[np.uint8]) -> None:
    backend = bench.backend()
    for seq, pixels in enumerate(frames):
        backend.infer(pixels, seq)
    assert bench.gpu.calls.count("captured htod") == 2  # the frame, in each of the two recorded steps
    assert bench.gpu.calls.count("captured dtoh") == 2 * 4


def test_closing_frees_everything_in_the_context_and_then_the_context(
    bench: GpuBench, frames: NDArray[np.uint8]
) -> None:
    backend = bench.backend()
    backend.infer(frames[0], 0)
    bench.gpu.calls.clear()
    backend.close()
    backend.close()
    assert not bench.gpu.memory
    assert not bench.gpu.graphs
    assert bench.gpu.contexts_alive == 0
    assert bench.gpu.calls == [*["cuGraphExecDestroy"] * 2, *["free"] * 8, "pop", "detach"]


@pytest.mark.parametrize("failing", ["cuStreamBeginCapture_v2", "cuStreamEndCapture", "cuGraphInstantiateWithFlags"])
def test_a_driver_without_graphs_still_runs_the_step(bench: GpuBench, frames: NDArray[np.uint8], failing: str) -> None:
    recorded = bench.backend().infer(frames[0], 0)
    bench.driver = FakeDriver(bench.gpu, failing)
    backend = bench.backend()
    bench.gpu.calls.clear()
    assert np.array_equal(backend.infer(frames[0], 0).enhanced, recorded.enhanced)
    assert "execute" in bench.gpu.calls
    assert "cuGraphLaunch" not in bench.gpu.calls


def test_an_engine_that_cannot_be_captured_is_not(bench: GpuBench, frames: NDArray[np.uint8]) -> None:
    bench.engine.is_capturable = False
    backend = bench.backend()
    backend.infer(frames[0], 0)
    assert "cuStreamBeginCapture_v2" not in bench.gpu.calls


def test_another_thread_is_turned_away(bench: GpuBench, frames: NDArray[np.uint8]) -> None:
    backend = bench.backend()
    errors: list[BaseException] = []

    def trespass() -> None:
        try:
            backend.infer(frames[0], 0)
        except RuntimeError as error:
            errors.append(error)

    thread = threading.Thread(target=trespass)
    thread.start()
    thread.join()
    assert "belongs to the thread" in str(errors[0])


def test_a_gpu_without_memory_refuses_and_keeps_nothing(bench: GpuBench) -> None:
    bench.gpu.out_of_memory_after = 3
    with pytest.raises(BackendRefused, match="Recorded GPU cannot take toy-fp16: cuMemAlloc failed"):
        bench.backend()
    assert not bench.gpu.memory
    assert bench.gpu.contexts_alive == 0


def test_a_frame_of_the_wrong_size_never_reaches_the_gpu(bench: GpuBench) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        bench.backend().infer(np.zeros((8, 8, 3), dtype=np.uint8), 0)


def test_a_gpu_that_dies_mid_run_is_an_error_the_pipeline_knows(bench: GpuBench, frames: NDArray[np.uint8]) -> None:
    backend = bench.backend()
    backend.infer(frames[0], 0)
    bench.gpu.is_dead = True
    with pytest.raises(RuntimeError, match="the GPU failed: unspecified launch failure"):
        backend.infer(frames[0], 1)
