"""The last half minute, always at hand: "save what just happened" without having recorded."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from threading import Lock, Thread

import cv2
import numpy as np

from engine.errors import RecordingError
from engine.recording.background import give_way
from engine.recording.books import opening_entries
from engine.recording.encoder import Encoder, probe
from engine.recording.index import Gap, SessionIndex, connect
from engine.recording.motion_file import write_motion
from engine.recording.recorder import RecordedSource, RecordingOptions
from engine.recording.session_folder import RAW, STABILIZED, Patient, SessionFolder
from engine.recording.tap import Tap
from engine.recording.video_writer import VideoWriter
from engine.values import Image, StabilizedFrame

JPEG_QUALITY = 94
NOTHING: Image = np.zeros((0, 0, 3), np.uint8)
POLL_S = 0.2
FRAME_BYTES = 4 << 20  # about, of a result with all its pictures


@dataclass(frozen=True, slots=True)
class ReplayLimits:
    """How much is kept: whichever ends first."""

    seconds: float = 30.0
    most_bytes: int = 256 << 20


@dataclass(frozen=True, slots=True)
class Kept:
    """One frame of the buffer."""

    result: StabilizedFrame  # without its pictures
    size: tuple[int, int]  # (height, width)
    raw_jpeg: bytes
    shown_jpeg: bytes
    refused_before: int = 0  # frames that came since the one before and could not be kept: this thread was too slow

    @property
    def byte_count(self) -> int:
        """Memory of its pictures."""
        return len(self.raw_jpeg) + len(self.shown_jpeg)

    def follows(self, before: Kept) -> bool:
        """Can both stand in one video? Not after a change of the source."""
        return self.size == before.size and self.result.raw.captured_ns > before.result.raw.captured_ns


class ReplayBuffer:
    """Keeps compressed frames on a thread of its own; `offer_output` never waits."""

    def __init__(self, limits: ReplayLimits | None = None) -> None:
        self._limits = limits or ReplayLimits()
        self._tap: Tap[StabilizedFrame] = Tap()
        self._kept: deque[Kept] = deque()
        self._bytes = 0
        self._lock = Lock()
        self._is_closing = False
        self._visit = 0  # counts what was forgotten: a frame that was on its way then is not kept
        self._tap.open(FRAME_BYTES)
        self._thread = Thread(target=self._run, name="replay", daemon=True)
        self._thread.start()

    def offer_output(self, result: StabilizedFrame) -> None:
        """From the pipeline thread, for every processed frame."""
        self._tap.offer(result.raw.seq, result)

    @property
    def held_s(self) -> float:
        """Seconds that could be saved now."""
        with self._lock:
            if len(self._kept) < 2:
                return 0.0
            return (self._kept[-1].result.raw.captured_ns - self._kept[0].result.raw.captured_ns) / 1e9

    def forget(self) -> None:
        """Another source or patient: what came before is none of theirs."""
        with self._lock:
            self._kept.clear()
            self._bytes = 0
            self._visit += 1
            self._tap.open(FRAME_BYTES)

    def close(self) -> None:
        """End the thread."""
        self._is_closing = True
        self._tap.close()
        self._thread.join()

    def held(self) -> tuple[Kept, ...]:
        """What could be saved now, oldest first; it stays as it is whatever comes, and whoever sits down, later."""
        with self._lock:
            return tuple(self._kept)

    def _run(self) -> None:
        give_way()
        last_seq = -1
        while not self._is_closing:
            visit = self._visit
            item = self._tap.take(POLL_S)
            if item is None:
                continue
            seq, result = item
            refused, last_seq = self._tap.refused_between(last_seq, seq), seq
            bare = replace(
                result,
                raw=replace(result.raw, pixels=NOTHING),
                enhanced=NOTHING,
                pixels=NOTHING,
                inference=None,
            )
            height, width = result.raw.pixels.shape[:2]
            pictures = _encode(result.raw.pixels), _encode(result.pixels)
            self._keep(Kept(bare, (height, width), *pictures, refused), visit)

    def _keep(self, one: Kept, visit: int) -> None:
        oldest_ns = one.result.raw.captured_ns - round(self._limits.seconds * 1e9)
        with self._lock:
            if visit != self._visit:
                return
            if self._kept and not one.follows(self._kept[-1]):
                self._kept.clear()
                self._bytes = 0
            self._kept.append(one)
            self._bytes += one.byte_count
            while self._kept[0].result.raw.captured_ns < oldest_ns or self._bytes > self._limits.most_bytes:
                self._bytes -= self._kept.popleft().byte_count
                if not self._kept:
                    break


def save_replay(
    held: Sequence[Kept], options: RecordingOptions, patient: Patient, source: RecordedSource
) -> SessionFolder:
    """Write what was held as a session of its own. Takes seconds: call it on a worker. Raises RecordingError."""
    if len(held) < 2:
        raise RecordingError("There is nothing to save yet.", "Let the live picture run for a moment.")
    first, last = held[0].result.raw, held[-1].result.raw
    age_s = (time.monotonic_ns() - first.captured_ns) / 1e9
    started = datetime.now().astimezone() - timedelta(seconds=age_s)
    folder = SessionFolder.create(options.library, started)
    index = SessionIndex(folder.database)
    encoder = probe(options.crf, is_hardware_allowed=options.is_hardware_encoder_allowed)
    kept = replace(options, streams=(RAW, STABILIZED))
    books = opening_entries(folder, (started, first.captured_ns), patient, source, kept, encoder)
    index.put_session({**books, "origin": "replay"})
    duration_s = (last.captured_ns - first.captured_ns) / 1e9
    end = {"state": "incomplete", "duration_s": duration_s}
    try:
        _write_videos(held, folder, index, encoder, source.fps or 30)
        end["state"] = "complete"
    finally:
        index.put_session(end)
        index.close()
    with closing(connect(folder.database)) as connection:
        write_motion(connection, folder.motion)
    folder.note("replay saved", datetime.now().astimezone(), seconds=round(duration_s, 2))
    return folder


def _write_videos(
    held: Sequence[Kept], folder: SessionFolder, index: SessionIndex, encoder: Encoder, fps: float
) -> None:
    with ExitStack() as open_files:
        writers = {}
        for name in (RAW, STABILIZED):
            writers[name] = VideoWriter(folder.video(name), held[0].size, fps, encoder)
            open_files.callback(writers[name].close)
        for before, one in pairwise((held[0], *held)):
            for gap in _gaps(before, one):
                index.add_gap(gap)
            frame = one.result.raw
            index.add_motion(one.result)
            for name, data in ((RAW, one.raw_jpeg), (STABILIZED, one.shown_jpeg)):
                pts = writers[name].write(_decode(data), frame.captured_ns)
                index.add_frame(name, frame.seq, frame.captured_ns, pts)


def _gaps(before: Kept, one: Kept) -> list[Gap]:
    """What is missing between two frames. Only processed ones are kept: a camera's skips are among the pipeline's."""
    first, last = before.result.raw, one.result.raw
    kinds = {"recorder": one.refused_before, "pipeline": last.seq - first.seq - 1 - one.refused_before}
    return [
        Gap(stream, kind, first.seq + 1, count, first.captured_ns, last.captured_ns)
        for stream in (RAW, STABILIZED)
        for kind, count in kinds.items()
        if count > 0 and one is not before
    ]


def _encode(pixels: Image) -> bytes:
    _, data = cv2.imencode(".jpg", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    return data.tobytes()


def _decode(data: bytes) -> Image:
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), np.uint8)
