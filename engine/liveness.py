"""Is the newest picture new? Sequence, time and content decide; what the camera driver says does not count."""

from __future__ import annotations

import zlib
from collections import deque
from typing import Protocol

import numpy as np

from engine.values import Frame, Liveness

LIMIT_STALE_NS = 250_000_000
LIMIT_NO_LIVE_IMAGE_NS = 500_000_000
HASTE_NS = 40_000_000  # the verdict falls this early, so that even a late wake-up and the drawing keep the limit
STALE_NS = LIMIT_STALE_NS - HASTE_NS
NO_LIVE_IMAGE_NS = LIMIT_NO_LIVE_IMAGE_NS - HASTE_NS
REMEMBERED = 256  # contents kept for comparison: more than any driver's ring of buffers
ROW_STEP = 16  # a frozen picture repeats in every row, so every sixteenth is evidence enough
TALL = 480


class Judge(Protocol):
    """Decides on liveness from the frames it is shown and the time."""

    def see(self, frame: Frame, now: int) -> None:
        """Take notice of the newest frame; `now` in monotonic ns."""
        ...

    def verdict(self, now: int) -> Liveness:
        """Liveness at `now`, in monotonic ns."""
        ...

    def changes_ns(self, now: int) -> int | None:
        """When the verdict will change by itself, in monotonic ns; None if it will not."""
        ...


class LivenessJudge:
    """For cameras: a frame counts as fresh if its number is new, its time is recent and its content was not seen."""

    def __init__(self) -> None:
        self._fresh_ns: int | None = None
        self._last_seq = -1
        self._contents: deque[int] = deque(maxlen=REMEMBERED)

    def see(self, frame: Frame, now: int) -> None:
        """Refresh the clock if `frame` is fresh."""
        content = fingerprint(frame)
        is_new = frame.seq > self._last_seq and content not in self._contents
        self._last_seq = max(self._last_seq, frame.seq)
        if is_new:
            self._contents.append(content)
            self._fresh_ns = max(self._fresh_ns or 0, min(frame.captured_ns, now))

    def verdict(self, now: int) -> Liveness:
        """WAITING before the first frame; then by the age of the last fresh one."""
        if self._fresh_ns is None:
            return Liveness.WAITING
        age_ns = now - self._fresh_ns
        if age_ns >= NO_LIVE_IMAGE_NS:
            return Liveness.NO_LIVE_IMAGE
        return Liveness.STALE if age_ns >= STALE_NS else Liveness.LIVE

    def changes_ns(self, now: int) -> int | None:
        """The next of the two limits."""
        if self._fresh_ns is None:
            return None
        limits = (self._fresh_ns + STALE_NS, self._fresh_ns + NO_LIVE_IMAGE_NS)
        return next((limit for limit in limits if limit > now), None)


class PlaybackJudge:
    """For files: nobody takes them for the patient, so a pause is no alarm."""

    def __init__(self) -> None:
        self._has_picture = False

    def see(self, frame: Frame, now: int) -> None:  # noqa: ARG002
        """Any frame will do."""
        self._has_picture = True

    def verdict(self, now: int) -> Liveness:  # noqa: ARG002
        """LIVE from the first frame on."""
        return Liveness.LIVE if self._has_picture else Liveness.WAITING

    def changes_ns(self, now: int) -> int | None:  # noqa: ARG002
        """Never."""
        return None


def fingerprint(frame: Frame) -> int:
    """A checksum of the picture's rows, thinned out on tall pictures; equal for bit-identical pictures."""
    step = max(1, ROW_STEP * frame.pixels.shape[0] // TALL)
    return zlib.crc32(np.ascontiguousarray(frame.pixels[::step]).data)
