"""The OpenVINO back end: CPU by default, Intel GPU or NPU when asked for."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.errors import BackendRefused, ModelError
from engine.inference.backend import Answer
from engine.inference.openvino_offline import ov
from engine.inference.openvino_rewrites import rewrite
from engine.inference.outputs import MAPS, inference_of
from engine.inference.signature import Model, resolve_shape
from engine.values import Image, Inference

EXPORT_AGAIN = "Export the network again with `python -m models export`, or reinstall Steadyscope."


@dataclass(frozen=True, slots=True)
class Placement:
    """Where and how the graph runs."""

    device: str = "CPU"  # OpenVINO's name: "CPU", "GPU", "NPU"
    precision: str | None = None  # None: the fastest the device has natively (bf16 with AVX512-BF16 or AMX); "f32"
    threads: int = 0  # CPU only; 0 leaves the count to OpenVINO
    cache_dir: Path | None = None  # compiled models are kept here and load faster the next time


class OpenVinoBackend:
    """Two infer requests over one compiled model, bound once for all to the same two sets of state tensors:
    the even one reads A and writes B, the odd one reads B and writes A, so no state is ever copied."""

    def __init__(self, model: Model, compiled: ov.CompiledModel, size: tuple[int, int], name: str) -> None:
        self._name = name
        self._model_name = model.manifest.name
        self._size = size
        self._frame: Image = np.zeros((1, *size, 3), dtype=np.uint8)
        self._outputs = {
            key: np.zeros(resolve_shape(model.manifest.output(key).shape, *size), model.manifest.output(key).dtype)
            for key in MAPS
        }
        self._states: list[NDArray[np.generic]] = []
        self._requests = [compiled.create_infer_request() for _ in range(2)]
        for request in self._requests:
            _bind(request, "frame", self._frame)
            for key, array in self._outputs.items():
                _bind(request, key, array)
        for spec in model.manifest.state:
            pair = [np.zeros(resolve_shape(spec.shape, *size), spec.dtype) for _ in range(2)]
            self._states += pair
            for parity, request in enumerate(self._requests):
                _bind(request, spec.input, pair[parity])
                _bind(request, spec.output, pair[1 - parity])
        self._parity = 0

    @property
    def name(self) -> str:
        """Runtime, device and arithmetic: "openvino-cpu-bf16"."""
        return self._name

    @property
    def model_name(self) -> str:
        """The manifest's name."""
        return self._model_name

    @property
    def working_size(self) -> tuple[int, int]:
        """(height, width) that `infer` takes."""
        return self._size

    def infer(self, pixels: Image, seq: int) -> Inference:
        """One step on (h, w, 3) uint8; the arrays of the result are its own and read-only."""
        return self.begin(pixels, seq)()

    def begin(self, pixels: Image, seq: int) -> Answer:
        """Start the step on OpenVINO's own threads."""
        if pixels.shape != self._frame.shape[1:]:
            raise ValueError(f"frame {pixels.shape} does not fit the engine's {self._frame.shape[1:]}")
        np.copyto(self._frame[0], pixels)
        request = self._requests[self._parity]
        self._parity = 1 - self._parity
        request.start_async()

        def answer() -> Inference:
            request.wait()
            return inference_of(self._outputs, seq)

        return answer

    def reset(self) -> None:
        """Zero the state: the next frame has no past."""
        for state in self._states:
            state.fill(0)

    def last_op_times(self) -> list[ov.ProfilingInfo]:
        """Op by op, the step that `infer` ran last; only where it was opened with `profiles`."""
        return list(self._requests[1 - self._parity].profiling_info)

    def close(self) -> None:
        """Let go of the compiled model and its memory."""
        self._requests.clear()


def open_openvino(
    model: Model, size: tuple[int, int], placement: Placement, *, profiles: bool = False
) -> OpenVinoBackend:
    """Load `model` for frames of `size` (height, width); `profiles` makes it count the time of each op.

    Raises BackendRefused, or ModelError when the graph is not what the manifest says.
    """
    core = ov.Core()
    device = _present(core, placement.device)
    precision = placement.precision or core.get_property(device, "INFERENCE_PRECISION_HINT").to_string()
    settings: dict[str, object] = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": precision}
    if profiles:
        settings["PERF_COUNT"] = True
    if placement.device == "CPU":
        # A pinned thread waits behind whatever else its core runs: on two cores beside a busy process a step took
        # 282 ms pinned and 228 ms free; on free cores it makes no difference.
        settings["ENABLE_CPU_PINNING"] = False
    if placement.threads > 0 and placement.device == "CPU":
        settings["INFERENCE_NUM_THREADS"] = placement.threads
    if placement.cache_dir is not None and _is_writable(placement.cache_dir):
        settings["CACHE_DIR"] = os.fspath(placement.cache_dir)
    graph = _read(core, model, size)
    if placement.device == "CPU":
        rewrite(graph)
    try:
        compiled = core.compile_model(graph, device, settings)
    except RuntimeError as error:
        raise BackendRefused(
            f"OpenVINO cannot compile {model.manifest.name} for {device}: {_last_line(error)}.",
            "Choose another back end with --backend, or update the device's driver.",
        ) from error
    arithmetic = compiled.get_property("INFERENCE_PRECISION_HINT").to_string()
    return OpenVinoBackend(model, compiled, size, f"openvino-{placement.device.lower()}-{arithmetic}")


def _is_writable(folder: Path) -> bool:
    """Can compiled graphs be kept there? A read-only or missing home costs each start some seconds, no more."""
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return os.access(folder, os.W_OK)


@dataclass(frozen=True, slots=True)
class Device:
    """One device that OpenVINO can use."""

    name: str
    full_name: str
    capabilities: tuple[str, ...]  # arithmetic that it has natively: "BF16", "INT8", ...


def list_devices() -> list[Device]:
    """The devices of this machine."""
    core = ov.Core()
    return [
        Device(
            str(name),
            str(core.get_property(name, "FULL_DEVICE_NAME")),
            tuple(map(str, core.get_property(name, "OPTIMIZATION_CAPABILITIES"))),
        )
        for name in core.available_devices
    ]


def _present(core: ov.Core, device: str) -> str:
    devices = list(core.available_devices)
    for candidate in devices:
        if candidate == device or candidate.startswith(f"{device}."):
            return str(candidate)
    raise BackendRefused(
        f"OpenVINO finds no {device} here (it finds {', '.join(devices) or 'nothing'}).",
        f"Install the {device} driver that OpenVINO needs, or choose the back end 'openvino', which runs on the CPU.",
    )


def _read(core: ov.Core, model: Model, size: tuple[int, int]) -> ov.Model:
    """The graph at fixed `size`, with the manifest's tensors or a ModelError."""
    manifest = model.manifest
    shapes = {spec.name: resolve_shape(spec.shape, *size) for spec in manifest.inputs}
    shapes |= {spec.input: resolve_shape(spec.shape, *size) for spec in manifest.state}
    try:
        graph = core.read_model(os.fspath(model.onnx_path))
        graph.reshape({name: ov.PartialShape(list(shape)) for name, shape in shapes.items()})
        expected = {spec.name: spec for spec in manifest.outputs}
        found = {name: tuple(graph.output(name).shape) for name in expected}
    except RuntimeError as error:
        raise ModelError(
            f"The network {manifest.name} does not load at {size[1]}x{size[0]}: {_last_line(error)}.",
            EXPORT_AGAIN,
        ) from error
    for name, spec in expected.items():
        if found[name] != resolve_shape(spec.shape, *size):
            raise ModelError(
                f"The network {manifest.name} gives '{name}' as {found[name]}, unlike its manifest.",
                EXPORT_AGAIN,
            )
    return graph


def _bind(request: ov.InferRequest, name: str, array: NDArray[np.generic]) -> None:
    """Let the request work in `array` itself; whoever owns the request must keep the array alive."""
    request.set_tensor(name, ov.Tensor(array, shared_memory=True))


def _last_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1].rstrip(".") if lines else type(error).__name__
