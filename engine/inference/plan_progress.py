"""Listens to a TensorRT build: how far it is, what it complains of, which layers it chose."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

OnProgress = Callable[[float, str], None]  # 0..1 and the phase


@dataclass
class PhaseTree:
    """TensorRT reports nested phases with steps; this makes one number of them that never falls."""

    _phases: dict[str, tuple[str | None, int]] = field(default_factory=dict)  # name -> (parent, steps)
    _done: dict[str, int] = field(default_factory=dict)
    _best: float = 0.0

    def start(self, name: str, parent: str | None, steps: int) -> None:
        """A phase begins inside `parent`."""
        self._phases[name] = (parent, max(steps, 1))
        self._done[name] = 0

    def step(self, name: str, step: int) -> None:
        """Step number `step` (from 0) of a phase is done."""
        self._done[name] = step + 1

    def finish(self, name: str) -> None:
        """A phase ends, whether all its steps were reported or not."""
        self._phases.pop(name, None)

    def fraction(self) -> float:
        """0..1 of the whole build."""
        roots = [name for name, (parent, _) in self._phases.items() if parent is None]
        now = max((self._fraction(name) for name in roots), default=0.0)
        self._best = max(self._best, now)
        return self._best

    def _fraction(self, name: str) -> float:
        _, steps = self._phases[name]
        inside = max(
            (self._fraction(each) for each, (parent, _) in self._phases.items() if parent == name), default=0.0
        )
        return min((self._done[name] + inside) / steps, 1.0)


def log_class(trt: Any) -> Any:
    """A logger class of the flavour `trt`."""

    class BuildLog(trt.ILogger):  # type: ignore[misc]
        """Keeps the errors and the builder's list of engine layers; drops the rest."""

        def __init__(self) -> None:
            super().__init__()
            self.errors: list[str] = []
            self.layer_lists: list[str] = []

        def log(self, severity: Any, msg: str) -> None:
            if severity in (trt.ILogger.Severity.ERROR, trt.ILogger.Severity.INTERNAL_ERROR):
                self.errors.append(msg)
            elif "LayerType: " in msg:
                self.layer_lists.append(msg)

        def last_error(self) -> str:
            return self.errors[-1].strip().rstrip(".") if self.errors else "it does not say why"

    return BuildLog


def monitor_class(trt: Any) -> Any:
    """A progress monitor class of the flavour `trt`."""

    class Monitor(trt.IProgressMonitor):  # type: ignore[misc]
        """Passes progress on and stops the build when asked."""

        def __init__(self, on_progress: OnProgress, is_cancelled: Callable[[], bool]) -> None:
            super().__init__()
            self._tree = PhaseTree()
            self._on_progress = on_progress
            self._is_cancelled = is_cancelled

        def phase_start(self, phase_name: str, parent_phase: str | None, num_steps: int) -> None:
            self._tree.start(phase_name, parent_phase or None, num_steps)
            self._on_progress(self._tree.fraction(), phase_name)

        def step_complete(self, phase_name: str, step: int) -> bool:
            self._tree.step(phase_name, step)
            self._on_progress(self._tree.fraction(), phase_name)
            return not self._is_cancelled()

        def phase_finish(self, phase_name: str) -> None:
            self._tree.finish(phase_name)

    return Monitor
