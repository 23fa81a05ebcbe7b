"""One recorded stream: a thread that takes frames from its tap, encodes them and books them and their gaps."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Generic, TypeVar

from engine.errors import RecordingError
from engine.recording.encoder import Encoder
from engine.recording.index import Gap, SessionIndex
from engine.recording.tap import Tap
from engine.recording.video_writer import VideoWriter
from engine.values import Image

R = TypeVar("R")
POLL_S = 0.2

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Track(Generic[R]):
    """One file that is fed from a tap: which picture of the value goes in."""

    name: str  # "raw", "stabilized", "enhanced"
    path: Path
    picture: Callable[[R], Image]
    missing_means: str  # the kind of a gap that is not the recorder's own: "capture" or "pipeline"


class StreamRecorder(Generic[R]):
    """Runs until its tap is closed and empty. `error` holds what ended it early."""

    def __init__(
        self,
        tap: Tap[R],
        tracks: tuple[Track[R], ...],
        captured_ns: Callable[[R], int],
        index: SessionIndex,
        encoder: Encoder,
        fps: float,
    ) -> None:
        self.error: RecordingError | None = None
        self.frame_count = 0
        self.first_ns: int | None = None
        self._tap, self._tracks, self._captured_ns, self._index = tap, tracks, captured_ns, index
        self._encoder, self._fps = encoder, fps
        self._writers: list[VideoWriter] = []
        self._last: tuple[int, int] | None = None  # seq, captured_ns
        self._is_closing = False
        self._thread = Thread(target=self._run, name=f"record-{tracks[0].name}", daemon=True)

    def start(self) -> None:
        """Begin to take frames."""
        self._thread.start()

    def finish(self) -> None:
        """Write what is queued, close the files and wait for that."""
        self._is_closing = True
        self._tap.close()
        self._thread.join()

    def _run(self) -> None:
        try:
            while True:
                item = self._tap.take(POLL_S)
                if item is None:
                    if self._is_closing:
                        break
                    continue
                self._write(*item)
        except RecordingError as error:
            self._give_up(error)
        except Exception:  # this thread's top frame: a bug ends the stream, and the session says so
            log.exception("recording %s", self._tracks[0].name)
            self._give_up(RecordingError("Recording failed with a fault of this program.", "The log file says more."))
        self._close_writers()

    def _give_up(self, error: RecordingError) -> None:
        self.error = error
        self._tap.close()
        while (item := self._tap.take(0)) is not None:  # accepted and never written: lost, and not kept in memory
            self._tap.refuse(item[0])

    def _write(self, seq: int, value: R) -> None:
        captured_ns = self._captured_ns(value)
        pictures = [(track, track.picture(value)) for track in self._tracks]
        if not self._writers:
            for track, picture in pictures:
                size = (picture.shape[0], picture.shape[1])
                self._writers.append(VideoWriter(track.path, size, self._fps, self._encoder))
            self.first_ns = captured_ns
        self._book_gap(seq, captured_ns)
        for (track, picture), writer in zip(pictures, self._writers, strict=True):
            pts = writer.write(picture, captured_ns)
            self._index.add_frame(track.name, seq, captured_ns, pts)
        self._last = (seq, captured_ns)
        self.frame_count += 1

    def _book_gap(self, seq: int, captured_ns: int) -> None:
        if self._last is None or seq <= self._last[0] + 1:
            return
        last_seq, last_ns = self._last
        missing = seq - last_seq - 1
        refused = self._tap.refused_between(last_seq, seq)
        was_paused = self._tap.was_paused_between(last_seq, seq)
        for track in self._tracks:
            kinds = {"recorder": refused, "pause" if was_paused else track.missing_means: missing - refused}
            for kind, count in kinds.items():
                if count > 0:
                    self._index.add_gap(Gap(track.name, kind, last_seq + 1, count, last_ns, captured_ns))

    def _close_writers(self) -> None:
        for writer in self._writers:
            try:
                writer.close()
            except RecordingError as error:
                self.error = self.error or error
