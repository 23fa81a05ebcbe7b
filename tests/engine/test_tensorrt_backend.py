"""The TensorRT back end on a recorded GPU: what it computes, in which order it calls, how it fails, what it frees."""

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.errors import BackendRefused
from engine.inference import flavour, open_tensorrt, tensorrt
from engine.inference.choose import BackendOptions, open_backend
from engine.inference.flavour import RTX
from engine.inference.open_tensorrt import PlanSupply
from engine.inference.plan_build import BuildFacts, BuildRequest
from engine.inference.plan_cache import PlanKey, admit
from engine.inference.plan_kernels import Plan
from engine.inference.plan_progress import OnProgress
from engine.inference.signature import load_model
from engine.inference.tensorrt import TensorRtBackend
from tests.fakes_onnx import write_toy
from tests.fakes_tensorrt import SCRATCH_BYTES, CudaEngine, FakeCuda, FakeDriver, FakeGpu, fake_trt

SIZE = (96, 128)
PLAN = b"a plan"


class Bench:
    """A recorded GPU with one engine of the toy network in it."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.manifest = write_toy(folder, size=SIZE)
        write_toy(folder, "toy-fp16", half=True, size=SIZE)
        self.model = load_model(folder / "toy-fp16.json")
        self.gpu = FakeGpu()
        self.cuda = FakeCuda(self.gpu)
        self.engine = CudaEngine(self.gpu, self.model.onnx_path, SIZE)
        self.trt = fake_trt({PLAN: self.engine})
        self.builds: list[BuildRequest] = []
        self.driver: Any = FakeDriver(self.gpu)
        self.cache = folder / "engines"
        self.built = PLAN
        monkeypatch.setattr(tensorrt, "load_driver", lambda: self.driver)
        monkeypatch.setattr(open_tensorrt, "load_cuda", lambda: self.cuda)
        monkeypatch.setattr(open_tensorrt, "load_flavour", lambda _flavour: self.trt)

    def backend(self) -> TensorRtBackend:
        return TensorRtBackend(self.trt, self.cuda, self.model, Plan(PLAN), SIZE)

    def open(self, *, may_build: bool = True) -> TensorRtBackend:
        supply = PlanSupply(self.cache, may_build, lambda _done, _phase: None, self.build)
        return open_tensorrt.open_tensorrt(load_model(self.manifest), SIZE, RTX, supply)

    def build(self, request: BuildRequest, _on_progress: OnProgress) -> BuildFacts:
        self.builds.append(request)
        part = self.cache / "part"
        part.write_bytes(self.built)
        sha256 = self.model.manifest.sha256
        key = PlanKey("toy-fp16", sha256, "tensorrt-rtx", self.trt.__version__, "any", "sm89", "any", *SIZE)
        admit(part, Path(request.plan), key, {})
        return BuildFacts(request.plan, len(self.built), 0.0, {}, "")


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    return Bench(tmp_path, monkeypatch)


@pytest.fixture
def frames() -> NDArray[np.uint8]:
    return np.random.default_rng(5).integers(0, 200, (5, *SIZE, 3), dtype=np.uint8)


def test_a_stream_equals_openvino_within_half_precision(bench: Bench, frames: NDArray[np.uint8]) -> None:
    options = BackendOptions("openvino-f32", model=str(bench.manifest), cache_dir=bench.manifest.parent)
    exact, backend = open_backend(options, SIZE).backend, bench.backend()
    for seq, pixels in enumerate(frames):
        found, expected = backend.infer(pixels, seq), exact.infer(pixels, seq)
        assert np.abs(found.enhanced.astype(int) - expected.enhanced).max() <= 2
        np.testing.assert_allclose(found.flow, expected.flow, atol=5e-3)
        np.testing.assert_allclose(found.trust, expected.trust, atol=0.01)
    backend.close()


def test_reset_forgets_the_past_whichever_step_is_next(bench: Bench, frames: NDArray[np.uint8]) -> None:
    backend = bench.backend()
    first = backend.infer(frames[0], 0)
    assert not np.array_equal(backend.infer(frames[0], 1).enhanced, first.enhanced)
    for past in (1, 2):
        for pixels in frames[:past]:
            backend.infer(pixels, 2)
        backend.reset()
        assert np.array_equal(backend.infer(frames[0], 3).enhanced, first.enhanced)


def test_a_steady_step_is_one_launch_and_one_wait(bench: Bench, frames: NDArray[np.uint8]) -> None:
    backend = bench.backend()
    bench.gpu.calls.clear()
    backend.infer(frames[0], 0)
    assert bench.gpu.calls == ["event.record", "cuGraphLaunch", "event.record", "event.synchronize"]
    assert backend.gpu_ms == 1.5


def test_opening_binds_sized_buffers_warms_up_then_records_both_steps(bench: Bench) -> None:
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


def test_no_state_ever_crosses_to_the_host(bench: Bench, frames: NDArray[np.uint8]) -> None:
    backend = bench.backend()
    for seq, pixels in enumerate(frames):
        backend.infer(pixels, seq)
    assert bench.gpu.calls.count("captured htod") == 2  # the frame, in each of the two recorded steps
    assert bench.gpu.calls.count("captured dtoh") == 2 * 4


def test_closing_frees_everything_in_the_context_and_then_the_context(bench: Bench, frames: NDArray[np.uint8]) -> None:
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
def test_a_driver_without_graphs_still_runs_the_step(bench: Bench, frames: NDArray[np.uint8], failing: str) -> None:
    recorded = bench.backend().infer(frames[0], 0)
    bench.driver = FakeDriver(bench.gpu, failing)
    backend = bench.backend()
    bench.gpu.calls.clear()
    assert np.array_equal(backend.infer(frames[0], 0).enhanced, recorded.enhanced)
    assert "execute" in bench.gpu.calls
    assert "cuGraphLaunch" not in bench.gpu.calls


def test_an_engine_that_cannot_be_captured_is_not(bench: Bench, frames: NDArray[np.uint8]) -> None:
    bench.engine.is_capturable = False
    backend = bench.backend()
    backend.infer(frames[0], 0)
    assert "cuStreamBeginCapture_v2" not in bench.gpu.calls


def test_another_thread_is_turned_away(bench: Bench, frames: NDArray[np.uint8]) -> None:
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


def test_a_gpu_without_memory_refuses_and_keeps_nothing(bench: Bench) -> None:
    bench.gpu.out_of_memory_after = 3
    with pytest.raises(BackendRefused, match="Recorded GPU cannot take toy-fp16: cuMemAlloc failed"):
        bench.backend()
    assert not bench.gpu.memory
    assert bench.gpu.contexts_alive == 0


def test_a_frame_of_the_wrong_size_never_reaches_the_gpu(bench: Bench) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        bench.backend().infer(np.zeros((8, 8, 3), dtype=np.uint8), 0)


def test_a_plan_that_was_never_built_is_refused_with_the_command_that_builds_it(bench: Bench) -> None:
    with pytest.raises(BackendRefused, match="No tensorrt-rtx engine of toy-fp16 at 128x96") as refused:
        bench.open(may_build=False)
    assert "steadyscope engine build toy --size 128x96" in refused.value.remedy
    assert not bench.builds


def test_a_missing_plan_is_built_once_and_then_found(bench: Bench) -> None:
    bench.open().close()
    bench.open(may_build=False).close()
    assert [(build.capability, build.height, build.width) for build in bench.builds] == [("sm89", *SIZE)]


@pytest.mark.parametrize("damage", [b"", b"a plan, cut and changed"])
def test_a_corrupt_plan_is_rebuilt_even_by_auto(bench: Bench, damage: bytes) -> None:
    bench.open().close()
    next(bench.cache.glob("*.plan")).write_bytes(damage)
    bench.open(may_build=False).close()
    assert len(bench.builds) == 2


def test_kernels_compiled_at_the_first_start_are_kept_for_the_next(bench: Bench) -> None:
    bench.open().close()
    assert next(bench.cache.glob("*.kernels")).read_bytes() == b"kernel"
    bench.open().close()
    assert [call for call in bench.gpu.calls if call.startswith("set_runtime")] == [
        "set_runtime_cache 0",
        "set_runtime_cache 1",
    ]
    next(bench.cache.glob("*.kernels")).write_bytes(b"damaged")
    bench.open().close()
    assert next(bench.cache.glob("*.kernels")).read_bytes() == b"kernel"


def test_a_plan_of_another_version_is_rebuilt(bench: Bench) -> None:
    bench.open().close()
    bench.trt.__version__ = "9.9"
    bench.open(may_build=False).close()
    assert len(bench.builds) == 2


def test_a_plan_that_tensorrt_rejects_is_evicted_and_rebuilt(bench: Bench) -> None:
    bench.built = b"not what TensorRT knows"
    with pytest.raises(BackendRefused, match="does not load"):
        bench.open()
    assert len(bench.builds) == 2
    assert not list(bench.cache.glob("*.plan"))
    bench.built = PLAN
    bench.open().close()


@pytest.mark.parametrize(
    ("name", "described", "sentence"),
    [
        ("frame", ((1, 4 * SIZE[0], SIZE[1], 3), "uint8"), "does not take 'frame'"),
        ("enhanced", ((1, 4 * SIZE[0], SIZE[1], 3), "uint8"), "has 'enhanced' as"),
        ("next_state_0", ((1, 8, SIZE[0] // 4, SIZE[1] // 4), "float32"), "has 'next_state_0' as float32"),
        ("surprise", ((1,), "float32"), "has the tensors"),
    ],
)
def test_a_plan_for_other_buffers_is_never_run(
    bench: Bench, name: str, described: tuple[tuple[int, ...], str], sentence: str
) -> None:
    bench.engine.border[name] = described
    with pytest.raises(BackendRefused, match=sentence):
        bench.open()
    assert "execute" not in bench.gpu.calls


def test_a_network_without_a_half_precision_graph_is_refused(bench: Bench) -> None:
    (bench.manifest.parent / "toy-fp16.json").unlink()
    with pytest.raises(BackendRefused, match="needs the half-precision graph"):
        bench.open()


def test_a_machine_without_driver_pycuda_or_gpu_says_which(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str = "") -> None:
        raise ImportError(f"No module named {name!r}")

    def no_library() -> None:
        raise OSError("libcuda.so.1: cannot open shared object file")

    monkeypatch.setattr(tensorrt, "load_driver", no_library)
    with pytest.raises(BackendRefused, match="no NVIDIA driver"):
        tensorrt.load_cuda()
    monkeypatch.setattr(tensorrt, "load_driver", lambda: None)
    monkeypatch.setattr(tensorrt.importlib, "import_module", missing)
    with pytest.raises(BackendRefused, match="pycuda does not load") as refused:
        tensorrt.load_cuda()
    assert "pip install pycuda" in refused.value.remedy
    monkeypatch.setattr(tensorrt.importlib, "import_module", lambda _name: FakeCuda(FakeGpu(), devices=0))
    with pytest.raises(BackendRefused, match="no NVIDIA GPU"):
        tensorrt.load_cuda()
    monkeypatch.setattr(tensorrt.importlib, "import_module", lambda _name: FakeCuda(FakeGpu()))
    assert tensorrt.find_gpu(tensorrt.load_cuda()) == tensorrt.Gpu("Recorded GPU", "sm89", "13000")


def test_a_gpu_that_dies_mid_run_is_an_error_the_pipeline_knows(bench: Bench, frames: NDArray[np.uint8]) -> None:
    backend = bench.backend()
    backend.infer(frames[0], 0)
    bench.gpu.is_dead = True
    with pytest.raises(RuntimeError, match="the GPU failed: unspecified launch failure"):
        backend.infer(frames[0], 1)


def test_ctrl_c_amid_the_start_of_the_library_stays_an_interrupt(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_name: str) -> None:
        raise ImportError("initialization failed") from KeyboardInterrupt()

    monkeypatch.setattr(flavour.importlib, "import_module", interrupted)
    with pytest.raises(KeyboardInterrupt):
        flavour.load_flavour(RTX)
