"""TensorRT on the recorded GPU of `fakes_cuda`: an engine that ONNX Runtime computes.

Its methods carry the names and parameters of the real bindings; `test_tensorrt_signatures` holds them to that.
"""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import onnxruntime
import tensorrt_rtx
from numpy.typing import NDArray

from tests.fakes_cuda import FakeGpu

SCRATCH_BYTES = 4096
_ONNX_TYPES = {"tensor(uint8)": "uint8", "tensor(float)": "float32", "tensor(float16)": "float16"}
_TRT_TYPES = {"uint8": "UINT8", "float32": "FLOAT", "float16": "HALF"}


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
