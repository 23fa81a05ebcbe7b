"""Runs one job: renders the clip, sends it through our stabilizer with each kind of fields, and through the peers."""

from __future__ import annotations

import functools
import gc
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.stabilization.options import PathMode, StabilizerOptions
from engine.stabilization.similarity import Similarity, from_matrix
from engine.stabilization.stabilizer import Stabilizer, StabilizerStep
from engine.stabilization.warp import crop_zoom, room, warp
from engine.values import Frame, Tracking
from tests.bench.stabilization.clips import CENTRE, HEIGHT, WIDTH, Clip, ClipFrame
from tests.bench.stabilization.fields import Fields
from tests.bench.stabilization.measure import Sharpness, correction
from tests.bench.stabilization.peers import PEERS, Peer, raw_frames
from tests.bench.stabilization.plan import Job
from tests.bench.stabilization.record import TRACKING, Track, claim, empty_track, made_by, release
from tests.bench.stabilization.scenes import SceneClip
from tests.bench.stabilization.version import present_version

_KEPT_FRAMES = 700  # longer clips are rendered anew for every method

FieldMaker = Callable[[], Fields]


@dataclass(frozen=True)
class Bench:
    """What is there to run with."""

    makers: dict[str, FieldMaker]  # by source; empty: nothing of ours
    folder: Path  # of the results
    site: Path | None  # of the peers; None: no peers
    weights: str = ""  # name of the manifest for the network fields; empty: the default
    is_renewing: bool = False  # run again what another version made


def run_ours(clip: Clip | SceneClip, fields: Fields, mode: str) -> Track:
    """Every frame through a fresh stabilizer, as the pipeline would do it."""
    options = StabilizerOptions(mode=PathMode(mode))
    stabilizer, track, sharp = Stabilizer(options), empty_track(clip.count), Sharpness()
    uncrop = crop_zoom(WIDTH, HEIGHT, options.crop).inverse()
    planes: dict[int, Similarity] = {}
    spent = np.zeros(clip.count)
    for index in range(clip.count):
        truth = clip.frame(index)
        frame = Frame(truth.pixels, index, 1 + int(clip.times_s[index] * 1e9))
        inference = fields.infer(clip, index, truth, frame)
        start = time.perf_counter()
        step = stabilizer.step(frame, inference)
        spent[index] = (time.perf_counter() - start) * 1e3
        steady = uncrop @ from_matrix(step.stabilized_from_raw, CENTRE)
        track.correction[index] = steady.turn, steady.shift
        track.tracking[index] = TRACKING.index(step.tracking.value)
        track.anchor[index] = step.anchor
        track.room_px[index] = room(steady, WIDTH, HEIGHT, options.crop)
        if step.tracking is Tracking.TRACKING:
            track.pose[index] = stabilizer.raw_from_anchor.turn, stabilizer.raw_from_anchor.shift
        track.error_px[index] = _error(clip, index, step, truth, stabilizer.raw_from_anchor, planes)
        sharp.add(warp(frame.pixels, step.stabilized_from_raw), clip.is_visible(index))
    track.ms = spent
    track.facts = _facts(sharp)
    return track


def _error(
    clip: Clip, index: int, step: StabilizerStep, truth: ClipFrame, pose: Similarity, planes: dict[int, Similarity]
) -> float:
    """Distance at the picture's centre of the told pose from the true one; infinite for an anchor that is not there."""
    if step.tracking is not Tracking.TRACKING:
        return float("nan")
    is_after = index >= clip.switch
    key = step.anchor if clip.spec.kind != "O" or not is_after else -step.anchor
    if clip.spec.kind == "O" and is_after and step.anchor in planes:
        return float("inf")
    if key not in planes:
        planes[key] = pose.inverse() @ truth.raw_from_scene
        return 0.0
    return abs((pose @ planes[key])(truth.raw_from_scene.inverse()(CENTRE)) - CENTRE)


def _facts(sharp: Sharpness) -> dict[str, float]:
    if not sharp.psnr_db:
        return {}
    return {"itf_db": float(np.mean(sharp.psnr_db)), "sharpness": float(np.mean(sharp.laplacian))}


def run_peer(clip: Clip, peer: Peer, raw: Path, site: Path) -> Track:
    """A peer's output, measured by registration against its own input."""
    track, sharp = empty_track(clip.count), Sharpness()
    began = time.process_time()
    spent_here = 0.0
    run = peer.run(raw, clip.spec.fps, site)
    for (index, shown), source in _paired(run.frames, raw):
        here = time.process_time()
        if clip.is_visible(index):
            found = correction(shown, source)
            if found is not None:
                track.correction[index] = found.turn, found.shift
        sharp.add(shown, clip.is_visible(index))
        spent_here += time.process_time() - here
    own = time.process_time() - began - spent_here if peer.name == "klt" else 0.0
    track.facts = {**_facts(sharp), "cpu_ms": (run.cpu_s + own) * 1e3 / clip.count}
    return track


def _paired(
    shown: Iterator[tuple[int, NDArray[np.uint8]]], raw: Path
) -> Iterator[tuple[tuple[int, NDArray[np.uint8]], NDArray[np.uint8]]]:
    """Each output with the input frame that it shows."""
    source, at = raw_frames(raw), -1
    current: NDArray[np.uint8] | None = None
    for index, frame in shown:
        while at < index:
            current = next(source)
            at += 1
        if current is not None:
            yield (index, frame), current


def _write_raw(clip: Clip, path: Path, is_masked: bool) -> None:
    """All frames as raw RGB; masked: what is not visible tooth is blanked to the tooth's mean."""
    with path.open("wb") as file:
        for index in range(clip.count):
            truth = clip.frame(index)
            pixels = truth.pixels
            if is_masked:
                mean = cv2.mean(pixels, truth.tooth)[:3]
                pixels = pixels.copy()
                pixels[truth.tooth == 0] = np.array(mean, np.uint8)
            file.write(np.ascontiguousarray(pixels).tobytes())


def run_job(job: Job, make_clip: Callable[[], Clip | SceneClip], bench: Bench) -> int:
    """Everything of a job that is not yet there; returns how many tracks were made."""
    made = 0
    pending: list[tuple[Path, Callable[[Clip], Track]]] = []
    for source in job.ours:
        if source in bench.makers:
            pending += [
                (bench.folder / job.name / f"ours-{source}-{mode}.npz", _ours_task(bench.makers[source], mode))
                for mode in job.modes
            ]
    if bench.is_renewing:
        _drop_old([path for path, _ in pending], bench.weights)
    clip = make_clip() if any(not path.exists() for path, _ in pending) or bench.site else None
    if clip is not None and clip.count <= _KEPT_FRAMES:
        clip.frame = functools.cache(clip.frame)  # type: ignore[method-assign]
    for path, task in pending:
        if clip is not None and claim(path):
            try:
                track = task(clip)
                track.made_by = present_version(path.stem, bench.weights)
                track.save(path)
                made += 1
            finally:
                release(path)
    if clip is not None:
        vars(clip).pop("frame", None)  # the kept frames go before the peers come
        gc.collect()
    if clip is not None and job.has_peers:
        for is_masked in (False, True) if job.has_masked_peers else (False,):
            made += _run_peers(job, clip, bench, is_masked)
    return made


def _drop_old(paths: list[Path], weights: str) -> None:
    """Remove what another version made; it is run again."""
    for path in paths:
        if path.exists() and made_by(path) != present_version(path.stem, weights):
            path.unlink()


def _ours_task(maker: FieldMaker, mode: str) -> Callable[[Clip], Track]:
    def task(clip: Clip) -> Track:
        return run_ours(clip, maker(), mode)

    return task


def _run_peers(job: Job, clip: Clip, bench: Bench, is_masked: bool) -> int:
    """All peers that are still missing, on one rendering of the clip."""
    if bench.site is None:
        return 0
    suffix = "-masked" if is_masked else ""
    todo = [(peer, bench.folder / job.name / f"{peer.name}{suffix}.npz") for peer in PEERS]
    if bench.is_renewing:
        _drop_old([path for _, path in todo], bench.weights)
    todo = [(peer, path) for peer, path in todo if claim(path)]
    made = 0
    try:
        if todo:
            with tempfile.TemporaryDirectory() as scratch:
                raw = Path(scratch) / "clip.rgb"
                _write_raw(clip, raw, is_masked)
                for peer, path in todo:
                    track = run_peer(clip, peer, raw, bench.site)
                    track.made_by = present_version(path.stem)
                    track.save(path)
                    made += 1
    finally:
        for _, path in todo:
            release(path)
    return made
