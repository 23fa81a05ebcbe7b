"""What an inference back end promises: one streaming step per frame, with its state kept inside."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from engine.values import Image, Inference

Answer = Callable[[], Inference]  # waits for a step that was begun; to be called once, before the next step begins


class Backend(Protocol):
    """Opened for one working size by an opener that refuses with `BackendRefused` before the first frame."""

    @property
    def name(self) -> str:
        """For people and reports: "openvino-cpu-bf16", "tensorrt-rtx-sm89"."""
        ...

    @property
    def model_name(self) -> str:
        """The manifest's name: "mostnet-lite"."""
        ...

    @property
    def working_size(self) -> tuple[int, int]:
        """(height, width) that `infer` takes."""
        ...

    def infer(self, pixels: Image, seq: int) -> Inference:
        """One step on (h, w, 3) uint8 RGB of the working size. The result's arrays stay valid after the next step."""
        ...

    def begin(self, pixels: Image, seq: int) -> Answer:
        """As `infer`, but returns while the step still runs, where the device allows it."""
        ...

    def reset(self) -> None:
        """Forget the past: the next frame is the first of a sequence."""
        ...

    def close(self) -> None:
        """Free everything; on the thread that ran `infer`."""
        ...
