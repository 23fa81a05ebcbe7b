"""Builds one TensorRT engine plan: a process of its own, since a build takes long and may crash.

`python -m engine.inference.plan_build` reads one request as a line of JSON from its input, writes progress and the
result as lines of JSON, and gives up when its input closes.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NoReturn

from engine.errors import BackendRefused, EngineError, ModelError
from engine.inference.flavour import FLAVOURS, load_flavour
from engine.inference.plan_cache import ANY, PlanKey, admit
from engine.inference.plan_progress import OnProgress, log_class, monitor_class
from engine.inference.plan_report import PrecisionReport, engine_layers, network_layers
from engine.inference.signature import Model, load_model, resolve_shape

CANCELLED_EXIT = 3


@dataclass(frozen=True, slots=True)
class BuildRequest:
    """One plan to build."""

    manifest: str
    flavour: str
    capability: str  # "sm89"; "any" builds for the GPU of this machine
    height: int
    width: int
    plan: str  # where it goes
    gpu: str = ANY
    driver: str = ANY


@dataclass(frozen=True, slots=True)
class BuildFacts:
    """What was built."""

    plan: str
    size_bytes: int
    seconds: float
    precision: dict[str, Any]  # PrecisionReport.summary()
    layers: str  # the file of the whole report


class BuildCancelled(EngineError):
    """The build was given up on request."""

    def __init__(self) -> None:
        super().__init__("The engine build was cancelled.", "Start it again when you have the time.")


def build_plan(request: BuildRequest, on_progress: OnProgress, is_cancelled: Callable[[], bool]) -> BuildFacts:
    """Parse, build, write to a temporary file, rename. Raises BackendRefused, ModelError or BuildCancelled."""
    began_s = time.monotonic()
    flavour = FLAVOURS[request.flavour]
    trt = load_flavour(flavour)
    model = load_model(Path(request.manifest))
    log = log_class(trt)()
    builder = _builder(trt, log)
    network = builder.create_network(1 << int(trt.NetworkDefinitionCreationFlag.STRONGLY_TYPED))
    on_progress(0.0, "reading the network")
    _parse(trt, network, log, model)
    config = _configuration(trt, builder, network, request, model)
    config.progress_monitor = monitor_class(trt)(on_progress, is_cancelled)
    serialized = builder.build_serialized_network(network, config)
    if is_cancelled():
        raise BuildCancelled
    if serialized is None:
        raise BackendRefused(
            f"{flavour.module} cannot build {model.manifest.name} for {request.capability}: {log.last_error()}.",
            "Update TensorRT, or choose the back end 'openvino'.",
        )
    report = PrecisionReport(network_layers(network), engine_layers("\n".join(log.layer_lists)))
    return _write(request, model, trt.__version__, bytes(memoryview(serialized)), report, time.monotonic() - began_s)


def _builder(trt: Any, log: Any) -> Any:
    builder = trt.Builder(log)
    if not builder:
        raise BackendRefused(
            f"{trt.__name__} starts no builder: {log.last_error()}.", "Install or update the NVIDIA driver."
        )
    return builder


def _parse(trt: Any, network: Any, log: Any, model: Model) -> None:
    parser = trt.OnnxParser(network, log)
    if not parser.parse_from_file(os.fspath(model.onnx_path)):
        errors = [parser.get_error(index) for index in range(parser.num_errors)]
        reasons = "; ".join(f"{each.node_operator()} {each.node_name()}: {each.desc().rstrip('.')}" for each in errors)
        raise ModelError(
            f"{trt.__name__} cannot read {model.onnx_path.name}: {reasons}.",
            "Export the network again with `python -m models export`.",
        )


def _configuration(trt: Any, builder: Any, network: Any, request: BuildRequest, model: Model) -> Any:
    manifest, size = model.manifest, (request.height, request.width)
    config = builder.create_builder_config()
    config.profiling_verbosity = trt.ProfilingVerbosity.DETAILED
    if hasattr(trt.BuilderFlag, "REQUIRE_USER_ALLOCATION"):
        config.set_flag(trt.BuilderFlag.REQUIRE_USER_ALLOCATION)  # or the steady step cannot become a CUDA graph
    profile = builder.create_optimization_profile()
    shapes = {spec.name: resolve_shape(spec.shape, *size) for spec in manifest.inputs}
    shapes |= {spec.input: resolve_shape(spec.shape, *size) for spec in manifest.state}
    _require_same_border(network, model)
    for name, shape in shapes.items():
        profile.set_shape(name, shape, shape, shape)
    config.add_optimization_profile(profile)
    if request.capability != ANY and FLAVOURS[request.flavour].is_portable:
        config.num_compute_capabilities = 1
        config.set_compute_capability(_capability(trt, request.capability), 0)
    return config


def _require_same_border(network: Any, model: Model) -> None:
    manifest = model.manifest
    named = {spec.name for spec in (*manifest.inputs, *manifest.outputs)}
    named |= {name for spec in manifest.state for name in (spec.input, spec.output)}
    found = {network.get_input(index).name for index in range(network.num_inputs)}
    found |= {network.get_output(index).name for index in range(network.num_outputs)}
    if found != named:
        raise ModelError(
            f"The graph of {manifest.name} and its manifest disagree about {', '.join(sorted(found ^ named))}.",
            "Export the network again with `python -m models export`.",
        )


def capabilities(trt: Any) -> list[str]:
    """The architectures that a flavour can build for: "sm75", ..."""
    names = [name for name in dir(trt.ComputeCapability) if name.startswith("SM")]
    return sorted((name.lower() for name in names), key=lambda name: int(name[2:]))


def _capability(trt: Any, name: str) -> Any:
    if name not in capabilities(trt):
        raise BackendRefused(
            f"{trt.__name__} {trt.__version__} does not build for '{name}'.",
            f"Choose from {', '.join(capabilities(trt))}.",
        )
    return getattr(trt.ComputeCapability, name.upper())


def _write(
    request: BuildRequest, model: Model, version: str, plan: bytes, report: PrecisionReport, seconds: float
) -> BuildFacts:
    target = Path(request.plan)
    target.parent.mkdir(parents=True, exist_ok=True)
    layers = target.with_suffix(".layers.json")
    layers.write_text(json.dumps(report.to_json(), indent=1) + "\n", encoding="utf-8")
    built = temporary(target)
    built.write_bytes(plan)
    facts = BuildFacts(os.fspath(target), len(plan), round(seconds, 2), report.summary(), os.fspath(layers))
    key = PlanKey(
        model_name=model.manifest.name,
        model_sha256=model.manifest.sha256,
        flavour=request.flavour,
        version=version,
        gpu=request.gpu,
        capability=request.capability,
        driver=request.driver,
        height=request.height,
        width=request.width,
    )
    admit(built, target, key, {"bytes": facts.size_bytes, "seconds": facts.seconds, "precision": facts.precision})
    return facts


def temporary(plan: Path) -> Path:
    """Where a plan is written before it is whole."""
    return plan.with_suffix(".plan.part")


def main() -> NoReturn:
    """Serve one request from standard input, then end the process without teardown: a thread still waits on the input,
    and the library's own teardown has nothing left to save."""
    os._exit(_serve())


def _serve() -> int:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C belongs to the parent, which closes our input
    request = BuildRequest(**json.loads(sys.stdin.readline()))
    cancelled = threading.Event()
    threading.Thread(target=_watch_input, args=(cancelled,), daemon=True).start()
    try:
        facts = build_plan(request, lambda done, phase: _say({"progress": done, "phase": phase}), cancelled.is_set)
    except BuildCancelled:
        return CANCELLED_EXIT
    except EngineError as error:
        _say({"error": {"sentence": error.sentence, "remedy": error.remedy}})
        return 2
    _say({"done": asdict(facts)})
    return 0


def _watch_input(cancelled: threading.Event) -> None:
    sys.stdin.read()
    cancelled.set()


def _say(message: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
