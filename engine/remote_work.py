"""The far side of a remote pipeline: the messages, and the loop that answers them in the engine's own process."""

from __future__ import annotations

import signal
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import EngineError
from engine.pipeline import Pipeline, Running
from engine.shared_arrays import Place, SharedArrays
from engine.values import Frame, Matrix3, Mode, Motion, StabilizedFrame, Tracking

Opener = Callable[[tuple[int, int]], Running]
Command = Callable[[Pipeline], None]


@dataclass(frozen=True, slots=True)
class Ready:
    """The engine runs."""

    engine_name: str
    model_name: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The engine does not open, or does not obey."""

    sentence: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Task:
    """A frame to work on; its pixels lie in the shared block."""

    seq: int
    captured_ns: int
    pixels: Place


@dataclass(frozen=True, slots=True)
class Answer:
    """The result of a task; its arrays lie in the shared block."""

    stabilized_from_raw: Matrix3
    motion: Motion | None
    tracking: Tracking
    mode: Mode
    reason: str
    anchor_box: tuple[float, float, float, float] | None
    stage_ms: dict[str, float]
    places: dict[str, Place]  # enhanced, pixels, and of the inference: small, flow, trust, tooth


def serve(connection: Connection, block: str, size: tuple[int, int], open_pipeline: Opener) -> None:
    """Open the engine for pictures of `size` (height, width); answer tasks and commands until None or hang-up comes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends this process
    shared = SharedArrays.attach(block)
    pipeline: Running | None = None
    try:
        pipeline = open_pipeline(size)
        connection.send(Ready(pipeline.engine_name, pipeline.model_name))
        while (message := connection.recv()) is not None:
            connection.send(_work(pipeline, shared, message) if isinstance(message, Task) else _obey(pipeline, message))
    except EngineError as error:
        connection.send(Refused(error.sentence, error.remedy))
    except (EOFError, OSError):  # the parent has gone: there is nobody left to work for
        pass
    finally:
        if pipeline is not None:
            pipeline.close()
        shared.free()


def _obey(pipeline: Running, command: Command) -> Refused | None:
    try:
        pipeline.obey(command)
    except EngineError as error:
        return Refused(error.sentence, error.remedy)
    return None


def _work(pipeline: Running, shared: SharedArrays, task: Task) -> Answer:
    frame = Frame(np.asarray(shared.read(task.pixels), dtype=np.uint8), task.seq, task.captured_ns)
    output = pipeline.step(frame)
    return Answer(
        stabilized_from_raw=output.stabilized_from_raw,
        motion=output.motion,
        tracking=output.tracking,
        mode=output.mode,
        reason=output.reason,
        anchor_box=output.anchor_box,
        stage_ms=dict(output.stage_ms),
        places=shared.write(_arrays(output)),
    )


def _arrays(output: StabilizedFrame) -> dict[str, NDArray[Any]]:
    """What travels back; a raw picture need not, for it came from there."""
    arrays: dict[str, NDArray[Any]] = {}
    if output.mode is not Mode.PASSTHROUGH:
        arrays |= {"enhanced": output.enhanced, "pixels": output.pixels}
    inference = output.inference
    if inference is not None:
        arrays |= {"flow": inference.flow, "trust": inference.trust, "tooth": inference.tooth}
        if inference.enhanced is not output.enhanced:
            arrays["small"] = inference.enhanced
    return arrays
