"""Which back end runs: the first opener that does not refuse, with the reasons of those that did."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import platformdirs

import resources
from engine.errors import BackendRefused
from engine.inference.backend import Backend
from engine.inference.flavour import DATA_CENTRE, RTX, Flavour
from engine.inference.open_tensorrt import PlanSupply, open_tensorrt
from engine.inference.pace import open_in_pace
from engine.inference.preprocess import working_size
from engine.inference.signature import Manifest, Model, load_model

DEFAULT_MODEL = "mostnet-lite"
AUTO = "auto"
# What "auto" tries, best first: a GPU engine that was built once, but no first build, for that takes minutes.
AUTO_ORDER = ("tensorrt-rtx", "tensorrt", "openvino")
NAMES = (AUTO, "openvino", "openvino-f32", "openvino-gpu", "openvino-npu", "tensorrt", "tensorrt-rtx")


@dataclass(frozen=True, slots=True)
class BackendOptions:
    """What the user chose."""

    backend: str = AUTO
    model: str = DEFAULT_MODEL  # a name in resources/weights, or the path of a manifest
    threads: int = 0  # CPU threads; 0: as many as the runtime sees fit
    allow_untrained: bool = False  # only for tests and measurements
    cache_dir: Path | None = None  # None: the user's cache folder
    working_size: tuple[int, int] | None = None  # (height, width); None: what suits the source
    keeps_pace: bool = False  # live: on a slow processor the network gets a smaller picture; not for GPU engines
    may_build: bool | None = None  # a GPU engine that was never built; None: only for a back end chosen by name
    on_progress: Callable[[float, str], None] | None = None  # 0..1 and what is being done, while an engine is built


@dataclass(frozen=True, slots=True)
class Refusal:
    """A back end that does not run here."""

    backend: str
    reason: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Opened:
    """A back end ready for its first frame, and who refused before it."""

    backend: Backend
    manifest: Manifest
    refusals: tuple[Refusal, ...] = ()


Opener = Callable[[Model, tuple[int, int], BackendOptions], Backend]


def open_backend(options: BackendOptions, frame_size: tuple[int, int]) -> Opened:
    """Open a back end for frames of `frame_size` (height, width), on the thread that will run it.

    Raises BackendRefused when none runs, ModelError when the network does not fit its manifest, SourceError when the
    frames are too small.
    """
    model = load_model(manifest_path(options.model))
    if not model.manifest.trained and not options.allow_untrained:
        raise BackendRefused(
            f"The network {model.manifest.name} has never been trained: its picture would mean nothing.",
            "Choose a trained network, or train this one with `python -m models train`.",
        )
    size = options.working_size or working_size(*frame_size, model.manifest.stride)
    return first_that_opens(model, size, options, openers_for(options.backend))


def first_that_opens(
    model: Model, size: tuple[int, int], options: BackendOptions, openers: Sequence[tuple[str, Opener]]
) -> Opened:
    """Try `openers` in order; collect refusals; raise BackendRefused with all reasons when none opens."""
    refusals: list[Refusal] = []
    for name, opener in openers:
        try:
            return Opened(opener(model, size, options), model.manifest, tuple(refusals))
        except BackendRefused as refused:
            refusals.append(Refusal(name, refused.sentence, refused.remedy))
    if len(refusals) == 1:
        raise BackendRefused(refusals[0].reason, refusals[0].remedy)
    reasons = " ".join(f"{refusal.backend}: {refusal.reason}" for refusal in refusals)
    raise BackendRefused(f"No back end runs here. {reasons}", "`steadyscope doctor` says what is missing.")


def manifest_path(model: str) -> Path:
    """The manifest of a network given by name or by path."""
    return Path(model) if model.endswith(".json") else resources.path(f"weights/{model}.json")


def cache_folder(options: BackendOptions) -> Path:
    """Where compiled models and engines are kept for this user."""
    return options.cache_dir or Path(platformdirs.user_cache_dir("steadyscope", appauthor=False))


def openers_for(name: str) -> list[tuple[str, Opener]]:
    """The openers that stand behind one name of the command line. Raises BackendRefused for an unknown name."""
    if name == AUTO:
        return [(each, _OPENERS[each]) for each in AUTO_ORDER]
    if name not in _OPENERS:
        raise BackendRefused(f"There is no back end '{name}'.", f"Choose one of {', '.join(NAMES)}.")
    return [(name, _OPENERS[name])]


def _openvino(
    model: Model, size: tuple[int, int], options: BackendOptions, *, device: str = "CPU", precision: str | None = None
) -> Backend:
    try:
        from engine.inference.openvino import Placement, open_openvino  # a runtime is loaded only when it is tried
    except ImportError as error:
        raise BackendRefused(f"OpenVINO does not load: {error}.", "Reinstall Steadyscope.") from error
    placement = Placement(device, precision, options.threads, cache_folder(options) / "openvino")
    open_at = partial(open_openvino, model, placement=placement)
    return open_in_pace(open_at, size, model.manifest.stride) if options.keeps_pace else open_at(size)


def _tensorrt(model: Model, size: tuple[int, int], options: BackendOptions, *, flavour: Flavour) -> Backend:
    supply = PlanSupply(
        cache_dir=cache_folder(options) / "engines",
        may_build_missing=options.backend != AUTO if options.may_build is None else options.may_build,
        on_progress=options.on_progress or _unheard,
    )
    return open_tensorrt(model, size, flavour, supply)


def _unheard(_done: float, _phase: str) -> None:
    """Progress that nobody asked for."""


_OPENERS: dict[str, Opener] = {
    "openvino": _openvino,
    "openvino-f32": partial(_openvino, precision="f32"),
    "openvino-gpu": partial(_openvino, device="GPU"),
    "openvino-npu": partial(_openvino, device="NPU"),
    "tensorrt": partial(_tensorrt, flavour=DATA_CENTRE),
    "tensorrt-rtx": partial(_tensorrt, flavour=RTX),
}
