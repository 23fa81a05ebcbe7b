"""Runs one Python peer in a process of its own, with its own OpenCV 4: raw RGB frames in by pipe, raw RGB frames out.

Each output is preceded by a little-endian int32, the index of the input frame it shows. Started by peers.py.
"""

from __future__ import annotations

import struct
import sys
from collections.abc import Iterator

import cv2
import numpy as np

Shown = tuple[int, np.ndarray]


def _vidgear(frames: Iterator[np.ndarray]) -> Iterator[Shown]:
    from vidgear.gears.stabilizer import Stabilizer

    radius = 25
    stabilizer = Stabilizer(smoothing_radius=radius, border_type="black", crop_n_zoom=False, logging=False)
    shown = 0
    for frame in frames:
        steady = stabilizer.stabilize(frame)
        if steady is not None:
            yield shown, steady
            shown += 1
    stabilizer.clean()


def _vidstab(frames: Iterator[np.ndarray]) -> Iterator[Shown]:
    from vidstab import VidStab

    window = 30
    stabilizer = VidStab(kp_method="GFTT")
    for index, frame in enumerate(frames):
        steady = stabilizer.stabilize_frame(input_frame=frame, smoothing_window=window)
        if index >= window:
            yield index - window, steady


def _frames(width: int, height: int) -> Iterator[np.ndarray]:
    size = width * height * 3
    while len(buffer := sys.stdin.buffer.read(size)) == size:
        yield cv2.cvtColor(np.frombuffer(buffer, np.uint8).reshape(height, width, 3), cv2.COLOR_RGB2BGR)


def main() -> None:
    """peer_worker.py NAME WIDTH HEIGHT"""
    name, width, height = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    run = {"vidgear": _vidgear, "vidstab": _vidstab}[name]
    out = sys.stdout.buffer
    sys.stdout = sys.stderr  # the peers print and log; the pipe carries frames only
    for index, steady in run(_frames(width, height)):
        if steady is not None and steady.shape == (height, width, 3):
            out.write(struct.pack("<i", index))
            out.write(np.ascontiguousarray(cv2.cvtColor(steady, cv2.COLOR_BGR2RGB)).tobytes())
    out.flush()


if __name__ == "__main__":
    main()
