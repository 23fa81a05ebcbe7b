"""Measures this machine: the engine alone, the pipeline that the live path runs, and the convolution ceiling."""

from __future__ import annotations

import statistics
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np

from engine.capture.synthetic import SyntheticSource
from engine.inference.backend import Backend
from engine.inference.ceiling import Stack, convolution_stacks, gmac_of
from engine.inference.choose import BackendOptions, manifest_path, open_backend
from engine.inference.op_times import OpTime, op_times
from engine.inference.openvino import Placement
from engine.inference.preprocess import to_working_size, working_size
from engine.inference.signature import load_model
from engine.pipeline import Pipeline
from engine.stabilization.stabilizer import Stabilizer
from engine.values import Frame, Image, Mode, frozen

SOURCE_SIZES = ((480, 640), (720, 1280), (1080, 1920))  # (height, width)
FRAME_INTERVAL_NS = 33_333_333
WARM_UP = 4  # runs before anything counts


@dataclass(frozen=True, slots=True)
class Effort:
    """How long to measure: engine, pipeline and ceiling take turns, and the median of the rounds counts."""

    rounds: int = 7
    frames: int = 24  # a round
    clip_frames: int = 30


@dataclass(frozen=True, slots=True)
class Figures:
    """One source size, in the words of the report."""

    source: str  # "1280x720"
    working_size: str
    backend: str
    model: str
    engine_ms: float  # the network alone, on frames of the working size
    pipeline_ms: float  # 1000 / throughput of Pipeline.step on frames of the source's size
    ratio: float  # engine_ms / pipeline_ms: the pipeline's throughput as a share of the engine's
    outside_ms: float  # of a frame, in the pipeline but not in the engine
    stage_ms: dict[str, float]
    pipeline_fps: float
    gmac: float  # a frame
    gmac_per_s: float  # gmac / engine_ms
    ceiling_gmac_per_s: float | None  # the best of several plain 3x3 stacks of as many GMAC; None off the CPU
    share: float | None  # gmac_per_s / ceiling_gmac_per_s
    stacks_gmac_per_s: dict[str, float]  # each of the stacks


def demo_clip(count: int, seed: int = 7) -> list[Image]:
    """`count` frames of the demo source at 640x480, drawn before anything is timed: a camera costs no such work."""
    source = SyntheticSource(seed=seed, realtime=False)
    source.open()
    frames = [source.read(0.0).pixels for _ in range(count)]
    source.close()
    return frames


def fitted(picture: Image, size: tuple[int, int]) -> Image:
    """`picture` cut to the aspect ratio of `size` (height, width) and stretched to it, as a larger camera would see."""
    height, width = picture.shape[:2]
    kept = min(height, round(width * size[0] / size[1]))
    top = (height - kept) // 2
    cut = picture[top : top + kept]
    if cut.shape[:2] == size:
        return picture
    stretched = cv2.resize(cut, (size[1], size[0]), interpolation=cv2.INTER_CUBIC)
    return np.asarray(frozen(stretched), dtype=np.uint8)


def measure(options: BackendOptions, frame_size: tuple[int, int], clip: Sequence[Image], effort: Effort) -> Figures:
    """Interleaved rounds for a source of `frame_size` (height, width) that shows `clip`.

    Raises what `open_backend` raises.
    """
    backend = open_backend(options, frame_size).backend
    try:
        return _measure(backend, options, [fitted(picture, frame_size) for picture in clip], effort)
    finally:
        backend.close()


def profile(options: BackendOptions, frame_size: tuple[int, int], clip: Sequence[Image]) -> list[OpTime]:
    """Where the engine's time goes on the CPU, op by op, for a source of `frame_size`."""
    model = load_model(manifest_path(options.model))
    size = working_size(*frame_size, model.manifest.stride)
    precision = "f32" if options.backend == "openvino-f32" else None
    frames = [np.ascontiguousarray(to_working_size(fitted(picture, frame_size), size)) for picture in clip]
    return op_times(model, size, Placement(precision=precision, threads=options.threads), frames)


def _measure(backend: Backend, options: BackendOptions, frames: Sequence[Image], effort: Effort) -> Figures:
    model = load_model(manifest_path(options.model))
    gmac = gmac_of(model, backend.working_size)
    is_on_cpu = backend.name.startswith("openvino-cpu-")
    precision = backend.name.rpartition("-")[2]
    stacks = convolution_stacks(backend.working_size, gmac, precision, options.threads) if is_on_cpu else []
    turns = _Turns(backend, frames, stacks)
    for _ in range(effort.rounds):
        turns.take(effort.frames)
    engine_ms, pipeline_ms = statistics.median(turns.engine_ms), statistics.median(turns.pipeline_ms)
    stage_ms = {name: round(statistics.median(values), 3) for name, values in turns.stage_ms.items()}
    rate = gmac / engine_ms * 1e3
    ceilings = {stack.name: statistics.median(rates) for stack, rates in zip(stacks, turns.ceilings, strict=True)}
    best = max(ceilings, key=lambda name: ceilings[name], default="")
    height, width = frames[0].shape[:2]
    return Figures(
        source=f"{width}x{height}",
        working_size=f"{backend.working_size[1]}x{backend.working_size[0]}",
        backend=backend.name,
        model=backend.model_name,
        engine_ms=round(engine_ms, 3),
        pipeline_ms=round(pipeline_ms, 3),
        ratio=round(engine_ms / pipeline_ms, 4),
        outside_ms=round(sum(value for name, value in stage_ms.items() if name != "infer"), 3),
        stage_ms=stage_ms,
        pipeline_fps=round(1e3 / pipeline_ms, 2),
        gmac=round(gmac, 4),
        gmac_per_s=round(rate, 2),
        ceiling_gmac_per_s=round(ceilings[best], 2) if best else None,
        share=round(rate / ceilings[best], 4) if best else None,
        stacks_gmac_per_s={name: round(value, 2) for name, value in ceilings.items()},
    )


@dataclass
class _Turns:
    """Engine, pipeline and ceiling in turn, so that a slow moment of the machine falls on all of them."""

    backend: Backend
    frames: Sequence[Image]
    stacks: Sequence[Stack]
    engine_ms: list[float] = field(default_factory=list)
    pipeline_ms: list[float] = field(default_factory=list)
    stage_ms: dict[str, list[float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.ceilings: list[list[float]] = [[] for _ in self.stacks]
        self._small = [np.ascontiguousarray(to_working_size(each, self.backend.working_size)) for each in self.frames]
        self._pipeline = Pipeline(self.backend, Stabilizer())
        self._seq = 0
        self._engine(WARM_UP)
        self._pipelined(WARM_UP)

    def take(self, count: int) -> None:
        """One round of `count` frames each."""
        self.engine_ms.append(self._engine(count))
        stages = self._pipelined(count)
        self.pipeline_ms.append(stages.pop("all"))
        for name, value in stages.items():
            self.stage_ms.setdefault(name, []).append(value)
        for stack, rates in zip(self.stacks, self.ceilings, strict=True):
            rates.append(statistics.median(stack.gmac_per_s() for _ in range(max(3, count // 4))))

    def _engine(self, count: int) -> float:
        self.backend.reset()
        began_s = time.perf_counter()
        for index in range(count):
            self.backend.infer(self._small[self._turning(index)], index)
        return (time.perf_counter() - began_s) / count * 1e3

    def _pipelined(self, count: int) -> dict[str, float]:
        """Mean milliseconds of each stage, and of "all" by the clock on the wall."""
        self._pipeline.reset()
        sums: dict[str, float] = {}
        began_s = time.perf_counter()
        frames = deque(self._frame(index) for index in range(count))
        while frames:
            frame = frames.popleft()
            step = self._pipeline.step(frame, lambda: frames[0] if frames else None)
            if step.mode is Mode.PASSTHROUGH:
                raise RuntimeError(f"the pipeline did no work: {step.reason}")
            for name, value in step.stage_ms.items():
                sums[name] = sums.get(name, 0.0) + value
        sums["all"] = (time.perf_counter() - began_s) * 1e3
        return {name: value / count for name, value in sums.items()}

    def _frame(self, index: int) -> Frame:
        self._seq += 1
        return Frame(self.frames[self._turning(index)], self._seq, self._seq * FRAME_INTERVAL_NS)

    def _turning(self, index: int) -> int:
        """There and back through the clip: the picture never jumps."""
        last = len(self.frames) - 1
        return last - abs(last - index % (2 * last)) if last else 0
