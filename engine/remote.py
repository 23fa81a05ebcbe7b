"""The pipeline in a process of its own: a busy window cannot hold it up, nor does its crash take the window along."""

from __future__ import annotations

import multiprocessing
from contextlib import suppress
from types import MappingProxyType
from typing import Any

from engine.clock import now_ns
from engine.errors import BackendRefused, EngineError
from engine.pipeline import Upcoming, nothing_upcoming, odd_size, passthrough
from engine.remote_work import Answer, Command, Opener, Ready, Refused, Task, serve
from engine.shared_arrays import SharedArrays
from engine.values import Frame, Inference, StabilizedFrame

OPEN_LIMIT_S = 120.0  # a first start may compile the network
STEP_LIMIT_S = 5.0  # an engine that is silent for so long hangs; its process is ended
CLOSE_LIMIT_S = 2.0
FIELD_BYTES = 20  # per pixel of the working size: small picture, flow, trust, tooth at most
LARGEST_WORKING_SIZE = 400_000  # pixels
LARGEST_STRIDE = 64


class RemotePipeline:
    """As `Pipeline`, for one picture size. Made, used and closed on the pipeline thread."""

    def __init__(self, open_pipeline: Opener, size: tuple[int, int]) -> None:
        """`open_pipeline` must be picklable; `size` is (height, width). Raises BackendRefused when it does not open."""
        self._size = size
        self._shared = SharedArrays.make(block_bytes(size))
        context = multiprocessing.get_context("spawn")  # fork would copy locks that other threads hold
        self._connection, theirs = context.Pipe()
        arguments = (theirs, self._shared.name, size, open_pipeline)
        self._process = context.Process(target=serve, args=arguments, name="engine", daemon=True)
        self._process.start()
        theirs.close()
        try:
            self.engine_name, self.model_name = self._opened()
        except BackendRefused:
            self.close()
            raise

    def step(self, frame: Frame, upcoming: Upcoming = nothing_upcoming) -> StabilizedFrame:  # noqa: ARG002
        """The frame through every stage over there; stage `hand_over` is what the way there and back took.

        There is one shared block, so nothing is begun ahead.
        """
        if frame.pixels.shape[:2] != self._size:
            return odd_size(frame, self._size)
        began_ns = now_ns()
        place = self._shared.write({"raw": frame.pixels})["raw"]
        try:
            answer = self._ask(Task(frame.seq, frame.captured_ns, place), STEP_LIMIT_S)
        except RuntimeError as error:
            return passthrough(frame, f"the engine failed: {error}")
        return self._output(frame, answer, began_ns)

    def obey(self, command: Command) -> None:
        """Run a picklable `command` on the pipeline over there. Raises EngineError when it is refused."""
        with suppress(RuntimeError):  # a dead engine is noticed, and told, at the next step
            answer = self._ask(command, STEP_LIMIT_S)
            if isinstance(answer, Refused):
                raise EngineError(answer.sentence, answer.remedy)

    def close(self) -> None:
        """End the process, kindly if it listens, and free the block."""
        with suppress(OSError):
            self._connection.send(None)
        self._process.join(CLOSE_LIMIT_S)
        if self._process.is_alive():
            self._process.kill()
            self._process.join(CLOSE_LIMIT_S)
        self._connection.close()
        self._shared.free()

    def _opened(self) -> tuple[str, str]:
        try:
            answer = self._receive(OPEN_LIMIT_S)
        except RuntimeError as error:
            raise BackendRefused(f"The engine does not start: {error}.", "Choose another back end.") from error
        if isinstance(answer, Ready):
            return answer.engine_name, answer.model_name
        raise BackendRefused(answer.sentence, answer.remedy)

    def _ask(self, message: object, timeout_s: float) -> Any:
        try:
            self._connection.send(message)
        except OSError as error:
            raise RuntimeError(self._how_it_died()) from error
        return self._receive(timeout_s)

    def _receive(self, timeout_s: float) -> Any:
        """The next answer. Raises RuntimeError when the process has died or is ended for its silence."""
        try:
            if self._connection.poll(timeout_s):
                return self._connection.recv()
        except (EOFError, OSError) as error:
            raise RuntimeError(self._how_it_died()) from error
        self._process.kill()
        raise RuntimeError(f"its process gave no answer for {timeout_s:.0f} s and was ended")

    def _how_it_died(self) -> str:
        self._process.join(0.2)
        return f"its process ended with code {self._process.exitcode}"

    def _output(self, frame: Frame, answer: Answer, began_ns: int) -> StabilizedFrame:
        """The answer with its arrays copied out of the block, which the next frame will overwrite."""
        arrays = {name: self._shared.read(place) for name, place in answer.places.items()}
        enhanced = arrays.get("enhanced", frame.pixels)
        inference = None
        if "flow" in arrays:
            small = arrays.get("small", enhanced)
            inference = Inference(frame.seq, small, arrays["flow"], arrays["trust"], arrays["tooth"])
        stage_ms = answer.stage_ms
        stage_ms["hand_over"] = (now_ns() - began_ns) / 1e6 - sum(stage_ms.values())
        return StabilizedFrame(
            raw=frame,
            inference=inference,
            enhanced=enhanced,
            pixels=arrays.get("pixels", frame.pixels),
            stabilized_from_raw=answer.stabilized_from_raw,
            motion=answer.motion,
            tracking=answer.tracking,
            mode=answer.mode,
            reason=answer.reason,
            anchor_box=answer.anchor_box,
            stage_ms=MappingProxyType(stage_ms),
        )


def block_bytes(size: tuple[int, int]) -> int:
    """Room for two pictures of (height, width) `size` and the network's fields."""
    height, width = size
    working = min((height + LARGEST_STRIDE) * (width + LARGEST_STRIDE), LARGEST_WORKING_SIZE)
    return 2 * height * width * 3 + FIELD_BYTES * working + 4096
