"""Looks at what this machine offers the engine: processor, back ends, GPU, cameras, weights, disk."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import psutil

import resources
from engine.capture.discover import list_cameras
from engine.errors import EngineError
from engine.inference.choose import AUTO, NAMES, BackendOptions, cache_folder, open_backend
from engine.inference.openvino import list_devices
from engine.inference.signature import load_model, read_manifest
from engine.inference.tensorrt import find_gpu, load_cuda

LOW_DISK_BYTES = 5 * 2**30  # raw and stabilized video take about 5 GiB an hour
CPU_FLAGS = (
    "avx2",
    "fma",
    "f16c",
    "avx_vnni",
    "avx512f",
    "avx512_vnni",
    "avx512_bf16",
    "avx512_fp16",
    "amx_bf16",
    "amx_int8",
)
PACKAGES = ("numpy", "opencv-python", "openvino", "av", "PySide6_Essentials", "tensorrt_rtx_cu13", "tensorrt", "pycuda")
TRIAL_SIZE = (96, 128)  # a back end is tried for real, on a small picture


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    topic: str  # "backend", "weights", ...
    name: str
    is_well: bool
    detail: str
    remedy: str = ""
    is_needed: bool = False  # True: without it Steadyscope does not do its work
    facts: Mapping[str, object] = field(default_factory=dict)  # for the report in JSON


def system() -> dict[str, object]:
    """The machine and the versions of what runs on it."""
    flags = _cpu_flags()
    return {
        "os": platform.platform(),
        "python": platform.python_version(),
        "cpu": _cpu_name(),
        "cores": psutil.cpu_count(logical=False) or os.cpu_count(),
        "threads": os.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        "cpu_features": {name: name in flags for name in CPU_FLAGS} if flags else {},
        "openvino_devices": {
            device.name: {"name": device.full_name, "arithmetic": list(device.capabilities)}
            for device in list_devices()
        },
        "versions": {name: version for name in PACKAGES if (version := _version(name))},
    }


def look(model: str) -> list[Finding]:
    """Everything the engine needs, looked at once; takes a few seconds."""
    return [*backends(model), gpu(), *weights(), *cameras(), *disks()]


def backends(model: str) -> Iterable[Finding]:
    """Each back end is opened and given one frame; GPU engines are not built for it."""
    pixels = np.zeros((*TRIAL_SIZE, 3), dtype=np.uint8)
    for name in NAMES:
        if name == AUTO:
            continue
        options = BackendOptions(name, model=model, allow_untrained=True, may_build=False)
        began_s = time.perf_counter()
        try:
            backend = open_backend(options, TRIAL_SIZE).backend
        except EngineError as refused:
            yield Finding("backend", name, False, refused.sentence, refused.remedy, is_needed=name == "openvino")
            continue
        size = backend.working_size
        backend.infer(np.resize(pixels, (*size, 3)), 0)
        backend.close()
        opened_ms = (time.perf_counter() - began_s) * 1e3
        detail = f"runs as {backend.name}, first frame after {opened_ms:.0f} ms"
        facts = {"runs_as": backend.name, "first_frame_ms": round(opened_ms, 1)}
        yield Finding("backend", name, True, detail, facts=facts)


def gpu() -> Finding:
    """The NVIDIA GPU that TensorRT would use."""
    try:
        found = find_gpu(load_cuda())
    except EngineError as refused:
        return Finding("gpu", "NVIDIA", False, refused.sentence, refused.remedy)
    return Finding("gpu", found.name, True, f"{found.capability}, CUDA driver {found.driver}")


def weights() -> Iterable[Finding]:
    """Every network that ships: is it whole, and has it been trained?"""
    manifests = sorted(resources.path("weights").glob("*.json"))
    if not manifests:
        yield Finding("weights", "none", False, "No network is installed.", "Reinstall Steadyscope.", is_needed=True)
    for path in manifests:
        try:
            load_model(path)
        except EngineError as error:
            yield Finding("weights", path.stem, False, error.sentence, error.remedy, is_needed=True)
            continue
        manifest = read_manifest(path)
        trained = (
            f"trained for {manifest.training.steps} steps" if manifest.trained else "NOT trained: live use refuses it"
        )
        detail = f"sha256 {manifest.sha256[:12]} matches, {manifest.precision}, {trained}"
        remedy = "" if manifest.trained else "Install a trained network."
        facts = {"sha256": manifest.sha256, "is_trained": manifest.trained, "precision": manifest.precision}
        yield Finding("weights", path.stem, manifest.trained, detail, remedy, facts=facts)


def cameras() -> Iterable[Finding]:
    """Cameras that are plugged in; none is opened."""
    try:
        found = list_cameras()
    except EngineError as error:
        yield Finding("camera", "list", False, error.sentence, error.remedy)
        return
    if not found:
        yield Finding("camera", "none", False, "No camera is plugged in.", "Plug one in, or use --demo or --file.")
    for camera in found:
        facts = {"identity": camera.identity, "address": camera.address}
        yield Finding("camera", camera.name, True, f"{camera.identity} at {camera.address}", facts=facts)


def disks() -> Iterable[Finding]:
    """Room for recordings and for the cache."""
    for name, folder in (("home", Path.home()), ("cache", cache_folder(BackendOptions()))):
        standing = next(path for path in (folder, *folder.parents) if path.exists())
        free = shutil.disk_usage(standing).free
        is_well = free >= LOW_DISK_BYTES
        remedy = "" if is_well else "Free some space: recordings take about 5 GiB an hour."
        detail = f"{free / 2**30:.1f} GiB free at {standing}"
        yield Finding("disk", name, is_well, detail, remedy, facts={"free_bytes": free})


def _cpu_flags() -> set[str]:
    """The processor's flags where the system lists them (Linux), else none."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return set()
    return next(
        (set(line.partition(":")[2].split()) for line in lines if line.startswith(("flags", "Features"))), set()
    )


def _cpu_name() -> str:
    devices = [device.full_name for device in list_devices() if device.name == "CPU"]
    return devices[0] if devices else platform.processor()


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return ""
