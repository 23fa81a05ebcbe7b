"""Opens a file or stream with PyAV and turns its packets into upright RGB pictures with their times."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

import av
import cv2
import numpy as np
from av.video.reformatter import ColorRange, VideoReformatter

from engine.errors import SourceError
from engine.values import Image

MIN_SIDE_PX = 64
FALLBACK_FPS = 25.0
MAX_BAD_PACKETS = 60  # in a row, without one picture between them
TEXT_FORMATS = frozenset({"tty", "bin", "xbin", "idf", "adf"})  # FFmpeg would draw a text file as a screen of letters
BT709, BT601 = 1, 5  # AVColorSpace; an untagged picture is taken as BT.601, FFmpeg's own custom
QUARTER_TURNS = {90: cv2.ROTATE_90_COUNTERCLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_CLOCKWISE}


@dataclass(frozen=True, slots=True)
class Picture:
    """One decoded picture."""

    pixels: Image  # (H, W, 3) uint8 RGB, upright
    time_s: float  # from the container's first picture on; never goes backwards


class Decoder:
    """One open container and its first video stream. Not thread-safe: one reader at a time."""

    def __init__(
        self, url: str, label: str, timeout_s: tuple[float, float] | None, options: Mapping[str, str] | None = None
    ) -> None:
        self._label = label
        self._reformatter = VideoReformatter()
        self._first_s: float | None = None  # the container's time of the first picture
        try:
            self._container = av.open(url, timeout=timeout_s, options=dict(options or {}), metadata_errors="replace")
        except (av.error.FFmpegError, ValueError, OSError) as error:
            raise _open_error(label, error) from error
        try:
            self._stream = self._pick_stream()
            self._pictures = self._decode()
            self._first = next(self._pictures, None)
            if self._first is None:
                raise SourceError(f"{label} holds no picture that can be decoded.", "Record or export it again.")
            self.height, self.width = self._first.pixels.shape[:2]
            if min(self.width, self.height) < MIN_SIDE_PX:
                raise SourceError(
                    f"{label} is only {self.width}x{self.height} pixels.",
                    f"Use video of at least {MIN_SIDE_PX}x{MIN_SIDE_PX}.",
                )
        except BaseException:
            self._container.close()
            raise

    @property
    def fps(self) -> float:
        """Nominal rate; 0 when the container does not say."""
        return _sane_rate(self._stream.average_rate) or _sane_rate(self._stream.guessed_rate)

    @property
    def frame_count(self) -> int | None:
        """Number of pictures, where the container states it."""
        return int(self._stream.frames) or None

    @property
    def promised_s(self) -> float | None:
        """Length of the video that the container states, s."""
        stated = self._stream.metadata.get("DURATION")
        if stated:  # Matroska: when the last picture ends, counted from the container's zero
            hours, minutes, seconds = (float(part) for part in stated.split(":"))
            return 3600 * hours + 60 * minutes + seconds - (self._first_s or 0.0)
        if self._stream.duration is None or self._stream.time_base is None:
            return None
        return float(self._stream.duration * self._stream.time_base)

    def pictures(self) -> Iterator[Picture]:
        """Every picture in order of presentation."""
        if self._first is not None:
            first, self._first = self._first, None
            yield first
        yield from self._pictures

    def close(self) -> None:
        """Free the container."""
        self._pictures.close()
        self._container.close()

    def _pick_stream(self) -> av.VideoStream:
        """The first real video stream; cover art of a song does not count."""
        if self._container.format.name in TEXT_FORMATS:
            raise SourceError(f"{self._label} is a text, not a video.", "Choose a video file.")
        for stream in self._container.streams.video:
            if not stream.disposition & av.stream.Disposition.attached_pic and stream.codec_context is not None:
                stream.thread_type = "AUTO"
                return stream
        has_audio = bool(self._container.streams.audio)
        what = "holds only sound, no video" if has_audio else "holds no video"
        raise SourceError(f"{self._label} {what}.", "Choose a file or stream with video.")

    def _decode(self) -> Generator[Picture, None, None]:
        """Decode packet by packet; a spoiled packet is skipped, a long run of them is an error."""
        bad_packets, last_s = 0, -1.0
        for packet in self._packets():
            try:
                frames = packet.decode()
            except av.error.InvalidDataError:
                bad_packets += 1
                if bad_packets > MAX_BAD_PACKETS:
                    break
                continue
            for frame in frames:
                bad_packets = 0
                step_s = 1.0 / (self.fps or FALLBACK_FPS)
                if self._first_s is None:
                    self._first_s, last_s = frame.time or 0.0, -step_s
                time_s = last_s + step_s if frame.time is None else frame.time - self._first_s
                last_s = time_s if time_s > last_s else last_s + step_s / 2
                yield Picture(self._upright_rgb(frame), last_s)

    def _packets(self) -> Iterator[av.Packet[av.VideoStream]]:
        """Compressed packets; what goes wrong while fetching them is the user's to know."""
        try:
            yield from self._container.demux(self._stream)
        except av.error.FFmpegError as error:
            raise SourceError(
                f"{self._label} broke off or has stopped sending.", "Check the sender, the cable or the disk."
            ) from error

    def _upright_rgb(self, frame: av.VideoFrame) -> Image:
        """(H, W, 3) RGB from any pixel format, turned as the recording device asked for."""
        is_full = frame.color_range == ColorRange.JPEG or frame.format.is_rgb
        is_full |= frame.color_range != ColorRange.MPEG and frame.format.name.startswith(("yuvj", "gray"))
        rgb = self._reformatter.reformat(
            frame,
            format="rgb24",
            src_colorspace=BT709 if frame.colorspace == BT709 else BT601,
            src_color_range=ColorRange.JPEG if is_full else ColorRange.MPEG,
            dst_color_range=ColorRange.JPEG,
            threads=1,
        )
        pixels = np.asarray(rgb.to_ndarray(), dtype=np.uint8)
        turn = QUARTER_TURNS.get(round(frame.rotation) % 360)
        return pixels if turn is None else np.asarray(cv2.rotate(pixels, turn), dtype=np.uint8)


def _sane_rate(rate: Fraction | None) -> float:
    """Frames a second, or 0 where the container states none or nonsense."""
    value = float(rate) if rate else 0.0
    return value if 0.1 <= value <= 1000 else 0.0


def _open_error(label: str, error: Exception) -> SourceError:
    """The one sentence for what FFmpeg or the system said."""
    causes: tuple[tuple[type[Exception] | tuple[type[Exception], ...], str, str], ...] = (
        (FileNotFoundError, "does not exist", "Check the name."),
        (PermissionError, "may not be read", "Ask for the right to read it."),
        (ConnectionRefusedError, "refuses the connection", "Check address and port, and that the sender runs."),
        (TimeoutError, "does not answer", "Check address, cable and firewall."),
        (av.error.ExitError, "does not answer", "Check address, cable and firewall."),
        (av.error.HTTPUnauthorizedError, "asks for a password", "Put user and password into the address."),
        ((av.error.HTTPClientError, av.error.HTTPServerError), "is not served there", "Check the address."),
        (av.error.ProtocolNotFoundError, "uses an unknown protocol", "Use rtsp://, http(s):// or udp://."),
        (av.error.InvalidDataError, "is not a video, or is damaged or cut short", "Record or export it again."),
    )
    for kind, sentence, remedy in causes:
        if isinstance(error, kind):
            return SourceError(f"{label} {sentence}.", remedy)
    return SourceError(f"{label} cannot be opened.", f"The system says: {error}.")
