"""Single frames of one recorded video by their time: exact seeks, cheap steps in both directions."""

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterator

import av
import cv2
import numpy as np

from engine.archive.reader import SessionView
from engine.errors import RecordingError
from engine.values import Image

MOST_BYTES = 96 << 20
FORWARD_WITHOUT_SEEK = 24  # frames; a key frame is at most half a second away, so decoding on is cheaper


class FrameReader:
    """Owned by the thread that made it, and so is its container."""

    def __init__(self, session: SessionView, stream: str) -> None:
        """Raises RecordingError when the session has no such video or it cannot be read."""
        self._path = session.folder.video(stream)
        self.times_ns = session.frame_times_ns.get(stream, ())
        self._size = session.size
        if not self.times_ns or not self._path.is_file():
            raise RecordingError(f"Session {session.folder.session_id} has no {stream} video.", "Choose another view.")
        try:
            self._container = av.open(str(self._path))
        except (av.FFmpegError, OSError) as error:
            raise self._unreadable(error) from error
        self._video = self._container.streams.video[0]
        self._video.thread_type = "NONE"  # frame threads would delay each answer by their number of frames
        self._frames: Iterator[av.VideoFrame] | None = None
        self._next = 0  # index of the frame that `_frames` gives next
        self._kept: OrderedDict[int, Image] = OrderedDict()

    def index_at(self, t_ns: int) -> int:
        """The frame shown at `t_ns`, counted from 0; the first one before its time."""
        return max(0, bisect_right(self.times_ns, t_ns) - 1)

    def at(self, t_ns: int) -> Image:
        """(H, W, 3) uint8 RGB shown at `t_ns` nanoseconds from the first raw frame. Raises RecordingError."""
        index = self.index_at(t_ns)
        if index in self._kept:
            self._kept.move_to_end(index)
            return self._kept[index]
        is_backwards = self._frames is not None and index < self._next
        try:
            if self._frames is None or not 0 <= index - self._next <= FORWARD_WITHOUT_SEEK:
                self._seek(index)
            return self._decode_to(index, keeps_all=is_backwards)
        except (av.FFmpegError, OSError) as error:
            raise self._unreadable(error) from error

    def close(self) -> None:
        """Let go of the file."""
        self._container.close()

    def _seek(self, index: int) -> None:
        self._container.seek(self._pts_of(index), stream=self._video, backward=True, any_frame=False)
        self._frames = self._container.decode(self._video)

    def _decode_to(self, index: int, *, keeps_all: bool) -> Image:
        """Decode on until frame `index`; stepping back keeps its whole group, for the next steps back."""
        newest: tuple[int, av.VideoFrame] | None = None
        assert self._frames is not None
        for frame in self._frames:
            found = self._index_of(frame)
            self._next = found + 1
            newest = (found, frame)
            if keeps_all or found >= index:
                self._keep(found, self._pixels(frame))
            if found >= index:
                return self._kept[found]
        self._frames = None
        if newest is None:
            raise RecordingError(f"{self._path.name} ends early.", "Run `steadyscope session repair` on the session.")
        return self._pixels(newest[1])  # a repaired video may hold a frame less than its books

    def _keep(self, index: int, pixels: Image) -> None:
        self._kept[index] = pixels
        while len(self._kept) > max(2, MOST_BYTES // pixels.nbytes):
            self._kept.popitem(last=False)

    def _pixels(self, frame: av.VideoFrame) -> Image:
        width, height = self._size
        return np.asarray(frame.to_ndarray(format="rgb24", src_colorspace="ITU709"), np.uint8)[:height, :width]

    def _pts_of(self, index: int) -> int:
        seconds = (self.times_ns[index] - self.times_ns[0]) / 1e9
        base = self._video.time_base
        return round(seconds / float(base)) + int(self._video.start_time or 0) if base else 0

    def _index_of(self, frame: av.VideoFrame) -> int:
        """By presentation time, so that a seek lands on the frame and not on a count; half a tick of slack."""
        start = float((self._video.start_time or 0) * (self._video.time_base or 0))
        t_ns = self.times_ns[0] + round((float(frame.time or 0.0) - start) * 1e9)
        return self.index_at(t_ns + 20_000)

    def _unreadable(self, error: Exception) -> RecordingError:
        return RecordingError(
            f"{self._path.name} cannot be read: {error}.", "Run `steadyscope session repair` on the session."
        )


def thumbnails(session: SessionView, stream: str, count: int, height: int) -> Iterator[tuple[int, Image]]:
    """`count` small pictures spread evenly over the session: (time in ns, (height, W, 3) RGB). Slow."""
    reader = FrameReader(session, stream)
    try:
        for number in range(count):
            t_ns = round(session.duration_ns * (number + 0.5) / count)
            yield t_ns, small(reader.at(t_ns), height)
    finally:
        reader.close()


def small(pixels: Image, height: int) -> Image:
    """The picture averaged down to `height` rows."""
    width = max(1, round(pixels.shape[1] * height / pixels.shape[0]))
    return np.ascontiguousarray(cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
