"""What it costs to unpack a camera's pictures: its own frames packed as cameras pack them, and unpacked again."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from fractions import Fraction

import av
import cv2
import numpy as np

from engine.values import Image

JPEG_QUALITY = 90  # about what UVC cameras send
RATE = 30


def decode_costs(frames: Sequence[Image]) -> dict[str, float]:
    """Processor milliseconds a frame of consecutive (H, W, 3) RGB frames, one thread: raw YUYV, MJPG and H264 -> RGB.

    A format that this build cannot pack is left out.
    """
    makers: dict[str, Callable[[Sequence[Image]], Callable[[], int]]] = {"raw": _raw, "MJPG": _jpeg, "H264": _h264}
    costs = {}
    for name, make in makers.items():
        try:
            unpack = make(frames)
            began = time.thread_time_ns()
            unpacked = unpack()
            costs[name] = (time.thread_time_ns() - began) / 1e6 / max(unpacked, 1)
        except (av.error.FFmpegError, cv2.error, ValueError):
            continue
    return costs


def _raw(frames: Sequence[Image]) -> Callable[[], int]:
    packed = [_yuyv(frame) for frame in frames]

    def unpack() -> int:
        for one in packed:
            cv2.cvtColor(one, cv2.COLOR_YUV2RGB_YUYV)
        return len(packed)

    return unpack


def _yuyv(frame: Image) -> Image:
    """(H, W, 2): brightness, and the two colours in turn."""
    even = frame[:, : frame.shape[1] // 2 * 2]
    yuv = cv2.cvtColor(even, cv2.COLOR_RGB2YUV)
    packed = np.empty((*even.shape[:2], 2), np.uint8)
    packed[..., 0] = yuv[..., 0]
    packed[:, 0::2, 1], packed[:, 1::2, 1] = yuv[:, 0::2, 1], yuv[:, 0::2, 2]
    return packed


def _jpeg(frames: Sequence[Image]) -> Callable[[], int]:
    quality = (cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY)
    packed = [cv2.imencode(".jpg", cv2.cvtColor(frame, cv2.COLOR_RGB2BGR), quality)[1] for frame in frames]

    def unpack() -> int:
        for one in packed:
            cv2.cvtColor(cv2.imdecode(one, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
        return len(packed)

    return unpack


def _h264(frames: Sequence[Image]) -> Callable[[], int]:
    height, width = (side // 2 * 2 for side in frames[0].shape[:2])
    encoder = av.CodecContext.create("libx264", "w")
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
    encoder.time_base = Fraction(1, RATE)
    encoder.options = {"preset": "veryfast", "tune": "zerolatency", "crf": "20"}
    pictures = (av.VideoFrame.from_ndarray(np.ascontiguousarray(one[:height, :width]), "rgb24") for one in frames)
    packets = [packet for picture in pictures for packet in encoder.encode(picture)] + list(encoder.encode(None))
    decoder = av.CodecContext.create("h264", "r")
    decoder.thread_count = 1

    def unpack() -> int:
        pictures = [one for packet in (*packets, None) for one in decoder.decode(packet)]
        for one in pictures:
            one.to_ndarray(format="rgb24")
        return len(pictures)

    return unpack
