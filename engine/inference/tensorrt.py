"""The TensorRT back end, both flavours: pycuda holds the memory, one stream runs the step as one CUDA graph."""

from __future__ import annotations

import importlib
import threading
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import BackendRefused
from engine.inference.backend import Answer
from engine.inference.cuda_graph import CudaGraph, load_driver
from engine.inference.outputs import MAPS, inference_of
from engine.inference.plan_kernels import KernelCache, Plan
from engine.inference.signature import Model, resolve_shape
from engine.values import Image, Inference

UPDATE_DRIVER = "Install or update the NVIDIA driver, or choose the back end 'openvino'."


class PlanRejected(Exception):
    """TensorRT would not load a plan: it has to be built again."""


@dataclass(frozen=True, slots=True)
class Gpu:
    """What a plan may depend on."""

    name: str
    capability: str  # "sm89"
    driver: str


def load_cuda() -> Any:
    """pycuda's driver module, initialised. Raises BackendRefused without driver, pycuda or GPU."""
    try:
        load_driver()
    except OSError as error:
        raise BackendRefused(
            "There is no NVIDIA driver here.",
            "With an NVIDIA GPU, install its driver; without one, 'openvino' is the right back end.",
        ) from error
    try:
        cuda = importlib.import_module("pycuda.driver")
    except (ImportError, OSError) as error:
        raise BackendRefused(
            f"pycuda does not load here: {error}.",
            "Install it with `pip install pycuda` on a machine with an NVIDIA GPU and the CUDA toolkit.",
        ) from error
    try:
        cuda.init()
        count = cuda.Device.count()
    except cuda.Error as error:
        raise BackendRefused(f"The NVIDIA driver does not start: {error}.", UPDATE_DRIVER) from error
    if count == 0:
        raise BackendRefused("There is no NVIDIA GPU here.", "Choose the back end 'openvino'.")
    return cuda


def find_gpu(cuda: Any) -> Gpu:
    """The first GPU."""
    device = cuda.Device(0)
    major, minor = device.compute_capability()
    return Gpu(device.name(), f"sm{major}{minor}", str(cuda.get_driver_version()))


class TensorRtBackend:
    """Two execution contexts over one engine, bound once for all to the same two sets of state on the device: the even
    one reads A and writes B, the odd one reads B and writes A. Upload, network and download of a step are recorded as
    one CUDA graph for each, so a steady step is one launch and one wait, and no state ever leaves the GPU.

    Everything lives in the CUDA context of the thread that opened it, and is freed on that thread.
    """

    def __init__(self, trt: Any, cuda: Any, model: Model, plan: Plan, size: tuple[int, int]) -> None:
        """Raises PlanRejected when the plan does not load, BackendRefused when the GPU cannot hold it."""
        self._cuda = cuda
        self._thread = threading.get_ident()
        self._model_name = model.manifest.name
        self._size = size
        self._parity = 0
        self._resources = ExitStack()
        self._steps: list[Callable[[], None]] = []
        gpu = find_gpu(cuda)
        self._name = f"{trt.__name__.replace('_', '-')}-{gpu.capability}"
        try:
            self._build(trt, model, plan)
        except cuda.Error as error:
            self._resources.close()
            raise BackendRefused(f"{gpu.name} cannot take {self._model_name}: {error}.", UPDATE_DRIVER) from error
        except BaseException:
            self._resources.close()
            raise

    @property
    def name(self) -> str:
        """Flavour and architecture: "tensorrt-rtx-sm89"."""
        return self._name

    @property
    def model_name(self) -> str:
        """The manifest's name."""
        return self._model_name

    @property
    def working_size(self) -> tuple[int, int]:
        """(height, width) that `infer` takes."""
        return self._size

    @property
    def gpu_ms(self) -> float:
        """Time of the last step on the GPU, copies included."""
        return float(self._began.time_till(self._ended))

    def infer(self, pixels: Image, seq: int) -> Inference:
        """One step on (h, w, 3) uint8; the arrays of the result are its own and read-only."""
        return self.begin(pixels, seq)()

    def begin(self, pixels: Image, seq: int) -> Answer:
        """Queue the step on the GPU."""
        self._require_own_thread()
        if pixels.shape != self._host["frame"].shape[1:]:
            raise ValueError(f"frame {pixels.shape} does not fit the engine's {self._host['frame'].shape[1:]}")
        np.copyto(self._host["frame"][0], pixels)
        try:
            self._began.record(self._stream)
            self._steps[self._parity]()
            self._ended.record(self._stream)
        except self._cuda.Error as error:
            raise RuntimeError(f"the GPU failed: {error}") from error
        self._parity = 1 - self._parity

        def answer() -> Inference:
            try:
                self._ended.synchronize()
            except self._cuda.Error as error:
                raise RuntimeError(f"the GPU failed: {error}") from error
            return inference_of(self._host, seq)

        return answer

    def reset(self) -> None:
        """Zero the state on the device: the next frame has no past."""
        self._require_own_thread()
        for memory, count in self._states:
            self._cuda.memset_d8_async(memory, 0, count, self._stream)

    def close(self) -> None:
        """Free graphs, contexts, engine, memory and the CUDA context, in this order. Harmless when repeated."""
        self._require_own_thread()
        self._steps = []
        self._resources.close()

    def _build(self, trt: Any, model: Model, plan: Plan) -> None:
        context = self._cuda.Device(0).retain_primary_context()  # TensorRT itself works in the primary context
        context.push()
        self._resources.callback(context.detach)
        self._resources.callback(context.pop)
        flags = self._cuda.event_flags.BLOCKING_SYNC  # a waiting thread must not spin on a core the camera needs
        self._stream = self._cuda.Stream()
        self._began, self._ended = self._cuda.Event(flags), self._cuda.Event(flags)
        log = trt.Logger(trt.Logger.ERROR)
        engine = trt.Runtime(log).deserialize_cuda_engine(plan.data)
        if engine is None:
            raise PlanRejected(f"{trt.__name__} does not load this plan")
        _require_fits(trt, engine, _border(model, self._size))
        self._allocate(model)
        config = engine.create_runtime_config()
        config.set_execution_context_allocation_strategy(trt.ExecutionContextAllocationStrategy.USER_MANAGED)
        kernels = KernelCache(config, plan.kernels)
        contexts = self._contexts(trt, engine, config, model)
        self._resources.callback(contexts.clear)
        self._record(contexts)
        kernels.save()

    def _allocate(self, model: Model) -> None:
        self._host: dict[str, NDArray[np.generic]] = {}
        self._device: dict[str, Any] = {}
        self._pairs: list[tuple[Any, Any]] = []
        self._states: list[tuple[Any, int]] = []
        border = _border(model, self._size)
        for name in ("frame", *MAPS):
            self._host[name] = self._cuda.pagelocked_empty(*border[name])
            self._device[name] = self._memory(self._host[name].nbytes)
        for spec in model.manifest.state:
            shape, dtype = border[spec.input]
            count = int(np.prod(shape)) * dtype.itemsize
            self._pairs.append((self._memory(count), self._memory(count)))
            self._states += [(memory, count) for memory in self._pairs[-1]]
        self._resources.callback(self._host.clear)

    def _memory(self, count: int) -> Any:
        memory = self._cuda.mem_alloc(count)
        self._resources.callback(memory.free)
        return memory

    def _contexts(self, trt: Any, engine: Any, config: Any, model: Model) -> list[Any]:
        """The even and the odd context, each with its buffers."""
        scratch_bytes = int(engine.device_memory_size_v2)
        scratch = self._memory(max(scratch_bytes, 1))  # shared: the two contexts never run at the same time
        contexts = []
        for parity in range(2):
            context = engine.create_execution_context(config)
            if context is None:
                raise BackendRefused(f"{trt.__name__} gives no execution context for this engine.", UPDATE_DRIVER)
            context.set_device_memory(int(scratch), scratch_bytes)
            _fix_shapes(context, ["frame", *(spec.input for spec in model.manifest.state)], _border(model, self._size))
            addresses = {name: int(memory) for name, memory in self._device.items()}
            for spec, pair in zip(model.manifest.state, self._pairs, strict=True):
                addresses[spec.input], addresses[spec.output] = int(pair[parity]), int(pair[1 - parity])
            for name, address in addresses.items():
                if not context.set_tensor_address(name, address):
                    raise PlanRejected(f"this plan has no tensor '{name}'")
            contexts.append(context)
        return contexts

    def _record(self, contexts: list[Any]) -> None:
        """Run each step once, then record it."""
        self.reset()
        queues = [self._step_of(context) for context in contexts]
        for queue_step in queues:
            queue_step()  # kernels are loaded (and, for RTX, compiled) in the first run, which cannot be recorded
        self._stream.synchronize()
        self.reset()
        self._stream.synchronize()
        self._steps = [self._recorded(context, step) for context, step in zip(contexts, queues, strict=True)]

    def _step_of(self, context: Any) -> Callable[[], None]:
        def queue_step() -> None:
            self._cuda.memcpy_htod_async(self._device["frame"], self._host["frame"], self._stream)
            if not context.execute_async_v3(self._stream.handle):
                raise RuntimeError("TensorRT could not queue the step")
            for name in MAPS:
                self._cuda.memcpy_dtoh_async(self._host[name], self._device[name], self._stream)

        return queue_step

    def _recorded(self, context: Any, queue_step: Callable[[], None]) -> Callable[[], None]:
        """The step as a CUDA graph, or as it is where driver or engine do not allow one."""
        if hasattr(context, "is_stream_capturable") and not context.is_stream_capturable(self._stream.handle):
            return queue_step
        try:
            graph = CudaGraph(load_driver(), self._stream.handle, queue_step)
        except (OSError, RuntimeError, self._cuda.Error):
            return queue_step
        self._resources.callback(graph.close)
        return graph.launch

    def _require_own_thread(self) -> None:
        if threading.get_ident() != self._thread:
            raise RuntimeError("a TensorRT back end belongs to the thread that opened it")


Border = dict[str, tuple[tuple[int, ...], np.dtype[Any]]]


def _border(model: Model, size: tuple[int, int]) -> Border:
    """Shape and dtype of every tensor that goes in or out of the graph at `size`, state included."""
    manifest = model.manifest
    border = {
        spec.name: (resolve_shape(spec.shape, *size), np.dtype(spec.dtype))
        for spec in (*manifest.inputs, *manifest.outputs)
    }
    for state in manifest.state:
        described = resolve_shape(state.shape, *size), np.dtype(state.dtype)
        border |= {state.input: described, state.output: described}
    return border


def _require_fits(trt: Any, engine: Any, border: Border) -> None:
    """A plan that disagrees with the manifest would read and write outside of the buffers."""
    names = {engine.get_tensor_name(index) for index in range(engine.num_io_tensors)}
    if names != set(border):
        raise PlanRejected(f"this plan has the tensors {sorted(names)}")
    for name, (_, dtype) in border.items():
        found = np.dtype(trt.nptype(engine.get_tensor_dtype(name)))
        if found != dtype:
            raise PlanRejected(f"this plan has '{name}' as {found}")


def _fix_shapes(context: Any, inputs: Iterable[str], border: Border) -> None:
    """Tell the context its shapes, and hear the same of every tensor back."""
    for name in inputs:
        if not context.set_input_shape(name, border[name][0]):
            raise PlanRejected(f"this plan does not take '{name}' as {border[name][0]}")
    for name, (shape, _) in border.items():
        if tuple(context.get_tensor_shape(name)) != shape:
            raise PlanRejected(f"this plan has '{name}' as {tuple(context.get_tensor_shape(name))}")
