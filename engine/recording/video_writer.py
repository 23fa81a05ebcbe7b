"""A crash-safe MP4: what was encoded stays readable, whatever kills the process."""

from __future__ import annotations

import os
from io import FileIO
from pathlib import Path
from threading import Event, Thread

import av
import numpy as np
from av.container import OutputContainer
from av.video.frame import PictureType

from engine.errors import RecordingError
from engine.recording.encoder import GOP_S, TIME_BASE, Encoder, YuvConverter, add_stream, even_size

# A fragment a frame, so that a kill loses only what was not encoded yet; an ordinary MP4 after a clean close.
CRASH_SAFE = {"movflags": "+hybrid_fragmented+frag_every_frame", "flush_packets": "1"}
TICKS_PER_S = TIME_BASE.denominator
SYNC_EVERY_S = 0.5


class VideoWriter:
    """Writes RGB frames with their true capture times. Not thread-safe: one thread writes and closes."""

    def __init__(self, path: Path, size: tuple[int, int], fps: float, encoder: Encoder) -> None:
        """`size` is (height, width) of the frames to come. Raises RecordingError when the file cannot be made."""
        self.path = path
        self.first_ns: int | None = None
        self.frame_count = 0
        self._size = even_size(*size)
        self._frame_shape = size
        self._converter = YuvConverter(self._size)
        self._last_pts = -1
        self._next_key_pts = 0
        try:
            self._file = open_exclusive(path)
        except OSError as error:
            raise RecordingError(
                f"The video {path.name} cannot be written: {error.strerror}.", "Choose another folder or free space."
            ) from error
        self._container: OutputContainer = av.open(self._file, "w", format="mp4", options=CRASH_SAFE)
        self._stream = add_stream(self._container, encoder, self._size, fps)
        self._is_closing = Event()
        self._sync_error: OSError | None = None
        self._syncer = Thread(target=self._sync_to_disk, name=f"sync-{path.stem}", daemon=True)
        self._syncer.start()

    def write(self, pixels: np.ndarray, captured_ns: int) -> int:
        """Encode one (H, W, 3) uint8 RGB frame; returns its presentation time in 1/90000 s from the first frame."""
        if pixels.shape[:2] != self._frame_shape:
            raise RecordingError(
                f"The picture changed its size from {self._frame_shape[1]}x{self._frame_shape[0]} to "
                f"{pixels.shape[1]}x{pixels.shape[0]} while recording.",
                "Start a new recording.",
            )
        if self.first_ns is None:
            self.first_ns = captured_ns
        pts = max(round((captured_ns - self.first_ns) * TICKS_PER_S / 1e9), self._last_pts + 1)
        frame = self._converter.convert(pixels, pts)
        if pts >= self._next_key_pts:  # by time, not by count: a slow camera must not stretch the loss of a kill
            frame.pict_type = PictureType.I
            self._next_key_pts = pts + round(GOP_S * TICKS_PER_S)
        self._mux(frame)
        self._last_pts = pts
        self.frame_count += 1
        return pts

    def close(self) -> None:
        """Finish the file as an ordinary MP4 and bring it to the disk."""
        self._is_closing.set()
        self._syncer.join()
        try:
            self._mux(None)
            self._container.close()
            os.fsync(self._file.fileno())
        except (OSError, av.FFmpegError) as error:
            raise _disk_error(self.path, error) from error
        finally:
            self._file.close()

    def _mux(self, frame: av.VideoFrame | None) -> None:
        try:
            if self._sync_error is not None:
                raise self._sync_error
            self._container.mux(self._stream.encode(frame))
        except (OSError, av.FFmpegError) as error:
            raise _disk_error(self.path, error) from error

    def _sync_to_disk(self) -> None:
        """Power loss is worse than a kill: bring the fragments to the disk twice a second, off the encoding thread."""
        while not self._is_closing.wait(SYNC_EVERY_S):
            try:
                os.fsync(self._file.fileno())
            except OSError as error:
                self._sync_error = error
                return


def open_exclusive(path: Path) -> FileIO:
    """A new file without a buffer of ours: what FFmpeg flushed is the system's at once."""
    return FileIO(path, "x")


def _disk_error(path: Path, error: Exception) -> RecordingError:
    return RecordingError(
        f"The video {path.name} could not be written on: {getattr(error, 'strerror', None) or error}.",
        "What was recorded so far is kept; free disk space and start a new recording.",
    )
