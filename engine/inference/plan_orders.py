"""Which plans to build for a wish like "mostnet-sw for sm75 and sm89": one request for each architecture and size."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.errors import BackendRefused, ModelError
from engine.inference.choose import BackendOptions, cache_folder, manifest_path
from engine.inference.flavour import RTX, Flavour, load_flavour
from engine.inference.open_tensorrt import key_of
from engine.inference.plan_build import BuildRequest, capabilities
from engine.inference.plan_cache import PlanCache
from engine.inference.signature import Model, load_model, resolve_shape
from engine.inference.tensorrt import Gpu, find_gpu, load_cuda


@dataclass(frozen=True, slots=True)
class Order:
    """What the user asked for."""

    network: str  # "mostnet-lite"
    architectures: tuple[str, ...] = ()  # "sm89", ...; empty: the GPU of this machine
    sizes: tuple[tuple[int, int], ...] = ()  # (height, width); empty: the network's own working size
    flavour: Flavour = RTX
    onnx: Path | None = None  # this graph, with its manifest beside it, instead of the one that ships
    out: Path | None = None  # None: the cache, where the live path finds it


def requests_of(order: Order) -> list[BuildRequest]:
    """Checked before anything is built. Raises ModelError or BackendRefused."""
    model = _model_of(order)
    trt = load_flavour(order.flavour)
    gpus = _gpus_of(order, capabilities(trt))
    folder = order.out or PlanCache(cache_folder(BackendOptions()) / "engines").folder
    requests = []
    for size in order.sizes or (model.manifest.working_size,):
        _require_stride(model, size)
        for gpu in gpus:
            key = key_of(model, order.flavour, trt.__version__, gpu, size)
            requests.append(
                BuildRequest(
                    manifest=os.fspath(model.onnx_path.with_suffix(".json")),
                    flavour=key.flavour,
                    capability=key.capability,
                    height=key.height,
                    width=key.width,
                    plan=os.fspath(folder / key.file_name),
                    gpu=key.gpu,
                    driver=key.driver,
                )
            )
    _require_room(folder)
    return requests


def graphs_folder() -> Path:
    """Where half-precision graphs that do not ship are looked for: `make test` leaves untrained SW and DW there."""
    return cache_folder(BackendOptions()) / "graphs"


def _model_of(order: Order) -> Model:
    if order.onnx is not None:
        return load_model(order.onnx.with_suffix(".json"))
    file_name = f"{order.network.removesuffix('-fp16')}-fp16.json"
    places = (manifest_path(order.network).with_name(file_name), graphs_folder() / file_name)
    found = next((place for place in places if place.is_file()), None)
    if found is None:
        raise ModelError(
            f"There is no half-precision graph of a network '{order.network}' here.",
            "Export one with `python -m models export` and name its file with --onnx.",
        )
    return load_model(found)


def _gpus_of(order: Order, known: Sequence[str]) -> list[Gpu]:
    if not order.architectures:
        return [find_gpu(load_cuda())]
    if not order.flavour.is_portable:
        raise BackendRefused(
            f"{order.flavour.name} builds only for the GPU of this machine.", "Leave out --arch, or build for RTX."
        )
    unknown = [name for name in order.architectures if name not in known]
    if unknown:
        raise BackendRefused(
            f"{order.flavour.module} does not build for {', '.join(unknown)}.", f"Choose from {', '.join(known)}."
        )
    return [Gpu("", name, "") for name in order.architectures]


def _require_room(folder: Path) -> None:
    """A build takes seconds to minutes: that its result can be kept is seen before."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ModelError(
            f"No engine can be kept in {folder}: {error.strerror or error}.", "Choose another folder with --out."
        ) from error


def _require_stride(model: Model, size: tuple[int, int]) -> None:
    stride = model.manifest.stride
    if size[0] % stride or size[1] % stride or min(size) <= 0:
        raise ModelError(
            f"{model.manifest.name} cannot work at {size[1]}x{size[0]}.", f"Both sides must be multiples of {stride}."
        )
    for spec in model.manifest.state:
        resolve_shape(spec.shape, *size)
