"""The drill passes, and it can fail."""

from __future__ import annotations

import pytest

from engine.capture.synthetic import SyntheticSource
from engine.drill import PLANS, Row, run_drill
from engine.values import Frame, Liveness

ALARMING = ("frozen frames", "repeated old frames", "hung read", "clock jump, then frozen frames")


@pytest.fixture(scope="module")
def camera() -> SyntheticSource:
    camera = SyntheticSource(size=(192, 144))
    camera.open()
    camera.close()
    return camera


class BlindJudge:
    """A disabled watcher: everything is live, always."""

    def see(self, frame: Frame, now: int) -> None:
        """Look away."""

    def verdict(self, now: int) -> Liveness:
        return Liveness.LIVE

    def changes_ns(self, now: int) -> int | None:
        return None


def of(rows: list[Row], reaction: str) -> list[Row]:
    return [row for row in rows if row.reaction == reaction]


def test_every_reaction_is_in_time(camera: SyntheticSource) -> None:
    quick = tuple(plan for plan in PLANS if plan.fault in ("frozen frames", "wrong frame size"))
    rows = run_drill(camera, plans=quick)
    if any(row.verdict != "pass" for row in rows):  # these are real times: a busy machine gets a second chance
        rows = run_drill(camera, plans=quick)
    assert [row for row in rows if row.verdict != "pass"] == []
    assert {row.fault for row in rows} == {plan.fault for plan in quick}


def test_with_the_liveness_watcher_disabled_the_drill_fails(camera: SyntheticSource) -> None:
    rows = run_drill(camera, BlindJudge, tuple(plan for plan in PLANS if plan.fault in ALARMING[:2]))
    alarms = of(rows, "amber") + of(rows, "NO LIVE IMAGE")
    assert len(alarms) == 4
    assert all(row.verdict == "fail" and row.measured_ms > row.limit_ms for row in alarms)


def test_the_plans_cover_what_was_promised() -> None:
    assert [plan.fault for plan in PLANS] == [
        "frozen frames",
        "repeated old frames",
        "unplugged camera",
        "hung read",
        "slow engine",
        "dying engine",
        "wrong frame size",
        "clock jump, then frozen frames",
    ]
