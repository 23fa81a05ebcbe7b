"""What a rolling shutter leaves behind: attenuation at the picture's top, middle and bottom rows, by read-out time.

python -m tests.bench.stabilization.rolling_shutter --data DIR
"""

from __future__ import annotations

import argparse
import logging
import os
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.stabilization.options import StabilizerOptions
from engine.stabilization.similarity import Similarity
from engine.stabilization.stabilizer import Stabilizer
from engine.values import Frame, Inference
from tests.bench.stabilization import metrics
from tests.bench.stabilization.clips import HEIGHT, WIDTH, Clip, ClipSpec
from tests.bench.stabilization.plan import clip_for

FINE = 20  # poses a frame
ROWS = {"top": 40, "middle": 240, "bottom": 440}
log = logging.getLogger("rolling-shutter")


def row_poses(clip: Clip, index: int, readout_ms: float) -> list[Similarity]:
    """Raw-from-scene for every row of one frame; the middle row is taken at the frame's time."""
    offsets = (np.arange(HEIGHT) / HEIGHT - 0.5) * readout_ms / 1e3 * clip.spec.fps
    at = np.clip(np.round(index + offsets), 0, clip.count - 1).astype(int)
    poses = {int(k): clip.pose(int(k)) for k in set(at.tolist())}
    return [poses[int(k)] for k in at]


def picture(clip: Clip, poses: list[Similarity]) -> NDArray[np.uint8]:
    """Each row seen through its own pose."""
    turns = np.array([p.inverse().turn for p in poses])[:, None]
    shifts = np.array([p.inverse().shift for p in poses])[:, None]
    seen = turns * (np.arange(WIDTH)[None, :] + 1j * np.arange(HEIGHT)[:, None]) + shifts
    x, y = seen.real.astype(np.float32), seen.imag.astype(np.float32)
    return cv2.remap(clip.canvas.pixels, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)


def residuals(clip: Clip, readout_ms: float, has_rows: bool) -> dict[str, float]:
    """7-12 Hz attenuation in dB of scene points that lie near three rows of the picture."""
    stabilizer = Stabilizer(StabilizerOptions(has_rolling_shutter=has_rows))
    first = row_poses(clip, FINE, readout_ms)
    points = {name: first[row].inverse()(complex((WIDTH - 1) / 2, row)) for name, row in ROWS.items()}
    shown: dict[str, list[complex]] = {name: [] for name in ROWS}
    seen: dict[str, list[complex]] = {name: [] for name in ROWS}
    whole, still = np.ones((30, 40), np.float32), np.zeros((30, 40, 2), np.float32)
    for seq, index in enumerate(range(FINE, clip.count - FINE, FINE)):
        poses = row_poses(clip, index, readout_ms)
        frame = Frame(picture(clip, poses), seq, 1 + round(seq * 1e9 * FINE / clip.spec.fps))
        step = stabilizer.step(frame, Inference(seq, frame.pixels, still, whole, whole))
        for name, row in ROWS.items():
            at = poses[row](points[name])
            at = poses[int(np.clip(round(at.imag), 0, HEIGHT - 1))](points[name])
            out = step.stabilized_from_raw @ np.array([at.real, at.imag, 1.0])
            seen[name].append(at)
            shown[name].append(complex(out[0], out[1]))
    fps, everything = clip.spec.fps / FINE, [slice(0, len(seen["top"]))]
    return {
        name: metrics.attenuation(np.array(shown[name]), np.array(seen[name]), everything, fps)["7-12"] for name in ROWS
    }


def main() -> None:
    """One clip, three read-out times, without and with the correction."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=os.environ.get("STEADYSCOPE_DATA"), required=False)
    parser.add_argument("--seed", type=int, default=101)
    parser.add_argument("--seconds", type=float, default=6.0)
    arguments = parser.parse_args()
    if arguments.data is None:
        raise SystemExit("No photos. Give --data or set STEADYSCOPE_DATA to the folder that holds dental-photos.")
    for readout_ms in (0.0, 10.0, 25.0):
        clip = clip_for(ClipSpec("A", arguments.seed, 30.0 * FINE, arguments.seconds), Path(arguments.data), "val")
        for has_rows in (False, True):
            found = residuals(clip, readout_ms, has_rows) if isinstance(clip, Clip) else {}
            cells = ", ".join(f"{name} {value:.1f} dB" for name, value in found.items())
            log.info("seed %d, read-out %.0f ms, corrected %s: %s", arguments.seed, readout_ms, has_rows, cells)


if __name__ == "__main__":
    main()
