"""Which H.264 encoder runs here: each candidate is really tried, and every refusal keeps its reason."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache

import av
import numpy as np
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
    """The encoder that is always there: High profile, no look-ahead, one thread."""
    return Encoder(
        "libx264",
        {
            "preset": "superfast",
            "tune": "zerolatency",
            "profile": "high",
            "crf": str(crf),
            "x264-params": "scenecut=0:open-gop=0:8x8dct=1:cabac=1",
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


def to_yuv(pixels: np.ndarray, size: tuple[int, int], pts: int) -> av.VideoFrame:
    """(H, W, 3) uint8 RGB as a BT.709 4:2:0 frame of the even (height, width) `size`; an odd edge is repeated."""
    height, width = size
    if pixels.shape[:2] != size:
        pixels = np.pad(pixels, ((0, height - pixels.shape[0]), (0, width - pixels.shape[1]), (0, 0)), mode="edge")
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24").reformat(
        format="yuv420p", dst_colorspace="ITU709", dst_color_range="MPEG"
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
            black = np.zeros((240, 320, 3), np.uint8)
            for index in range(2):
                container.mux(stream.encode(to_yuv(black, (240, 320), index * 3000)))
            container.mux(stream.encode(None))
    except (av.FFmpegError, ValueError, OSError) as error:
        return getattr(error, "strerror", None) or type(error).__name__
    return None
