"""A back end that misbehaves on command: the safety drill and the tests wrap a healthy one in it."""

from __future__ import annotations

import time

from engine.clock import now_ns
from engine.inference.backend import Answer, Backend
from engine.values import Image, Inference


class FaultyBackend:
    """Passes a back end through; `delay_s` makes it slow, `is_dying` makes every step fail."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self.delay_s = 0.0
        self.is_dying = False
        self.began_ns: int | None = None  # when the first faulty step began
        self.began_seq = -1

    @property
    def name(self) -> str:
        """The wrapped back end's own."""
        return self._backend.name

    @property
    def model_name(self) -> str:
        """The wrapped back end's own."""
        return self._backend.model_name

    @property
    def working_size(self) -> tuple[int, int]:
        """(height, width), the wrapped back end's own."""
        return self._backend.working_size

    def infer(self, pixels: Image, seq: int) -> Inference:
        """The wrapped step, late or failing."""
        return self.begin(pixels, seq)()

    def begin(self, pixels: Image, seq: int) -> Answer:
        """The wrapped step; its answer comes late or never."""
        if (self.delay_s or self.is_dying) and self.began_ns is None:
            self.began_ns, self.began_seq = now_ns(), seq
        wrapped, delay_s = None if self.is_dying else self._backend.begin(pixels, seq), self.delay_s

        def answer() -> Inference:
            time.sleep(delay_s)
            if wrapped is None:
                raise RuntimeError("the device was lost")
            return wrapped()

        return answer

    def reset(self) -> None:
        """Forget the past."""
        self._backend.reset()

    def close(self) -> None:
        """Free the wrapped back end."""
        self._backend.close()
