"""The recorded GPU has the methods and parameters of the real bindings, so that what passes on it can run for real."""

import importlib.util
import inspect
import re
from collections.abc import Callable
from typing import Any

import pytest
import tensorrt_rtx

from tests.fakes_cuda import FakeContext, FakeCuda, FakeGpu, FakeMemory
from tests.fakes_tensorrt import CudaEngine, ExecutionContext, RuntimeCache, RuntimeConfig, fake_trt

# As pycuda 2026.1 documents them: name -> parameters. pycuda itself compiles only where the CUDA toolkit is.
PYCUDA = {
    "init": [],
    "get_driver_version": [],
    "mem_alloc": ["bytes"],
    "pagelocked_empty": ["shape", "dtype", "order", "mem_flags"],
    "memset_d8_async": ["dest", "data", "size", "stream"],
    "memcpy_htod_async": ["dest", "src", "stream"],
    "memcpy_dtoh_async": ["dest", "src", "stream"],
    "Device.__init__": ["number"],
    "Device.count": [],
    "Device.name": [],
    "Device.compute_capability": [],
    "Device.retain_primary_context": [],
    "Stream.__init__": ["flags"],
    "Stream.synchronize": [],
    "Event.__init__": ["flags"],
    "Event.record": ["stream"],
    "Event.synchronize": [],
    "Event.time_till": ["event"],
}
CONTEXT = {"push": [], "pop": [], "detach": []}
ENGINE_METHODS = ["get_tensor_name", "get_tensor_dtype", "create_runtime_config", "create_execution_context"]
CONFIG_METHODS = ["set_execution_context_allocation_strategy", "create_runtime_cache", "set_runtime_cache"]
CONTEXT_METHODS = [
    "set_device_memory",
    "set_input_shape",
    "get_tensor_shape",
    "set_tensor_address",
    "is_stream_capturable",
    "execute_async_v3",
]


def parameters(function: Callable[..., Any]) -> list[str]:
    return [name for name in inspect.signature(function).parameters if name != "self"]


def overloads(method: Callable[..., Any]) -> list[list[str]]:
    """Parameter names of a pybind11 method, one list an overload, read from its documentation."""
    name = re.escape(method.__name__)
    signatures = re.findall(rf"^(?:\d+\. )?{name}\((.*)\) -> ", method.__doc__ or "", re.MULTILINE)
    return [re.findall(r"(?:^|, )(?!self\b)(\w+): ", signature) for signature in signatures]


@pytest.mark.parametrize("name", ENGINE_METHODS)
def test_the_engine_has_the_real_parameters(name: str) -> None:
    assert parameters(getattr(CudaEngine, name)) in overloads(getattr(tensorrt_rtx.ICudaEngine, name))


@pytest.mark.parametrize("name", CONTEXT_METHODS)
def test_the_execution_context_has_the_real_parameters(name: str) -> None:
    assert parameters(getattr(ExecutionContext, name)) in overloads(getattr(tensorrt_rtx.IExecutionContext, name))


@pytest.mark.parametrize("name", CONFIG_METHODS)
def test_the_runtime_configuration_has_the_real_parameters(name: str) -> None:
    assert parameters(getattr(RuntimeConfig, name)) in overloads(getattr(tensorrt_rtx.IRuntimeConfig, name))


@pytest.mark.parametrize("name", ["serialize", "deserialize"])
def test_the_runtime_cache_has_the_real_parameters(name: str) -> None:
    assert parameters(getattr(RuntimeCache, name)) in overloads(getattr(tensorrt_rtx.IRuntimeCache, name))


def test_the_runtime_has_the_real_parameters() -> None:
    runtime = fake_trt({}).Runtime
    assert parameters(runtime.__init__) in overloads(tensorrt_rtx.Runtime.__init__)
    assert parameters(runtime.deserialize_cuda_engine) in overloads(tensorrt_rtx.Runtime.deserialize_cuda_engine)


@pytest.mark.parametrize("name", ["device_memory_size_v2", "num_io_tensors"])
def test_the_engine_has_the_real_properties(name: str) -> None:
    assert isinstance(getattr(tensorrt_rtx.ICudaEngine, name), property)


def test_the_enums_in_use_exist() -> None:
    assert tensorrt_rtx.ExecutionContextAllocationStrategy.USER_MANAGED.name == "USER_MANAGED"
    assert tensorrt_rtx.BuilderFlag.REQUIRE_USER_ALLOCATION
    assert tensorrt_rtx.NetworkDefinitionCreationFlag.STRONGLY_TYPED is not None


@pytest.mark.parametrize("name", list(PYCUDA))
def test_pycuda_is_imitated_as_documented(name: str) -> None:
    found: Any = FakeCuda(FakeGpu())
    for part in name.split("."):
        found = getattr(found, part)
    assert parameters(found) == PYCUDA[name]


def test_a_cuda_context_is_imitated_as_documented() -> None:
    assert {name: parameters(getattr(FakeContext, name)) for name in CONTEXT} == CONTEXT
    assert parameters(FakeMemory.free) == []


@pytest.mark.gpu
@pytest.mark.skipif(
    importlib.util.find_spec("pycuda") is None, reason="pycuda is not installed: it needs a GPU's driver"
)
@pytest.mark.parametrize("name", list(PYCUDA))
def test_pycuda_has_what_is_imitated(name: str) -> None:
    found: Any = importlib.import_module("pycuda.driver")
    for part in name.split("."):
        found = getattr(found, part)
    assert callable(found)
