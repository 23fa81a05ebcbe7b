"""A plain video file for work on disk: near-lossless, the frames' own times, any size."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.stream import VideoStream

from engine.errors import RecordingError
from engine.recording.encoder import BT709, LIMITED_RANGE, TIME_BASE
from engine.values import Image

TICKS_PER_S = TIME_BASE.denominator
CRF = 10  # below this 4:2:0 itself is what is lost: 42.6 dB on a dental photo, 42.8 at 8


class ClipWriter:
    """H.264 in an MP4. Even sizes are 4:2:0, which plays everywhere; odd ones 4:4:4, so that no pixel is lost."""

    def __init__(self, path: Path, size: tuple[int, int], fps: float, crf: int = CRF) -> None:
        """`size` is (height, width). Raises RecordingError when the file cannot be made."""
        height, width = size
        self._path = path
        self._format = "yuv420p" if height % 2 == 0 == width % 2 else "yuv444p"
        self._last_pts = -1
        self._first_ns: int | None = None
        try:
            self._container = av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"})
        except OSError as error:
            raise RecordingError(
                f"{path.name} cannot be written: {error.strerror or error}.", "Choose another folder or free space."
            ) from error
        stream = self._container.add_stream("libx264", rate=Fraction(fps or 30.0).limit_denominator(1001))
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = width, height, self._format
        stream.options = {"crf": str(crf), "preset": "veryfast"}
        stream.time_base = Fraction(1, TICKS_PER_S)
        context = stream.codec_context
        context.time_base = stream.time_base
        context.color_range, context.colorspace = LIMITED_RANGE, BT709
        context.color_primaries, context.color_trc = BT709, BT709
        self._stream = stream

    def write(self, pixels: Image, at_ns: int) -> None:
        """Append one (H, W, 3) uint8 RGB frame shown at `at_ns`; times count from the first frame."""
        if self._first_ns is None:
            self._first_ns = at_ns
        pts = max(round((at_ns - self._first_ns) * TICKS_PER_S / 1e9), self._last_pts + 1)
        self._last_pts = pts
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24").reformat(
            self._stream.width,  # a source that changes its size mid-way is brought to its first one
            self._stream.height,
            self._format,
            dst_colorspace="ITU709",
            dst_color_range="MPEG",
        )
        frame.pts, frame.time_base = pts, Fraction(1, TICKS_PER_S)
        self._mux(frame)

    def close(self) -> None:
        """Finish the file."""
        try:
            self._mux(None)
        finally:
            try:
                self._container.close()
            except OSError as error:
                raise self._full(error) from error

    def _mux(self, frame: av.VideoFrame | None) -> None:
        try:
            self._container.mux(self._stream.encode(frame))
        except OSError as error:
            raise self._full(error) from error

    def _full(self, error: OSError) -> RecordingError:
        return RecordingError(
            f"{self._path.name} cannot be written on: {error.strerror or error}.", "Free disk space and try again."
        )
