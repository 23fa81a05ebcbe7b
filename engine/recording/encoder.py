"""Which H.264 encoder runs here: each candidate is really tried, and every refusal keeps its reason."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, VideoReformatter
from av.video.stream import VideoStream

from engine.errors import RecordingError

TIME_BASE = Fraction(1, 90_000)
GOP_S = 0.5  # quick to seek, and a damaged spot heals soon
BT709 = 1  # ISO/IEC 23091-2 code point, for primaries, transfer and matrix alike
LIMITED_RANGE = 1
LEVEL_41_PIXELS = 1920 * 1088  # what DICOM's High@4.1 transfer syntax and most players take at 30 fps


@dataclass(frozen=True, slots=True)
class Encoder:
    """One encoder with the settings it is used with."""

    codec: str
    options: Mapping[str, str] = field(default_factory=dict)
    refusals: tuple[str, ...] = ()  # why the better ones were not taken


def x264(crf: int) -> Encoder:
    """The encoder that is always there: High profile, no look-ahead, one thread.

    `ultrafast`, with the two things that it leaves out put back: the 8x8 transform, which makes it High as DICOM wants,
    and the deblocking filter. 3.2 ms of processor a 640x480 frame instead of 5.7 with `superfast`, for 0.2 dB
    (docs/benchmarks/recording).
    """
    return Encoder(
        "libx264",
        {
            "preset": "ultrafast",
            "tune": "zerolatency",
            "profile": "high",
            "crf": str(crf),
            "x264-params": "scenecut=0:open-gop=0:8x8dct=1:cabac=0:no-deblock=0:deblock=0,0",
        },
    )


HARDWARE = (
    Encoder(
        "h264_nvenc", {"preset": "p4", "tune": "ll", "profile": "high", "rc": "vbr", "cq": "19", "forced-idr": "1"}
    ),
    Encoder("h264_qsv", {"preset": "veryfast", "profile": "high", "global_quality": "19", "forced_idr": "1"}),
    Encoder("h264_amf", {"quality": "balanced", "profile": "high"}),
    Encoder("h264_videotoolbox", {"realtime": "1", "profile": "high"}),
)


def add_stream(
    container: av.container.OutputContainer, encoder: Encoder, size: tuple[int, int], fps: float
) -> VideoStream:
    """A video stream of (height, width) `size` in `container`, in BT.709 limited range, with 1/90000 s time stamps."""
    height, width = size
    stream = container.add_stream(encoder.codec, rate=max(1, round(fps)))
    if not isinstance(stream, VideoStream):
        raise RecordingError(f"{encoder.codec} is no video encoder.", "Choose another encoder in the settings.")
    stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
    stream.time_base = TIME_BASE
    context = stream.codec_context
    context.time_base = TIME_BASE
    context.thread_count = 1
    context.gop_size = max(1, round(fps * GOP_S))
    context.max_b_frames = 0
    context.color_range, context.colorspace = LIMITED_RANGE, BT709
    context.color_primaries, context.color_trc = BT709, BT709
    level = {"level": "4.1"} if height * width <= LEVEL_41_PIXELS else {}
    context.options = dict(encoder.options) | (level if encoder.codec == "libx264" else {})
    return stream


class YuvConverter:
    """Turns pictures of one stream into frames for its encoder; keeps what libswscale has worked out for the size."""

    def __init__(self, size: tuple[int, int]) -> None:
        """`size` is the even (height, width) of the video."""
        self._size = size
        self._reformatter = VideoReformatter()

    def convert(self, pixels: np.ndarray, pts: int) -> av.VideoFrame:
        """(H, W, 3) uint8 RGB as a BT.709 4:2:0 frame; an odd edge is repeated."""
        height, width = self._size
        if pixels.shape[:2] != self._size:
            pixels = np.pad(pixels, ((0, height - pixels.shape[0]), (0, width - pixels.shape[1]), (0, 0)), mode="edge")
        shared = av.VideoFrame.from_numpy_buffer(np.ascontiguousarray(pixels), format="rgb24")
        frame = self._reformatter.reformat(
            shared, format="yuv420p", dst_colorspace=Colorspace.ITU709, dst_color_range=ColorRange.MPEG
        )
        frame.pts, frame.time_base = pts, TIME_BASE
        return frame


def even_size(height: int, width: int) -> tuple[int, int]:
    """4:2:0 needs even sides: the next even (height, width)."""
    return height + height % 2, width + width % 2


@cache
def probe(crf: int = 20, *, is_hardware_allowed: bool = True) -> Encoder:
    """The first encoder that encodes two real frames here; its `refusals` say what happened to the others."""
    refusals: list[str] = []
    for candidate in HARDWARE if is_hardware_allowed else ():
        reason = refusal(candidate)
        if reason is None:
            return Encoder(candidate.codec, candidate.options, tuple(refusals))
        refusals.append(f"{candidate.codec}: {reason}")
    software = x264(crf)
    return Encoder(software.codec, software.options, tuple(refusals))


def refusal(encoder: Encoder) -> str | None:
    """Why `encoder` cannot be used here, or None if it just encoded two frames of 320x240."""
    try:
        av.Codec(encoder.codec, "w")
    except av.codec.codec.UnknownCodecError:
        return "not in this build of FFmpeg"
    try:
        with av.open(os.devnull, "w", format="null") as container:
            stream = add_stream(container, encoder, (240, 320), 30.0)
            converter, black = YuvConverter((240, 320)), np.zeros((240, 320, 3), np.uint8)
            for index in range(2):
                container.mux(stream.encode(converter.convert(black, index * 3000)))
            container.mux(stream.encode(None))
    except (av.FFmpegError, ValueError, OSError) as error:
        return getattr(error, "strerror", None) or type(error).__name__
    return None
