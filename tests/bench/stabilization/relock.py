"""LOCK through many white-outs on true poses, without pictures: how far the shown tooth steps after each re-lock.

python -m tests.bench.stabilization.relock [--seeds N] [--fps F]
"""

from __future__ import annotations

import argparse
import logging
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.stabilization.correction import Correction
from engine.stabilization.options import PathMode, StabilizerOptions
from engine.stabilization.path import Picture
from engine.stabilization.similarity import Offset, Similarity
from tests.bench.stabilization import metrics
from tests.bench.stabilization.clips import CENTRE, HEIGHT, WIDTH
from tests.bench.stabilization.motions import hand

log = logging.getLogger("relock")

SECONDS = 60.0
FOUND_AFTER = 2  # frames from the first clear one: what the search needs


@dataclass(frozen=True)
class Told:
    """One minute of one hand."""

    steps: list[float]  # px, the largest in the second after each re-lock
    edges: list[bool]  # was that step one onto the crop's edge?
    db: dict[str, float]


def _white(draw: np.random.Generator, t: NDArray[np.float64], fps: float) -> NDArray[np.bool_]:
    """A white-out every six seconds, as the bur clips have them, until the tooth is found again."""
    starts = np.arange(4.0, SECONDS - 2.5, 6.0)
    starts = starts + draw.uniform(0, 1.5, len(starts))
    lengths = draw.uniform(0.3, 0.6, len(starts)) + FOUND_AFTER / fps
    return ((t >= starts[:, None]) & (t < (starts + lengths)[:, None])).any(axis=0)


def run(seed: int, fps: float) -> Told:
    """LOCK on the bur clips' movement, without errors of the pose."""
    draw = np.random.default_rng(seed)
    t = np.arange(round(SECONDS * fps)) / fps
    move = hand(draw, t, float(draw.uniform(2.0, 4.5)), float(draw.uniform(6, 14)))
    poses = [Offset(complex(s), a, z).at(CENTRE) for s, a, z in zip(move.shift, move.angle, move.log_zoom, strict=True)]
    white = _white(draw, t, fps)
    options = StabilizerOptions(mode=PathMode.LOCK)
    picture = Picture(WIDTH, HEIGHT, options.crop)
    correction = Correction(picture, options)
    before, held_at = poses[0], Similarity()
    shown, at_edge, back, unseen = [], [], [], 0
    for k, pose in enumerate(poses):
        unseen = unseen + 1 if white[k] else 0
        if white[k] and unseen > round(options.coast_s * fps):
            if unseen == round(options.coast_s * fps) + 1:
                correction.lose()
            correction.ease_out(1 / fps)
        elif not white[k]:
            if k and white[k - 1]:
                correction.rejoin((held_at @ pose.inverse()).about(CENTRE))
                back.append(k)
            else:
                correction.follow(pose @ before.inverse(), 1 / fps)
            before, held_at = pose, correction.meant.at(CENTRE) @ pose
        shown.append(correction.shown.at(CENTRE) @ pose)
        at_edge.append(picture.used(correction.shown) > 0.99)
    out = metrics.path_of(shown)
    steps = [np.abs(np.diff(out[k : k + round(fps)])) for k in back]
    worst = [int(s.argmax()) for s in steps]
    return Told(
        [float(s.max()) for s in steps],
        [at_edge[k + 1 + w] for k, w in zip(back, worst, strict=True)],
        metrics.attenuation(out, metrics.path_of(poses), metrics.stretches(~white, 3, 48), fps),
    )


def main() -> None:
    """A line for all seeds."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=8)
    parser.add_argument("--fps", type=float, default=30.0)
    arguments = parser.parse_args()
    told = [run(seed, arguments.fps) for seed in range(arguments.seeds)]
    steps = np.concatenate([one.steps for one in told])
    edges = np.concatenate([one.edges for one in told])
    log.info(
        "%d re-locks: %d with a step over 1 px, %d of them onto the crop's edge; median %.2f, worst %.2f px; "
        "7-12 Hz median %.1f dB, 1-5 Hz %.1f dB",
        len(steps),
        int((steps > 1).sum()),
        int(((steps > 1) & edges).sum()),
        float(np.median(steps)),
        float(steps.max()),
        float(np.median([one.db["7-12"] for one in told])),
        float(np.median([one.db["1-5"] for one in told])),
    )


if __name__ == "__main__":
    main()
