"""How a pipeline is opened from the user's choices: network back end, stabilizer, and their "off"."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from engine.inference import choose
from engine.inference.choose import BackendOptions, open_backend
from engine.inference.preprocess import working_size
from engine.off import NoNetwork
from engine.pipeline import Pipeline, Running
from engine.remote import RemotePipeline
from engine.stabilization.options import StabilizerOptions

OFF = "off"
BACKENDS = (*choose.NAMES, OFF)
OFF_STRIDE = 2


@dataclass(frozen=True, slots=True)
class EngineChoice:
    """Called with (height, width) of the camera, on the pipeline thread, it opens the chosen engine."""

    backend: BackendOptions = field(default_factory=BackendOptions)
    stabilizer: StabilizerOptions = field(default_factory=StabilizerOptions)
    has_own_process: bool = False  # a crash then leaves the window standing; docs/decisions/engine-process.md

    def __call__(self, frame_size: tuple[int, int]) -> Running:
        """Raises BackendRefused, ModelError, or SourceError for pictures that are too small."""
        if self.has_own_process:
            backend = replace(self.backend, on_progress=None)  # a callback does not travel
            return RemotePipeline(replace(self, backend=backend, has_own_process=False), frame_size)
        return self.open_here(frame_size)

    def open_here(self, frame_size: tuple[int, int]) -> Pipeline:
        """The same in this process."""
        from engine.stabilization.stabilizer import Stabilizer  # half a second of SciPy, off the window's thread

        stabilizer = Stabilizer(self.stabilizer)
        if self.backend.backend == OFF:
            return Pipeline(NoNetwork(working_size(*frame_size, OFF_STRIDE)), stabilizer)
        return Pipeline(open_backend(self.backend, frame_size).backend, stabilizer)
