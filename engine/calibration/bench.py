"""The bench as a document: which step stands where, what it found, and the profile that is signed in the end."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any

from engine.calibration.profile import STEPS, Profile
from engine.errors import CalibrationError


class StepState(Enum):
    """Where a step stands."""

    TO_DO = "to do"
    RUNNING = "running"
    PASS = "pass"
    FAIL = "fail"
    SKIPPED = "skipped"


@dataclass(slots=True)
class Bench:
    """Owned by one thread."""

    identity: str
    name: str
    image_size: tuple[int, int]  # (width, height)
    results: dict[str, dict[str, Any]] = field(default_factory=dict)
    running: str = ""

    def state(self, step: str) -> StepState:
        """Of one step."""
        if step == self.running:
            return StepState.RUNNING
        verdict = self.results.get(step, {}).get("verdict")
        return StepState(verdict) if verdict else StepState.TO_DO

    def reason(self, step: str) -> str:
        """Why a step failed or was skipped; empty otherwise."""
        result = self.results.get(step, {})
        return str(result.get("reason") or "; ".join(result.get("failures", ())))

    def take(self, step: str, result: dict[str, Any]) -> None:
        """Keep a step's result; doing it again replaces it."""
        self.results[step] = result

    def skip(self, step: str, reason: str) -> None:
        """Leave a step out, with the reason that will stand in the report. Raises CalibrationError without one."""
        if not reason.strip():
            raise CalibrationError("A step is skipped only with a reason.", "Say why.")
        self.results[step] = {"verdict": "skipped", "reason": reason.strip()}

    @property
    def open_steps(self) -> list[str]:
        """Steps that are neither done nor skipped."""
        return [step for step in STEPS if self.state(step) in (StepState.TO_DO, StepState.RUNNING)]

    def sign_off(self, operator: str, at: datetime, camera: dict[str, Any] | None = None) -> Profile:
        """The signed profile. Raises CalibrationError if something is open or the operator has no name.

        `camera` is its format and controls as read back; they go with the source step.
        """
        if not operator.strip():
            raise CalibrationError("Nobody signs.", "Type the operator's name.")
        if self.open_steps:
            raise CalibrationError(
                f"Not done yet: {', '.join(self.open_steps)}.", "Do these steps, or skip them with a reason."
            )
        made = at.isoformat(timespec="seconds")
        steps = {name: self.results[name] for name in STEPS}
        if camera:
            steps["source"] = {**steps["source"], "camera": camera}
        return Profile(self.identity, self.name, self.image_size, made, operator.strip(), steps, is_signed_off=True)
