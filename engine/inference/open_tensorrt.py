"""Opens the TensorRT back end: finds the plan for this GPU or has it built, and builds anew what does not load."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from engine.errors import BackendRefused, ModelError
from engine.inference.flavour import Flavour, load_flavour
from engine.inference.plan_build import BuildFacts, BuildRequest
from engine.inference.plan_cache import ANY, Finding, Found, PlanCache, PlanKey, kernels_path
from engine.inference.plan_kernels import Plan
from engine.inference.plan_process import build_in_process
from engine.inference.plan_progress import OnProgress
from engine.inference.signature import Model, load_model
from engine.inference.tensorrt import Gpu, PlanRejected, TensorRtBackend, find_gpu, load_cuda

Builder = Callable[[BuildRequest, OnProgress], BuildFacts]


@dataclass(frozen=True, slots=True)
class PlanSupply:
    """How a missing plan is come by."""

    cache_dir: Path
    may_build_missing: bool  # False: a plan that was never built is a refusal, for a build keeps the user waiting
    on_progress: OnProgress
    build: Builder = build_in_process


def open_tensorrt(model: Model, size: tuple[int, int], flavour: Flavour, supply: PlanSupply) -> TensorRtBackend:
    """The back end for frames of `size` (height, width), on the calling thread. Raises BackendRefused."""
    cuda = load_cuda()  # before the flavour: without a GPU its large libraries need not be loaded
    gpu = find_gpu(cuda)
    trt = load_flavour(flavour)
    half = half_of(model)
    cache = PlanCache(supply.cache_dir)
    key = key_of(half, flavour, trt.__version__, gpu, size)
    found = cache.find(key)
    if found.finding is Finding.MISSING and not supply.may_build_missing:
        raise BackendRefused(
            f"No {flavour.name} engine of {half.manifest.name} at {size[1]}x{size[0]} has been built for {gpu.name}.",
            f"Build it once with `steadyscope engine build {model.manifest.name} --size {size[1]}x{size[0]}`, "
            "or in the window's settings.",
        )
    if found.finding is not Finding.FITS:
        found = _build(half, cache, key, supply)
    try:
        return TensorRtBackend(trt, cuda, half, Plan(found.plan, kernels_path(cache.path(key))), size)
    except PlanRejected:
        cache.evict(key)
        found = _build(half, cache, key, supply)
    try:
        return TensorRtBackend(trt, cuda, half, Plan(found.plan, kernels_path(cache.path(key))), size)
    except PlanRejected as rejected:
        cache.evict(key)
        raise BackendRefused(
            f"{flavour.name} builds an engine that it does not load: {rejected}.",
            "Update the NVIDIA driver and TensorRT together, or choose the back end 'openvino'.",
        ) from rejected


def half_of(model: Model) -> Model:
    """The half-precision graph beside `model`. Raises BackendRefused where none was exported."""
    if model.manifest.precision == "fp16":
        return model
    try:
        return load_model(model.onnx_path.with_name(f"{model.manifest.name}-fp16.json"))
    except ModelError as error:
        raise BackendRefused(
            f"TensorRT needs the half-precision graph of {model.manifest.name}: {error.sentence}", error.remedy
        ) from error


def key_of(half: Model, flavour: Flavour, version: str, gpu: Gpu, size: tuple[int, int]) -> PlanKey:
    """What the plan depends on: for a portable plan, which the driver finishes at load, the capability alone counts."""
    return PlanKey(
        model_name=half.manifest.name,
        model_sha256=half.manifest.sha256,
        flavour=flavour.name,
        version=version,
        gpu=ANY if flavour.is_portable else gpu.name,
        capability=gpu.capability,
        driver=ANY if flavour.is_portable else gpu.driver,
        height=size[0],
        width=size[1],
    )


def _build(half: Model, cache: PlanCache, key: PlanKey, supply: PlanSupply) -> Found:
    request = BuildRequest(
        manifest=os.fspath(half.onnx_path.with_suffix(".json")),
        flavour=key.flavour,
        capability=key.capability,
        height=key.height,
        width=key.width,
        plan=os.fspath(cache.path(key)),
        gpu=key.gpu,
        driver=key.driver,
    )
    supply.build(request, supply.on_progress)
    found = cache.find(key)
    if found.finding is not Finding.FITS:
        raise BackendRefused(
            f"The engine just built is {found.finding.value}.", "Check the disk, or choose the back end 'openvino'."
        )
    return found
