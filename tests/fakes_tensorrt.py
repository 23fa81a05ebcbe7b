"""A GPU that records every call and does the work: device memory in bytes, an engine that ONNX Runtime computes.

Its methods carry the names and parameters of the real bindings; `test_tensorrt_signatures` holds them to that.
"""

from __future__ import annotations

import ctypes
import itertools
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import onnxruntime
import tensorrt_rtx
from numpy.typing import NDArray

SCRATCH_BYTES = 4096
_ONNX_TYPES = {"tensor(uint8)": "uint8", "tensor(float)": "float32", "tensor(float16)": "float16"}
_TRT_TYPES = {"uint8": "UINT8", "float32": "FLOAT", "float16": "HALF"}


class FakeGpu:
    """Memory, one queue, graph capture, and the list of everything that was asked of it."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.memory: dict[int, NDArray[np.uint8]] = {}
        self.capturing: list[Callable[[], None]] | None = None
        self.graphs: dict[int, list[Callable[[], None]]] = {}
        self.contexts_alive = 0
        self.is_dead = False
        self.out_of_memory_after: int | None = None
        self._numbers = itertools.count(0x1000, 0x1000)

    def number(self) -> int:
        return next(self._numbers)

    def note(self, call: str) -> None:
        self.calls.append(call)

    def submit(self, call: str, work: Callable[[], None]) -> None:
        """Queue `work`: run now, or record it while capturing."""
        self.note(call if self.capturing is None else f"captured {call}")
        if self.capturing is None:
            work()
        else:
            self.capturing.append(work)

    def view(self, address: int) -> NDArray[np.uint8]:
        return self.memory[address]


class FakeContext:
    """A CUDA context, pushed and popped."""

    def __init__(self, gpu: FakeGpu) -> None:
        self._gpu = gpu

    def push(self) -> None:
        self._gpu.note("push")
        self._gpu.contexts_alive += 1

    def pop(self) -> None:
        self._gpu.note("pop")

    def detach(self) -> None:
        self._gpu.note("detach")
        self._gpu.contexts_alive -= 1


class FakeMemory:
    """One allocation on the device, full of rubbish as real ones are."""

    def __init__(self, gpu: FakeGpu, count: int) -> None:
        self._gpu = gpu
        self._address = gpu.number()
        gpu.memory[self._address] = np.full(count, 0xCD, dtype=np.uint8)

    def __int__(self) -> int:
        return self._address

    def free(self) -> None:
        self._gpu.note("free")
        del self._gpu.memory[self._address]


def _device_class(gpu: FakeGpu, devices: int) -> type:
    class Device:
        @staticmethod
        def count() -> int:
            return devices

        def __init__(self, number: int) -> None:
            self.number = number

        def name(self) -> str:
            return "Recorded GPU"

        def compute_capability(self) -> tuple[int, int]:
            return (8, 9)

        def retain_primary_context(self) -> FakeContext:
            gpu.note("retain_primary_context")
            return FakeContext(gpu)

    return Device


def _stream_class(gpu: FakeGpu) -> type:
    class Stream:
        def __init__(self, flags: int = 0) -> None:
            self.handle = gpu.number()

        def synchronize(self) -> None:
            gpu.note("stream.synchronize")

    return Stream


def _event_class(gpu: FakeGpu) -> type:
    class Event:
        def __init__(self, flags: int = 0) -> None:
            self.flags = flags

        def record(self, stream: Any = None) -> None:
            gpu.note("event.record")

        def synchronize(self) -> None:
            gpu.note("event.synchronize")
            if gpu.is_dead:
                raise FakeCuda.Error("unspecified launch failure")

        def time_till(self, event: Any) -> float:
            return 1.5

    return Event


class FakeCuda:
    """`pycuda.driver`, as far as the back end uses it."""

    class Error(Exception):
        """What pycuda raises."""

    def __init__(self, gpu: FakeGpu, devices: int = 1) -> None:
        self.gpu = gpu
        self.event_flags = SimpleNamespace(BLOCKING_SYNC=1)
        self.Device = _device_class(gpu, devices)
        self.Stream = _stream_class(gpu)
        self.Event = _event_class(gpu)

    def mem_alloc(self, bytes: int) -> FakeMemory:  # noqa: A002  the binding's own name
        if self.gpu.out_of_memory_after is not None and len(self.gpu.memory) >= self.gpu.out_of_memory_after:
            raise self.Error("cuMemAlloc failed: out of memory")
        self.gpu.note(f"mem_alloc {bytes}")
        return FakeMemory(self.gpu, bytes)

    def init(self) -> None:
        self.gpu.note("init")

    def get_driver_version(self) -> int:
        return 13000

    def pagelocked_empty(
        self, shape: tuple[int, ...], dtype: Any, order: str = "C", mem_flags: int = 0
    ) -> NDArray[np.generic]:
        self.gpu.note(f"pagelocked_empty {int(np.prod(shape)) * np.dtype(dtype).itemsize}")
        return np.full(shape, 77, dtype=dtype)

    def memset_d8_async(self, dest: Any, data: int, size: int, stream: Any = None) -> None:
        assert self.gpu.view(int(dest)).nbytes == size
        self.gpu.submit("memset", lambda: self.gpu.view(int(dest)).fill(data))

    def memcpy_htod_async(self, dest: Any, src: NDArray[np.generic], stream: Any = None) -> None:
        assert self.gpu.view(int(dest)).nbytes == src.nbytes
        self.gpu.submit("htod", lambda: np.copyto(self.gpu.view(int(dest)), src.reshape(-1).view(np.uint8)))

    def memcpy_dtoh_async(self, dest: NDArray[np.generic], src: Any, stream: Any = None) -> None:
        assert self.gpu.view(int(src)).nbytes == dest.nbytes
        self.gpu.submit("dtoh", lambda: np.copyto(dest.reshape(-1).view(np.uint8), self.gpu.view(int(src))))


class FakeDriver:
    """The six graph calls of libcuda."""

    def __init__(self, gpu: FakeGpu, failing: str = "") -> None:
        self._gpu = gpu
        self._failing = failing

    def __getattr__(self, name: str) -> Callable[..., int]:
        def call(*arguments: Any) -> int:
            self._gpu.note(name)
            if name == self._failing:
                self._gpu.capturing = None
                return 901
            getattr(self, f"_{name}")(*arguments)
            return 0

        return call

    def _cuStreamBeginCapture_v2(self, stream: int, mode: int) -> None:
        self._gpu.capturing = []

    def _cuStreamEndCapture(self, stream: int, graph: Any) -> None:
        graph._obj.value = self._gpu.number()
        self._gpu.graphs[graph._obj.value] = self._gpu.capturing or []
        self._gpu.capturing = None

    def _cuGraphInstantiateWithFlags(self, executable: Any, graph: ctypes.c_void_p, flags: int) -> None:
        executable._obj.value = self._gpu.number()
        self._gpu.graphs[executable._obj.value] = self._gpu.graphs[graph.value or 0]

    def _cuGraphLaunch(self, executable: ctypes.c_void_p, stream: int) -> None:
        for work in self._gpu.graphs[executable.value or 0]:
            work()

    def _cuGraphExecDestroy(self, executable: ctypes.c_void_p) -> None:
        del self._gpu.graphs[executable.value or 0]

    def _cuGraphDestroy(self, graph: ctypes.c_void_p) -> None:
        del self._gpu.graphs[graph.value or 0]


class ExecutionContext:
    """Reads and writes device memory at the addresses it was given, by ONNX Runtime."""

    def __init__(self, engine: CudaEngine) -> None:
        self._engine = engine
        self._gpu = engine.gpu
        self.addresses: dict[str, int] = {}
        self.is_capturable = True

    def set_device_memory(self, memory: int, size: int) -> None:
        assert self._gpu.view(memory).nbytes == size == SCRATCH_BYTES
        self._gpu.note("set_device_memory")

    def set_input_shape(self, name: str, shape: tuple[int, ...]) -> bool:
        return shape == self._engine.border[name][0]

    def get_tensor_shape(self, name: str) -> tuple[int, ...]:
        return self._engine.border[name][0]

    def set_tensor_address(self, name: str, memory: int) -> bool:
        shape, dtype = self._engine.border[name]
        assert self._gpu.view(memory).nbytes == int(np.prod(shape)) * np.dtype(dtype).itemsize
        self.addresses[name] = memory
        return True

    def is_stream_capturable(self, stream: int) -> bool:
        return self._engine.is_capturable

    def execute_async_v3(self, stream_handle: int) -> bool:
        self._gpu.submit("execute", self._run)
        return True

    def _tensor(self, name: str) -> NDArray[np.generic]:
        shape, dtype = self._engine.border[name]
        return self._gpu.view(self.addresses[name]).view(dtype).reshape(shape)

    def _run(self) -> None:
        session = self._engine.session
        results = session.run(None, {each.name: self._tensor(each.name) for each in session.get_inputs()})
        for each, result in zip(session.get_outputs(), results, strict=True):
            np.copyto(self._tensor(each.name), result)


class RuntimeCache:
    """Compiled kernels, as a set of names."""

    def __init__(self) -> None:
        self.kernels: set[bytes] = set()

    def deserialize(self, blob: bytes) -> bool:
        self.kernels = {blob} if blob == b"kernel" else set()
        return bool(self.kernels)

    def serialize(self) -> bytes:
        return b"".join(self.kernels)


class RuntimeConfig:
    """How execution contexts are made."""

    def __init__(self, gpu: FakeGpu) -> None:
        self._gpu = gpu
        self.strategy = ""
        self.cache: RuntimeCache | None = None

    def set_execution_context_allocation_strategy(self, strategy: Any) -> None:
        self.strategy = strategy.name

    def create_runtime_cache(self) -> RuntimeCache:
        return RuntimeCache()

    def set_runtime_cache(self, cache: RuntimeCache) -> bool:
        self._gpu.note(f"set_runtime_cache {len(cache.kernels)}")
        self.cache = cache
        return True


class CudaEngine:
    """An engine of one ONNX file at one size."""

    def __init__(self, gpu: FakeGpu, onnx_path: Path, size: tuple[int, int]) -> None:
        self.gpu = gpu
        self.session = onnxruntime.InferenceSession(str(onnx_path), providers=["CPUExecutionProvider"])
        self.is_capturable = True
        self.device_memory_size_v2 = SCRATCH_BYTES
        quarter = {"H": size[0], "W": size[1], "H/4": size[0] // 4, "W/4": size[1] // 4}
        self.border = {
            each.name: (tuple(quarter.get(side, side) for side in each.shape), _ONNX_TYPES[each.type])
            for each in (*self.session.get_inputs(), *self.session.get_outputs())
        }

    @property
    def num_io_tensors(self) -> int:
        return len(self.border)

    def get_tensor_name(self, index: int) -> str:
        return list(self.border)[index]

    def get_tensor_dtype(self, name: str) -> Any:
        return getattr(tensorrt_rtx.DataType, _TRT_TYPES[self.border[name][1]])

    def create_runtime_config(self) -> RuntimeConfig:
        return RuntimeConfig(self.gpu)

    def create_execution_context(self, runtime_config: RuntimeConfig) -> ExecutionContext:
        self.gpu.note(f"create_execution_context {runtime_config.strategy}")
        if runtime_config.cache is not None:
            runtime_config.cache.kernels |= {b"kernel"}
        return ExecutionContext(self)


def fake_trt(engines: dict[bytes, CudaEngine]) -> Any:
    """`tensorrt_rtx` with its real enums and logger, and a runtime that knows the plans in `engines`."""

    class Runtime:
        def __init__(self, logger: Any) -> None:
            self.logger = logger

        def deserialize_cuda_engine(self, serialized_engine: bytes) -> CudaEngine | None:
            return engines.get(serialized_engine)

    return SimpleNamespace(
        __name__="tensorrt_rtx",
        __version__=tensorrt_rtx.__version__,
        Runtime=Runtime,
        Logger=tensorrt_rtx.Logger,
        ExecutionContextAllocationStrategy=tensorrt_rtx.ExecutionContextAllocationStrategy,
        nptype=tensorrt_rtx.nptype,
    )
