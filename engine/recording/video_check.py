"""What a recorded video really holds, packet by packet."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import av

from engine.recording.encoder import TIME_BASE
from engine.recording.fragments import fragments_of

TICKS_PER_S = TIME_BASE.denominator


@dataclass(frozen=True, slots=True)
class StreamCheck:
    """What one video really holds beside what the books say."""

    name: str
    frames_in_video: int
    frames_in_index: int
    duration_s: float
    problem: str = ""
    pts: tuple[int, ...] = ()  # presentation times of the readable frames, in 1/90000 s
    is_mendable: bool = False  # it was cut short, and `repair` brings back all frames but the torn one


def check_video(name: str, path: Path, booked: int) -> StreamCheck:
    """What the video at `path` holds; `booked` frames stand in the books."""
    if not path.is_file():
        return StreamCheck(name, 0, booked, 0.0, "missing")
    pts, reason = _times_in(path)
    count = frames_to_mend(path, len(pts))
    if not pts and count:
        reason = f"cut short, and a repair brings back {count} of its frames"
    last_s = pts[-1] / TICKS_PER_S if pts else 0.0
    return StreamCheck(name, len(pts), booked, last_s, "" if pts else reason, tuple(pts), count > 0)


def frames_to_mend(path: Path, readable: int) -> int:
    """How many frames the video will hold once it is mended; 0 where there is nothing to mend."""
    with suppress(OSError):
        found = fragments_of(path)
        if found is not None and (found.is_torn or (found.are_hidden and found.count > readable)):
            return found.count
    return 0


def _times_in(path: Path) -> tuple[list[int], str]:
    """Presentation times of the whole packets, in order, in 1/90000 s; and why there are no more."""
    pts: list[int] = []
    reason = ""
    try:
        with av.open(str(path)) as container:
            stream = container.streams.video[0]
            for packet in container.demux(stream):
                if packet.pts is not None and packet.size and not packet.is_corrupt:
                    pts.append(round(packet.pts * packet.time_base * TICKS_PER_S))
    except (av.FFmpegError, OSError, IndexError) as error:
        reason = f"not readable ({getattr(error, 'strerror', error)})"
    return sorted(pts), reason
