"""How near the re-appearances come to a false lock: python -m tests.bench.stabilization.evidence --data DIR --out FILE

For each clip: how the last visible frame before the white-out was located, half in spray, and how far off; and after
it the correlation with which the old tooth was found, or the most that was refused, against what was needed.
"""

from __future__ import annotations

import argparse
import csv
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from unittest.mock import patch

import cv2
import numpy as np

from engine.stabilization.anchor import Anchor
from engine.stabilization.keyframe import Registration
from engine.stabilization.similarity import Similarity
from engine.stabilization.stabilizer import Stabilizer
from engine.values import Frame, Tracking
from tests.bench.stabilization.clips import CENTRE, Clip
from tests.bench.stabilization.fields import Fields
from tests.bench.stabilization.network import network_maker
from tests.bench.stabilization.plan import clip_for
from tests.bench.stabilization.summary import spec_of

_CLIPS = ",".join(f"{kind}{400 + n}-30fps-3s" for n in range(48) for kind in ["RNRO"[n % 4]])
_RULED_OUT_SUPPORT = 0.22  # less is refused however alike; see anchor.py


@dataclass
class Row:
    """One clip. Correlations -1..1."""

    clip: str
    spray_tracking: str = ""  # state in the last visible frame before the white-out
    spray_reason: str = ""
    spray_error_px: float = math.nan  # of the pose told there; NaN where none was told
    searched: int = 0  # candidates that settled, in visible frames after the white-out
    is_found: bool = False  # the old anchor, wherever it is in the picture
    correlation: float = math.nan  # with which it was found; else the most that was refused
    needed: float = math.nan
    found_error_px: float = math.nan  # inf: what was found is another mouth


@contextmanager
def _judged() -> Iterator[list[tuple[Registration, float, bool]]]:
    """What the search asked about, the correlation that was needed and the answer."""
    heard: list[tuple[Registration, float, bool]] = []
    judge = Anchor.is_found

    def listen(anchor: Anchor, registration: Registration | None) -> bool:
        answer = judge(anchor, registration)
        if registration is not None:
            heard.append((registration, anchor.least_afresh, answer))
        return answer

    with patch.object(Anchor, "is_found", listen):
        yield heard


def evidence(clip: Clip, fields: Fields) -> Row:
    """One clip through a fresh stabilizer."""
    row, stabilizer, plane = Row(clip.spec.name), Stabilizer(), Similarity()
    last = max(k for k in range(clip.switch) if clip.is_visible(k))
    with _judged() as heard:
        for index in range(clip.count):
            truth = clip.frame(index)
            frame = Frame(truth.pixels, index, 1 + int(clip.times_s[index] * 1e9))
            step = stabilizer.step(frame, fields.infer(clip, index, truth, frame))
            pose = stabilizer.raw_from_anchor
            if index == last - 1:
                plane = pose.inverse() @ truth.raw_from_scene
            error = abs((pose @ plane)(truth.raw_from_scene.inverse()(CENTRE)) - CENTRE)
            if index == last:
                row.spray_tracking, row.spray_reason = step.tracking.value, step.reason
                row.spray_error_px = error if step.tracking is Tracking.TRACKING else math.nan
            if index >= clip.switch and clip.is_visible(index) and not row.is_found:
                _weigh(row, heard)
                if row.is_found:
                    row.found_error_px = math.inf if clip.spec.kind == "O" else error
            heard.clear()
    return row


def _weigh(row: Row, heard: list[tuple[Registration, float, bool]]) -> None:
    """Keep what was found, or what came nearest to it."""
    for registration, needed, answer in heard:
        if registration.support < _RULED_OUT_SUPPORT:
            continue
        row.searched += 1
        margin = registration.correlation - needed
        if answer or not margin < row.correlation - row.needed:
            row.is_found, row.correlation, row.needed = answer, registration.correlation, needed


def main() -> None:
    """Measure and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with dental-photos")
    parser.add_argument("--out", type=Path, required=True, help="CSV to write")
    parser.add_argument("--clips", default=_CLIPS, help="names of re-appearances")
    parser.add_argument("--weights", default="", help="manifest name; empty: best there is")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    make = network_maker(arguments.weights)
    if make is None:
        raise SystemExit("No network. Build or fetch the weights first.")
    clips = (clip_for(spec_of(name), arguments.data, "val") for name in arguments.clips.split(","))
    write([evidence(clip, make()) for clip in clips if isinstance(clip, Clip)], arguments.out)


def write(rows: list[Row], path: Path) -> None:
    """One line for each clip."""
    with path.open("w", newline="") as file:
        table = csv.DictWriter(file, list(asdict(rows[0])))
        table.writeheader()
        for row in rows:
            told = {k: round(v, 3) if isinstance(v, (float, np.floating)) else v for k, v in asdict(row).items()}
            table.writerow(told)


if __name__ == "__main__":
    main()
