"""One row of figures for each clip and method."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.stabilization.options import StabilizerOptions
from engine.stabilization.similarity import Similarity
from tests.bench.stabilization import metrics
from tests.bench.stabilization.clips import CENTRE, HEIGHT, WIDTH, ClipSpec
from tests.bench.stabilization.plan import clip_for
from tests.bench.stabilization.record import TRACKING, Track, load_track, tracks_in

SKIPPED = 3  # frames after a loss that nobody is judged by
SHORTEST = 48  # frames of a stretch
FALSE_PX = 3.0
EDGE_PX = 0.5  # less room than this and the crop is used up, as far as a similarity tells beside a rolling shutter
Row = dict[str, float | str]


@dataclass(frozen=True)
class Truth:
    """What is known of a clip without its pixels."""

    poses: list[Similarity]
    visible: NDArray[np.bool_]
    switch: int
    fps: float
    kind: str


def spec_of(name: str) -> ClipSpec:
    """The spec of a results folder, from its name."""
    head, fps, seconds = name.split("-")
    digits = len(head) - len(head.rstrip("0123456789"))
    return ClipSpec(
        head[:-digits], int(head[-digits:]), float(fps.removesuffix("fps")), float(seconds.removesuffix("s"))
    )


def truth_of(folder: Path, data: Path | None, split: str = "val") -> Truth:
    """Read from the results folder, or made from the photos and kept there."""
    path, spec = folder / "truth.npz", spec_of(folder.name)
    if not path.exists():
        if data is None:
            raise SystemExit(f"No truth beside {folder.name}. Give --data once.")
        clip = clip_for(spec, data, split)
        poses = [clip.pose(k) for k in range(clip.count)]
        np.savez_compressed(
            path,
            poses=np.array([(p.turn, p.shift) for p in poses]),
            visible=np.array([clip.is_visible(k) for k in range(clip.count)]),
            switch=clip.switch,
        )
    with np.load(path) as file:
        poses = [Similarity(complex(turn), complex(shift)) for turn, shift in file["poses"]]
        return Truth(poses, file["visible"], int(file["switch"]), spec.fps, spec.kind)


def summarize(truth: Truth, track: Track) -> Row:
    """All figures of one method on one clip; NaN where one does not apply."""
    known = ~np.isnan(track.correction[:, 0].real)
    shown = [track.similarity(k) @ p if known[k] else p for k, p in enumerate(truth.poses)]
    out, into = metrics.path_of(shown), metrics.path_of(truth.poses)
    is_ours = bool((track.tracking >= 0).any())
    runs = metrics.stretches(truth.visible & known, SKIPPED, SHORTEST)
    db = metrics.attenuation(out, into, runs, truth.fps)
    crop = StabilizerOptions().crop if is_ours else 0.0
    covers = (
        [metrics.cover(track.similarity(k), WIDTH, HEIGHT) for k in np.flatnonzero(known)[::5]]
        if not is_ours
        else [1.0]
    )
    row: Row = {f"db_{band}": value for band, value in db.items()}
    row |= {
        "known": float(known[truth.visible].mean()),
        "gain_0.4": metrics.intent_gain(out, into, runs, truth.fps),
        "lag_px": metrics.view_lag_px(out, into, runs),
        "cover_mean": float(np.mean(covers)) if covers else math.nan,
        "cover_min": float(np.min(covers)) if covers else math.nan,
        "retained": (1 - crop) ** 2,
        "cropping": _cropping(track, known, crop),
        "distortion": 1.0,
        "stability": metrics.stability(shown, runs),
        **track.facts,
    }
    if is_ours:
        row |= _own_figures(truth, track, out)
    return row


def _cropping(track: Track, known: NDArray[np.bool_], crop: float) -> float:
    """NUS cropping: mean of min(1, 1 / scale), the crop's zoom included."""
    zoom = np.abs(track.correction[known, 0]) / (1 - crop)
    return float(np.minimum(1.0, 1 / zoom).mean()) if len(zoom) else math.nan


def _own_figures(truth: Truth, track: Track, out: metrics.Path) -> Row:
    """What only a stabilizer that tells its state can be asked."""
    is_tracking = track.tracking == TRACKING.index("tracking")
    error = np.where(is_tracking, track.error_px, np.nan)
    seen = error[truth.visible & is_tracking]
    row: Row = {
        "tracking": float(is_tracking[truth.visible].mean()),
        "error_p50": float(np.nanmedian(seen)) if len(seen) else math.nan,
        "error_p95": float(np.nanpercentile(seen, 95)) if len(seen) else math.nan,
        "false_frames": float((truth.visible & is_tracking & (error > FALSE_PX)).sum()),
        "least_room_px": float(np.nanmin(track.room_px)),
        "ms_p50": float(np.median(track.ms)),
        "ms_p99": float(np.percentile(track.ms, 99)),
        "reacquire": reacquired(truth, error, track.anchor),
        "anchors": float(track.anchor.max()),
    }
    if len(truth.poses) / truth.fps >= 60:
        row["drift_px_min"] = drift(truth, error, track.anchor)
    return row | _jumps(truth, track, out)


def reacquired(truth: Truth, error: NDArray[np.float64], anchor: NDArray[np.int32]) -> float:
    """Worst number of frames from a return to view to five within a pixel on the old anchor; inf: never."""
    starts = np.flatnonzero(np.diff(truth.visible.astype(np.int8)) == 1) + 1
    worst = -1.0
    for start in starts:
        later = np.flatnonzero(~truth.visible[start:])
        stop = start + int(later[0]) if len(later) else len(error)
        if stop - start < 8:
            continue
        good = (error[start:stop] < 1.0) & (anchor[start:stop] == anchor[start - 1])
        firsts = [k for k in range(len(good) - 4) if good[k : k + 5].all()]
        worst = max(worst, float(firsts[0]) if firsts else math.inf)
    return worst if worst >= 0 else math.nan


def drift(truth: Truth, error: NDArray[np.float64], anchor: NDArray[np.int32]) -> float:
    """Slope of the pose error against the same anchor, pixels a minute."""
    good = np.isfinite(error) & truth.visible & (anchor == anchor[-1])
    t = np.flatnonzero(good) / truth.fps / 60
    return float(np.polyfit(t, error[good], 1)[0]) if len(t) > 100 else math.nan


def _jumps(truth: Truth, track: Track, out: metrics.Path) -> Row:
    """Largest step and change of step of the shown tooth, pixels, in the second after each re-anchoring.

    `_room_` leaves out the steps onto the crop's edge: there the camera's own movement passes. `own_` is what the
    stabilizer meant to show, by the poses that it told: without the errors of these.
    """
    own = _own_steps(track)
    lost = np.isin(track.tracking, [TRACKING.index("lost"), TRACKING.index("reanchoring")])
    back = np.flatnonzero(lost[:-1] & ~lost[1:]) + 1
    step, bend, free, own_free = [0.0], [0.0], [0.0], [0.0]
    for start in back:
        stop = min(len(out), start + round(truth.fps))
        held = (track.tracking[start:stop] == TRACKING.index("tracking")) & truth.visible[start:stop]
        if stop - start > 4 and held.all():  # a second loss in between would show the camera's own tremor
            steps = np.abs(np.diff(out[start:stop]))
            step.append(float(steps.max()))
            bend.append(float(np.abs(np.diff(out[start:stop], n=2)).max()))
            has_room = track.room_px[start + 1 : stop] > EDGE_PX
            free.append(float(np.where(has_room, steps, 0).max()))
            own_free.append(float(np.where(has_room, own[start + 1 : stop], 0).max(initial=0)))
    if not len(back):
        return {}
    return {
        "jump_px": max(step),
        "jump2_px": max(bend),
        "jump_room_px": max(free),
        "own_jump_room_px": float(np.max(own_free)),  # NaN where the poses were not kept
        "relocks": len(step) - 1.0,
        "relocks_over_1px": float(sum(one > 1 for one in step)),
    }


def _own_steps(track: Track) -> NDArray[np.float64]:
    """(N,) pixels that the tooth moves in the picture from the frame before, as the stabilizer believes.

    NaN where a pose is unknown or the anchor is new.
    """
    steps = np.full(len(track.pose), np.nan)
    known = ~np.isnan(track.pose[:, 0].real)
    for k in range(1, len(steps)):
        if known[k] and known[k - 1] and track.anchor[k] == track.anchor[k - 1]:
            now, before = (track.similarity(j) @ Similarity(*track.pose[j].tolist()) for j in (k, k - 1))
            steps[k] = abs((now @ before.inverse())(CENTRE) - CENTRE)
    return steps


def rows_of(work: Path, data: Path | None) -> list[Row]:
    """Every saved track, summarized."""
    rows: list[Row] = []
    for folder in sorted(p for p in work.iterdir() if p.is_dir()):
        tracks = tracks_in(folder)
        truth = truth_of(folder, data) if tracks else None
        for path in tracks if truth is not None else []:
            track = load_track(path)
            row: Row = {"clip": folder.name, "kind": truth.kind, "fps": truth.fps, "method": path.stem}
            rows.append(row | {"made_by": track.made_by} | summarize(truth, track))
    return rows
