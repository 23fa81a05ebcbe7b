"""Guided capture of board views: which view to take, how far the coverage is, and what to do next, in words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.calibration.view import BoardView, Parameters

NEW_ENOUGH = 0.2  # sum of differences in x, y, size and skew to every kept view
STILL_PX = 2.0  # the board may move this far between two frames and still be sharp
GOALS = Parameters(x=0.7, y=0.7, size=0.4, skew=0.5)  # spread of each parameter that counts as covered
FEWEST_VIEWS = 12


@dataclass(frozen=True, slots=True)
class Progress:
    """The four bars, 0..1 each, and the next hint."""

    x: float
    y: float
    size: float
    skew: float
    views: int
    hint: str

    @property
    def is_enough(self) -> bool:
        """All bars full and enough views."""
        return min(self.x, self.y, self.size, self.skew) >= 1 and self.views >= FEWEST_VIEWS


class Guide:
    """Decides which live views to keep."""

    def __init__(self) -> None:
        self.kept: list[BoardView] = []
        self._last: BoardView | None = None

    def offer(self, view: BoardView) -> tuple[bool, str]:
        """Keep the view if it is sharp, still and new; says why not in words."""
        previous, self._last = self._last, view
        if previous is None or movement_px(previous, view) > STILL_PX:
            return False, "Hold still."
        nearest = min((view.parameters.distance(one.parameters) for one in self.kept), default=np.inf)
        if nearest < NEW_ENOUGH:
            return False, self.progress().hint
        self.kept.append(view)
        return True, "Taken."

    def lose(self) -> None:
        """No board in this frame."""
        self._last = None

    def progress(self) -> Progress:
        """The bars now."""
        if not self.kept:
            return Progress(0, 0, 0, 0, 0, "Show the whole board to the camera.")
        table = np.array([(one.x, one.y, one.size, one.skew) for one in (view.parameters for view in self.kept)])
        low, high = table.min(0), table.max(0)
        goals = np.array([GOALS.x, GOALS.y, GOALS.size, GOALS.skew])
        spread = high - low
        spread[3] = high[3]  # an untilted view costs nothing: only the largest tilt counts
        bars = np.minimum(spread / goals, 1.0)
        x, y, size, skew = (float(bar) for bar in bars)
        return Progress(x, y, size, skew, len(self.kept), _hint(bars, low, high, len(self.kept)))


def movement_px(a: BoardView, b: BoardView) -> float:
    """Mean distance in pixels of the corners that both views show; infinite if they share none."""
    shared, mine, theirs = np.intersect1d(a.ids, b.ids, return_indices=True)
    if not len(shared):
        return float("inf")
    return float(np.linalg.norm(a.corners[mine] - b.corners[theirs], axis=1).mean())


def _hint(bars: np.ndarray, low: np.ndarray, high: np.ndarray, views: int) -> str:
    weakest = int(bars.argmin())
    if bars[weakest] >= 1:
        return "Enough." if views >= FEWEST_VIEWS else "A few more, each a little different."
    if weakest == 0:
        return "Move the board to the left." if low[0] > 1 - high[0] else "Move the board to the right."
    if weakest == 1:
        return "Move the board up." if low[1] > 1 - high[1] else "Move the board down."
    if weakest == 2:
        return "Come closer." if high[2] < 0.8 else "Go farther away."
    return "Tilt the board, left or right, up or down."
