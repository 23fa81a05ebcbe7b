"""Plays a session's videos in step: a thread that decodes for the moment wanted and hands over the newest picture."""

from __future__ import annotations

import time
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Condition, Thread

from engine.archive.frames import FrameReader
from engine.archive.reader import SessionView
from engine.errors import RecordingError
from engine.slot import LatestSlot
from engine.values import Image

SLOWEST, FASTEST = 0.25, 4.0


@dataclass(frozen=True, slots=True)
class Shown:
    """One moment of the session."""

    t_ns: int  # of the frame, from the first raw frame
    index: int  # of the frame, counted from 0
    pictures: dict[str, Image] = field(default_factory=dict)  # by stream
    is_playing: bool = False
    problem: RecordingError | None = None


class Player:
    """Commands return at once; pictures come out of `shown`. Call `close` in the end."""

    def __init__(self, session: SessionView, streams: Sequence[str]) -> None:
        self.shown: LatestSlot[Shown] = LatestSlot()
        self._session, self._streams = session, tuple(streams)
        self.times_ns = session.frame_times_ns[self._streams[0]]
        self._pauses = [(one.start_ns, one.end_ns) for one in session.stretches if one.kind == "pause"]
        self._changed = Condition()
        self._is_playing = self._is_closing = False
        self._is_wanted = True  # a picture, even if the moment is the same
        self._speed = 1.0
        self._media_ns, self._since_ns = 0, 0  # the moment at a time of the clock
        self._thread = Thread(target=self._run, name="player", daemon=True)
        self._thread.start()

    @property
    def is_playing(self) -> bool:
        """Does it run?"""
        return self._is_playing

    def play(self) -> None:
        """Run from here; at the end, from the beginning."""
        with self._changed:
            if self._media_ns >= self.times_ns[-1]:
                self._media_ns = 0
            self._is_playing, self._since_ns = True, time.monotonic_ns()
            self._changed.notify()

    def pause(self) -> None:
        """Stand still on the frame that is shown."""
        with self._changed:
            self._settle()
            self._is_playing, self._is_wanted = False, True
            self._changed.notify()

    def seek(self, t_ns: int) -> None:
        """Go to a moment, playing or not."""
        with self._changed:
            self._media_ns = min(max(0, t_ns), self.times_ns[-1])
            self._since_ns = time.monotonic_ns()
            self._is_wanted = True
            self._changed.notify()

    def step(self, frames: int) -> None:
        """So many frames on (or back, when negative), and stand still."""
        with self._changed:
            self._settle()
            index = min(max(0, self._index(self._media_ns) + frames), len(self.times_ns) - 1)
            self._media_ns, self._is_playing, self._is_wanted = self.times_ns[index], False, True
            self._changed.notify()

    def set_speed(self, speed: float) -> None:
        """0.25 to 4 times."""
        with self._changed:
            self._settle()
            self._speed = min(max(speed, SLOWEST), FASTEST)
            self._changed.notify()

    def close(self) -> None:
        """End the thread; it closes its files itself."""
        with self._changed:
            self._is_closing = True
            self._changed.notify()
        self._thread.join()
        self.shown.close()

    def _run(self) -> None:
        """This thread's top frame: a video that cannot be read is told once, then nothing more is shown."""
        readers: dict[str, FrameReader] = {}
        last = -1
        try:
            for stream in self._streams:
                readers[stream] = FrameReader(self._session, stream)
            while (moment := self._wait(last)) is not None:
                last, is_playing = moment
                t_ns = self.times_ns[last]
                pictures = {name: reader.at(t_ns) for name, reader in readers.items()}
                self.shown.put(Shown(t_ns, last, pictures, is_playing))
        except RecordingError as error:
            self.shown.put(Shown(0, 0, problem=error))
        finally:
            for reader in readers.values():
                reader.close()

    def _wait(self, last: int) -> tuple[int, bool] | None:
        """Until another frame is due: its index and whether it plays on; None to end."""
        with self._changed:
            while not self._is_closing:
                self._settle()
                index = self._index(self._media_ns)
                if self._is_wanted or index != last:
                    self._is_wanted = False
                    return index, self._is_playing
                self._changed.wait(self._until_next_s(index))
        return None

    def _settle(self) -> None:
        """Bring the moment up to the clock; a pause of the recording is passed over."""
        if not self._is_playing:
            return
        now_ns = time.monotonic_ns()
        self._media_ns += round((now_ns - self._since_ns) * self._speed)
        self._since_ns = now_ns
        for start, end in self._pauses:
            if start < self._media_ns < end:
                self._media_ns = end
        if self._media_ns >= self.times_ns[-1]:
            self._media_ns, self._is_playing, self._is_wanted = self.times_ns[-1], False, True

    def _until_next_s(self, index: int) -> float | None:
        if not self._is_playing or index + 1 >= len(self.times_ns):
            return None
        return max(0.0, (self.times_ns[index + 1] - self._media_ns) / self._speed / 1e9)

    def _index(self, t_ns: int) -> int:
        return max(0, bisect_right(self.times_ns, t_ns) - 1)
