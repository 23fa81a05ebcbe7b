"""The stabilizers we are compared with, each as a stream of (index, frame) made from a file of raw RGB frames."""

from __future__ import annotations

import os
import resource
import struct
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.stabilization.path import Follow, Picture, held
from engine.stabilization.similarity import Offset, Similarity
from tests.bench.stabilization.clips import HEIGHT, WIDTH

FRAME_BYTES = WIDTH * HEIGHT * 3
Shown = tuple[int, NDArray[np.uint8]]


@dataclass
class PeerRun:
    """Frames of a peer, and when they are used up, the processor time that it took."""

    frames: Iterator[Shown]
    cpu_s: float = 0.0


@dataclass(frozen=True)
class Peer:
    """One peer with fair settings."""

    name: str
    delay: str  # frames of look-ahead
    settings: str
    command: tuple[str, ...] = ()  # ffmpeg filter chain(s)

    def run(self, raw: Path, fps: float, site: Path) -> PeerRun:
        """Start it on a raw RGB file. `site`: the folder that holds vidgear, vidstab and OpenCV 4."""
        run = PeerRun(iter(()))
        run.frames = _counted(self._frames(raw, fps, site), run)
        return run

    def _frames(self, raw: Path, fps: float, site: Path) -> Iterator[Shown]:
        if self.name == "klt":
            return _klt(raw, fps)
        return _ffmpeg(self.command, raw, fps) if self.command else _worker(self.name, raw, site)


PEERS = (
    Peer("deshake", "0", "FFmpeg deshake=contrast=20", ("deshake=contrast=20:edge=blank",)),
    Peer(
        "vid.stab-10",
        "whole file",
        "vidstabdetect=shakiness=5:accuracy=15, vidstabtransform=smoothing=10:optzoom=0",
        (
            "vidstabdetect=shakiness=5:accuracy=15:result={trf}",
            "vidstabtransform=input={trf}:smoothing=10:optzoom=0:crop=black",
        ),
    ),
    Peer(
        "vid.stab-30",
        "whole file",
        "vidstabdetect=shakiness=5:accuracy=15, vidstabtransform=smoothing=30:optzoom=0",
        (
            "vidstabdetect=shakiness=5:accuracy=15:result={trf}",
            "vidstabtransform=input={trf}:smoothing=30:optzoom=0:crop=black",
        ),
    ),
    Peer("vidgear", "24", "Stabilizer(smoothing_radius=25, border_type='black')"),
    Peer("vidstab", "30", "VidStab(kp_method='GFTT'), smoothing_window=30"),
    Peer("klt", "0", "whole-frame KLT (400 corners) + RANSAC similarity + two-pole low-pass at 0.75 Hz"),
)


def _counted(frames: Iterator[Shown], run: PeerRun) -> Iterator[Shown]:
    before = _cpu_s()
    yield from frames
    run.cpu_s = _cpu_s() - before


def _cpu_s() -> float:
    """Processor seconds of finished children; the KLT peer runs here and counts by itself in the report."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _read(pipe: object, size: int) -> bytes:
    return pipe.read(size)  # type: ignore[attr-defined,no-any-return]


def _ffmpeg(command: tuple[str, ...], raw: Path, fps: float) -> Iterator[Shown]:
    quiet = ["ffmpeg", "-hide_banner", "-loglevel", "error", "-nostdin", "-threads", "1", "-filter_threads", "1"]
    source = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{WIDTH}x{HEIGHT}", "-r", str(fps), "-i", str(raw)]
    with tempfile.TemporaryDirectory() as folder:
        steps = [step.format(trf=Path(folder) / "t.trf") for step in command]
        for step in steps[:-1]:
            subprocess.run([*quiet, *source, "-vf", f"format=yuv420p,{step}", "-f", "null", "-"], check=True)
        last = [*quiet, *source, "-vf", f"format=yuv420p,{steps[-1]}", "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
        with subprocess.Popen(last, stdout=subprocess.PIPE) as process:
            index = 0
            while len(buffer := _read(process.stdout, FRAME_BYTES)) == FRAME_BYTES:
                yield index, np.frombuffer(buffer, np.uint8).reshape(HEIGHT, WIDTH, 3)
                index += 1


def _worker(name: str, raw: Path, site: Path) -> Iterator[Shown]:
    environment = {**os.environ, "PYTHONPATH": str(site), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, str(Path(__file__).with_name("peer_worker.py")), name, str(WIDTH), str(HEIGHT)]
    with (
        raw.open("rb") as source,
        subprocess.Popen(
            command, stdin=source, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
        ) as process,
    ):
        while len(head := _read(process.stdout, 4)) == 4:
            buffer = _read(process.stdout, FRAME_BYTES)
            yield struct.unpack("<i", head)[0], np.frombuffer(buffer, np.uint8).reshape(HEIGHT, WIDTH, 3)


def raw_frames(raw: Path) -> Iterator[NDArray[np.uint8]]:
    """The frames of a raw RGB file."""
    with raw.open("rb") as file:
        while len(buffer := file.read(FRAME_BYTES)) == FRAME_BYTES:
            yield np.frombuffer(buffer, np.uint8).reshape(HEIGHT, WIDTH, 3)


def _klt(raw: Path, fps: float) -> Iterator[Shown]:
    """The usual zero-delay recipe, with our own path and crop budget, so that only the motion estimate differs."""
    picture = Picture(WIDTH, HEIGHT, 0.075)
    path, lag, before = Follow(0.75, picture), Offset(), None
    for index, frame in enumerate(raw_frames(raw)):
        grey = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)
        moved = Similarity()
        if before is not None:
            corners = cv2.goodFeaturesToTrack(before, 400, 0.01, 8)
            if corners is not None and len(corners) >= 12:
                found, status, _ = cv2.calcOpticalFlowPyrLK(before, grey, corners, None, winSize=(15, 15), maxLevel=3)
                good = status.ravel() == 1
                matrix = None
                if int(good.sum()) >= 8:
                    matrix, _ = cv2.estimateAffinePartial2D(
                        corners[good], found[good], method=cv2.RANSAC, ransacReprojThreshold=1.5
                    )
                if matrix is not None:
                    moved = Similarity(complex(matrix[0, 0], matrix[1, 0]), complex(matrix[0, 2], matrix[1, 2]))
        before = grey
        lag = picture.within(path.advance(held(lag, moved, picture.centre), 1 / fps))
        matrix = lag.at(picture.centre).matrix()[:2]
        yield index, cv2.warpAffine(frame, matrix, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR)
