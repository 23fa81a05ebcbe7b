"""Lens calibration: pinhole and fisheye fitted to the same views, the better one by hold-out error, honestly judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.calibration.board import Board
from engine.calibration.view import BoardView
from engine.errors import CalibrationError

FEWEST_VIEWS = 8
HOLD_OUT_FOLDS = 5  # every fifth view is kept out of a fit and predicted by it, five times over, so that each is once
WORST_DROPPED_AT_MOST = 0.2
OUTLIER_RATIO = 2.5  # of the median view's error
MOST_RMS_PX = 0.5
MOST_HOLD_OUT_RATIO = 1.25
GRID = 3
Points = NDArray[np.float64]


class Model(Protocol):
    """One family of lens models."""

    name: str

    def fit(self, objects: list[Points], images: list[Points], size: tuple[int, int]) -> Fit: ...
    def pose_error(self, fit: Fit, objects: Points, image: Points) -> float: ...


@dataclass(frozen=True, slots=True)
class Fit:
    """Intrinsics and what they leave unexplained."""

    model: str
    camera_matrix: NDArray[np.float64]  # (3, 3)
    distortion: NDArray[np.float64]  # pinhole k1 k2 p1 p2 k3; fisheye k1..k4
    rms_px: float
    view_rms_px: NDArray[np.float64]  # (views,)
    deviations: NDArray[np.float64]  # standard deviations of fx fy cx cy and the distortion, where known


class Pinhole:
    """Brown's model with three radial and two tangential terms; k3 only where many views support it."""

    name = "pinhole"

    def fit(self, objects: list[Points], images: list[Points], size: tuple[int, int]) -> Fit:
        """Fit all views. `objects` (N, 3) mm and `images` (N, 2) pixels a view."""
        flags = 0 if len(objects) >= 2 * FEWEST_VIEWS else cv2.CALIB_FIX_K3
        rms, matrix, distortion, _, _, deviations, _, view_errors = cv2.calibrateCameraExtended(
            [one.astype(np.float32) for one in objects],
            [one.astype(np.float32) for one in images],
            size,
            None,
            None,
            flags=flags,
        )
        spread = np.asarray(deviations, np.float64).ravel()[:9]
        return Fit(self.name, matrix, distortion.ravel()[:5], float(rms), np.asarray(view_errors).ravel(), spread)

    def pose_error(self, fit: Fit, objects: Points, image: Points) -> float:
        """RMS distance in pixels of a view that was not fitted, with its own best pose."""
        _, rotation, shift = cv2.solvePnP(objects, image, fit.camera_matrix, fit.distortion)
        predicted, _ = cv2.projectPoints(objects, rotation, shift, fit.camera_matrix, fit.distortion)
        return rms_distance(np.asarray(predicted).reshape(-1, 2), image)


class Fisheye:
    """Kannala and Brandt's model."""

    name = "fisheye"

    def fit(self, objects: list[Points], images: list[Points], size: tuple[int, int]) -> Fit:
        """Fit all views; a set of views that the model cannot explain raises cv2.error."""
        flags = cv2.CALIB_RECOMPUTE_EXTRINSIC | cv2.CALIB_FIX_SKEW
        shaped = [one.reshape(1, -1, 3) for one in objects]
        seen = [one.reshape(1, -1, 2) for one in images]
        matrix, distortion = np.eye(3), np.zeros((4, 1))
        rms, matrix, distortion, rotations, shifts = cv2.fisheye.calibrate(
            shaped, seen, size, matrix, distortion, flags=flags
        )
        errors = [
            rms_distance(self._project(one, rotation, shift, matrix, distortion), image.reshape(-1, 2))
            for one, image, rotation, shift in zip(shaped, seen, rotations, shifts, strict=True)
        ]
        return Fit(self.name, matrix, distortion.ravel(), float(rms), np.asarray(errors), np.zeros(0))

    def pose_error(self, fit: Fit, objects: Points, image: Points) -> float:
        """RMS distance in pixels of a view that was not fitted, with its own best pose."""
        straight = cv2.fisheye.undistortPoints(image.reshape(1, -1, 2), fit.camera_matrix, fit.distortion)
        _, rotation, shift = cv2.solvePnP(objects, straight.reshape(-1, 2), np.eye(3), None)
        predicted = self._project(objects.reshape(1, -1, 3), rotation, shift, fit.camera_matrix, fit.distortion)
        return rms_distance(predicted, image)

    @staticmethod
    def _project(objects: Points, rotation: Points, shift: Points, matrix: Points, distortion: Points) -> Points:
        points, _ = cv2.fisheye.projectPoints(objects, rotation, shift, matrix, distortion)
        return np.asarray(points, np.float64).reshape(-1, 2)


MODELS: tuple[Model, ...] = (Pinhole(), Fisheye())


@dataclass(frozen=True, slots=True)
class LensResult:
    """What the technician signs."""

    model: str
    camera_matrix: NDArray[np.float64]
    distortion: NDArray[np.float64]
    deviations: NDArray[np.float64]
    image_size: tuple[int, int]  # (width, height)
    rms_px: float
    holdout_rms_px: float
    accepted: tuple[tuple[str, float], ...]  # view name, its RMS in pixels
    rejected: tuple[tuple[str, str], ...]  # view name, why
    mm_per_px: float  # on the board's plane, median of the views: the scale for vibration in micrometres
    failures: tuple[str, ...]  # why the verdict is "fail"; empty when it passes

    @property
    def verdict(self) -> str:
        """ "pass" or "fail"."""
        return "fail" if self.failures else "pass"


def calibrate(views: Sequence[BoardView], board: Board, rejected: Sequence[tuple[str, str]] = ()) -> LensResult:
    """Fit every model, keep the one that predicts unseen views best. Raises CalibrationError for too little to fit."""
    if len(views) < FEWEST_VIEWS:
        raise CalibrationError(
            f"Only {len(views)} usable views of the board; {FEWEST_VIEWS} are needed.",
            "Take more views, from different places and angles.",
        )
    sizes = {view.image_size for view in views}
    if len(sizes) != 1:
        raise CalibrationError("The pictures have different sizes.", "Use pictures of one camera in one format.")
    kept, dropped = _without_outliers(list(views), board)
    scores = [(model, _hold_out(model, kept, board)) for model in MODELS]
    model, holdout = min(scores, key=_score)
    fit = model.fit(*_points(kept, board), kept[0].image_size)
    dropped_all = (*rejected, *((view.name, "an outlier") for view in dropped))
    return LensResult(
        model=model.name,
        camera_matrix=fit.camera_matrix,
        distortion=fit.distortion,
        deviations=fit.deviations,
        image_size=kept[0].image_size,
        rms_px=fit.rms_px,
        holdout_rms_px=holdout,
        accepted=tuple((view.name, float(error)) for view, error in zip(kept, fit.view_rms_px, strict=True)),
        rejected=dropped_all,
        mm_per_px=float(np.median([_scale(view, board) for view in kept])),
        failures=_failures(fit.rms_px, holdout, kept),
    )


def rms_distance(a: Points, b: Points) -> float:
    """Root mean square distance of (N, 2) points, in pixels."""
    return float(np.sqrt(((a - b) ** 2).sum(-1).mean()))


def uncovered_cells(views: Sequence[BoardView]) -> list[str]:
    """Cells of a 3x3 grid over the picture in which no view has a corner, in words."""
    width, height = views[0].image_size
    names = [f"{row} {column}" for row in ("top", "middle", "bottom") for column in ("left", "centre", "right")]
    covered = set()
    for view in views:
        cells = np.clip((view.corners / (width, height) * GRID).astype(int), 0, GRID - 1)
        covered |= set((cells[:, 1] * GRID + cells[:, 0]).tolist())
    return [name for index, name in enumerate(names) if index not in covered]


def _points(views: Sequence[BoardView], board: Board) -> tuple[list[Points], list[Points]]:
    places = board.corners_mm().astype(np.float64)
    return [places[view.ids] for view in views], [view.corners.astype(np.float64) for view in views]


def _without_outliers(views: list[BoardView], board: Board) -> tuple[list[BoardView], list[BoardView]]:
    """Drop the worst view while it stands out, a fifth of all at most and never below the fewest."""
    kept = list(views)
    dropped: list[BoardView] = []
    allowance = int(WORST_DROPPED_AT_MOST * len(views))
    while len(dropped) < allowance and len(kept) > FEWEST_VIEWS:
        errors = MODELS[0].fit(*_points(kept, board), kept[0].image_size).view_rms_px
        worst = int(errors.argmax())
        if errors[worst] < OUTLIER_RATIO * float(np.median(errors)):
            break
        dropped.append(kept.pop(worst))
    return kept, dropped


def _hold_out(model: Model, views: Sequence[BoardView], board: Board) -> float:
    """RMS in pixels of every view under a fit that never saw it; infinite if the model cannot be fitted.

    All views are predicted in turn: with a dozen views, a fifth of them kept out once says more of those two or three
    views than of the fit.
    """
    errors: list[float] = []
    try:
        for fold in range(HOLD_OUT_FOLDS):
            held = views[fold::HOLD_OUT_FOLDS]
            fitted = [view for index, view in enumerate(views) if index % HOLD_OUT_FOLDS != fold]
            fit = model.fit(*_points(fitted, board), views[0].image_size)
            errors += [model.pose_error(fit, places, seen) for places, seen in zip(*_points(held, board), strict=True)]
    except cv2.error:
        return float("inf")
    error = float(np.sqrt(np.mean(np.square(errors))))
    return error if np.isfinite(error) else float("inf")


def _score(entry: tuple[Model, float]) -> float:
    """Pinhole is preferred unless fisheye is clearly better: fewer ways to be wrong outside the data."""
    model, error = entry
    return error * (1.0 if model.name == "pinhole" else 1.05)


def _scale(view: BoardView, board: Board) -> float:
    homography, _ = cv2.findHomography(view.corners, board.corners_mm()[view.ids, :2])
    centre = view.corners.mean(0)
    here, there = (
        cv2.perspectiveTransform((centre + offset).reshape(1, 1, 2).astype(np.float64), homography).ravel()
        for offset in (np.zeros(2), np.array([1.0, 0.0]))
    )
    return float(np.linalg.norm(there - here))


def _failures(rms: float, holdout: float, views: Sequence[BoardView]) -> tuple[str, ...]:
    reasons = []
    if rms > MOST_RMS_PX:
        reasons.append(f"RMS {rms:.2f} px is over {MOST_RMS_PX} px")
    if holdout > max(MOST_HOLD_OUT_RATIO * rms, 0.1):
        reasons.append(
            f"unseen views are {holdout:.2f} px off, over {MOST_HOLD_OUT_RATIO} times the fit's {rms:.2f} px"
        )
    missing = uncovered_cells(views)
    if missing:
        reasons.append(f"no corner was seen at the {', '.join(missing)}")
    return tuple(reasons)
