"""A GPU that records every call: device memory in bytes, one queue, graph capture; `pycuda.driver` and libcuda over it.

Its methods carry the names and parameters of the real bindings; `test_tensorrt_signatures` holds them to that.
"""

from __future__ import annotations

import ctypes
import itertools
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray


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
