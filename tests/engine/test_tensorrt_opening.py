"""Opening the TensorRT back end on a recorded GPU: plans found, built and thrown out; refusals with their remedy."""

from pathlib import Path

import pytest

from engine.errors import BackendRefused
from engine.inference import flavour, tensorrt
from engine.inference.flavour import RTX
from tests.fakes_cuda import FakeCuda, FakeGpu
from tests.recorded_gpu import PLAN, SIZE, GpuBench


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GpuBench:
    return GpuBench(tmp_path, monkeypatch)


def test_a_plan_that_was_never_built_is_refused_with_the_command_that_builds_it(bench: GpuBench) -> None:
    with pytest.raises(BackendRefused, match="No tensorrt-rtx engine of toy-fp16 at 128x96") as refused:
        bench.open(may_build=False)
    assert "steadyscope engine build toy --size 128x96" in refused.value.remedy
    assert not bench.builds


def test_a_missing_plan_is_built_once_and_then_found(bench: GpuBench) -> None:
    bench.open().close()
    bench.open(may_build=False).close()
    assert [(build.capability, build.height, build.width) for build in bench.builds] == [("sm89", *SIZE)]


@pytest.mark.parametrize("damage", [b"", b"a plan, cut and changed"])
def test_a_corrupt_plan_is_rebuilt_even_by_auto(bench: GpuBench, damage: bytes) -> None:
    bench.open().close()
    next(bench.cache.glob("*.plan")).write_bytes(damage)
    bench.open(may_build=False).close()
    assert len(bench.builds) == 2


def test_kernels_compiled_at_the_first_start_are_kept_for_the_next(bench: GpuBench) -> None:
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


def test_a_plan_of_another_version_is_rebuilt(bench: GpuBench) -> None:
    bench.open().close()
    bench.trt.__version__ = "9.9"
    bench.open(may_build=False).close()
    assert len(bench.builds) == 2


def test_a_plan_that_tensorrt_rejects_is_evicted_and_rebuilt(bench: GpuBench) -> None:
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
    bench: GpuBench, name: str, described: tuple[tuple[int, ...], str], sentence: str
) -> None:
    bench.engine.border[name] = described
    with pytest.raises(BackendRefused, match=sentence):
        bench.open()
    assert "execute" not in bench.gpu.calls


def test_a_network_without_a_half_precision_graph_is_refused(bench: GpuBench) -> None:
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


def test_ctrl_c_amid_the_start_of_the_library_stays_an_interrupt(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_name: str) -> None:
        raise ImportError("initialization failed") from KeyboardInterrupt()

    monkeypatch.setattr(flavour.importlib, "import_module", interrupted)
    with pytest.raises(KeyboardInterrupt):
        flavour.load_flavour(RTX)
