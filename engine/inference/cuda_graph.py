"""CUDA graphs through the driver's C interface (pycuda wraps none): record a stream once, launch it often."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable
from typing import Any

THREAD_LOCAL = 1  # CU_STREAM_CAPTURE_MODE_THREAD_LOCAL: other threads' CUDA calls do not disturb the recording


class CudaGraphError(RuntimeError):
    """The driver refused a graph call."""


def load_driver() -> Any:
    """The CUDA driver library, with the prototypes used here. Raises OSError where there is none."""
    driver = ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
    handle, out = ctypes.c_void_p, ctypes.POINTER(ctypes.c_void_p)
    for name, arguments in {
        "cuStreamBeginCapture_v2": [handle, ctypes.c_int],
        "cuStreamEndCapture": [handle, out],
        "cuGraphInstantiateWithFlags": [out, handle, ctypes.c_ulonglong],
        "cuGraphLaunch": [handle, handle],
        "cuGraphExecDestroy": [handle],
        "cuGraphDestroy": [handle],
    }.items():
        getattr(driver, name).argtypes = arguments
        getattr(driver, name).restype = ctypes.c_int
    return driver


class CudaGraph:
    """What `record` queued on the stream, ready to be launched as one piece."""

    def __init__(self, driver: Any, stream: int, record: Callable[[], None]) -> None:
        """Run `record` under capture on the stream with handle `stream`; nothing is executed yet."""
        self._driver = driver
        self._stream = stream
        graph = ctypes.c_void_p()
        self._call("cuStreamBeginCapture_v2", stream, THREAD_LOCAL)
        try:
            record()
        finally:
            self._call("cuStreamEndCapture", stream, ctypes.byref(graph))
        self._executable = ctypes.c_void_p()
        try:
            self._call("cuGraphInstantiateWithFlags", ctypes.byref(self._executable), graph, 0)
        finally:
            self._call("cuGraphDestroy", graph)

    def launch(self) -> None:
        """Queue one run on the stream."""
        self._call("cuGraphLaunch", self._executable, self._stream)

    def close(self) -> None:
        """Free the graph, in the context it was made in."""
        self._call("cuGraphExecDestroy", self._executable)

    def _call(self, name: str, *arguments: object) -> None:
        status = getattr(self._driver, name)(*arguments)
        if status != 0:
            raise CudaGraphError(f"{name} failed with CUDA error {status}")
