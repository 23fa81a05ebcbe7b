"""The last half minute, always at hand: "save what just happened" without having recorded."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from threading import Lock, Thread

import cv2
import numpy as np

from engine.errors import RecordingError
from engine.recording.background import give_way
from engine.recording.encoder import probe
from engine.recording.index import SessionIndex
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
class _Kept:
    result: StabilizedFrame  # without its pictures
    raw_jpeg: bytes
    shown_jpeg: bytes

    @property
    def size(self) -> int:
        return len(self.raw_jpeg) + len(self.shown_jpeg)


class ReplayBuffer:
    """Keeps compressed frames on a thread of its own; `offer_output` never waits."""

    def __init__(self, limits: ReplayLimits | None = None) -> None:
        self._limits = limits or ReplayLimits()
        self._tap: Tap[StabilizedFrame] = Tap()
        self._kept: deque[_Kept] = deque()
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

    def save(self, options: RecordingOptions, patient: Patient, source: RecordedSource) -> SessionFolder:
        """Write what is held as a session of its own. Takes seconds: call it on a worker. Raises RecordingError."""
        with self._lock:
            kept = list(self._kept)
        if len(kept) < 2:
            raise RecordingError("There is nothing to save yet.", "Let the live picture run for a moment.")
        first, last = kept[0].result.raw, kept[-1].result.raw
        age_s = (time.monotonic_ns() - first.captured_ns) / 1e9
        started = datetime.now().astimezone() - timedelta(seconds=age_s)
        options.library.mkdir(parents=True, exist_ok=True)
        folder = SessionFolder.create(options.library, started)
        index = SessionIndex(folder.database)
        encoder = probe(options.crf, is_hardware_allowed=options.is_hardware_encoder_allowed)
        index.put_session(
            {
                "id": folder.session_id,
                "state": "recording",
                "started": started.isoformat(timespec="milliseconds"),
                "started_ns": first.captured_ns,
                "patient": asdict(patient),
                "operator": options.operator,
                "source": asdict(source),
                "streams": [RAW, STABILIZED],
                "encoder": encoder.codec,
                "origin": "replay",
            }
        )
        size = (source.height, source.width)
        writers = {name: VideoWriter(folder.video(name), size, source.fps or 30, encoder) for name in (RAW, STABILIZED)}
        try:
            for one in kept:
                frame = one.result.raw
                index.add_motion(one.result)
                for name, data in ((RAW, one.raw_jpeg), (STABILIZED, one.shown_jpeg)):
                    pts = writers[name].write(_decode(data), frame.captured_ns)
                    index.add_frame(name, frame.seq, frame.captured_ns, pts)
        finally:
            for writer in writers.values():
                writer.close()
        duration_s = (last.captured_ns - first.captured_ns) / 1e9
        index.put_session({"state": "complete", "duration_s": duration_s})
        index.close()
        folder.note("replay saved", datetime.now().astimezone(), seconds=round(duration_s, 2))
        return folder

    def _run(self) -> None:
        give_way()
        while not self._is_closing:
            visit = self._visit
            item = self._tap.take(POLL_S)
            if item is None:
                continue
            result = item[1]
            bare = replace(
                result,
                raw=replace(result.raw, pixels=NOTHING),
                enhanced=NOTHING,
                pixels=NOTHING,
                inference=None,
            )
            self._keep(_Kept(bare, _encode(result.raw.pixels), _encode(result.pixels)), visit)

    def _keep(self, one: _Kept, visit: int) -> None:
        oldest_ns = one.result.raw.captured_ns - round(self._limits.seconds * 1e9)
        with self._lock:
            if visit != self._visit:
                return
            self._kept.append(one)
            self._bytes += one.size
            while self._kept[0].result.raw.captured_ns < oldest_ns or self._bytes > self._limits.most_bytes:
                self._bytes -= self._kept.popleft().size
                if not self._kept:
                    break


def _encode(pixels: Image) -> bytes:
    _, data = cv2.imencode(".jpg", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    return data.tobytes()


def _decode(data: bytes) -> Image:
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), np.uint8)
