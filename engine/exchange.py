"""The hand-offs between the threads of one run: who may see which frame, and which picture is the newest."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Event, Lock
from typing import Protocol

from engine.slot import BoundedQueue, LatestSlot
from engine.values import Frame, StabilizedFrame

FILE_QUEUE = 2  # enough to overlap decoding with the pipeline; more only adds delay


class RecorderTap(Protocol):
    """A recorder that listens; neither call ever waits."""

    def offer_raw(self, frame: Frame) -> None:
        """Every grabbed frame, on the capture thread."""
        ...

    def offer_output(self, result: StabilizedFrame) -> None:
        """Every frame handed over as output, in order."""
        ...


@dataclass(frozen=True, slots=True)
class Arrival:
    """A frame on its way to the pipeline."""

    frame: Frame
    at_ns: int  # when it came, monotonic; for files this is not the presentation time


class Exchange:
    """One per run. Capture gives, the pipeline works, the window and the recorder look."""

    def __init__(self) -> None:
        self.is_live = True  # set by capture before the first frame
        self.raw: LatestSlot[Frame] = LatestSlot()
        self.watch: LatestSlot[Frame] = LatestSlot()
        self.output: LatestSlot[StabilizedFrame] = LatestSlot()
        self.recorder: RecorderTap | None = None
        self.is_stopping = Event()
        self.has_ended = Event()  # a file's last frame has been given
        self.busy_since_ns: int | None = None  # arrival of the frame that the pipeline works on
        self._live: LatestSlot[Arrival] = LatestSlot()
        self._queue: BoundedQueue[Arrival] = BoundedQueue(FILE_QUEUE)
        self._lock = Lock()
        self._shown_seq = -1

    def give(self, frame: Frame, at_ns: int) -> None:
        """From capture: to the raw view, the watcher, the recorder and the pipeline. Waits only for files."""
        self.raw.put(frame)
        self.watch.put(frame)
        if self.recorder is not None:
            self.recorder.offer_raw(frame)
        arrival = Arrival(frame, at_ns)
        if self.is_live:
            self._live.put(arrival)
            return
        while not self.is_stopping.is_set() and not self._queue.put(arrival, 0.2):
            pass

    def take(self, timeout_s: float) -> Arrival | None:
        """The pipeline's next frame: the newest of a live source, the next of a file."""
        return self._live.take(timeout_s) if self.is_live else self._queue.take(timeout_s)

    def show(self, output: StabilizedFrame) -> bool:
        """Hand over one output; False if a newer picture has been shown already, for time never runs backwards."""
        with self._lock:
            if output.raw.seq <= self._shown_seq:
                return False
            self._shown_seq = output.raw.seq
            self.output.put(output)
            if self.recorder is not None:
                self.recorder.offer_output(output)
        return True

    def end(self) -> None:
        """No further frame will come; what is queued still goes through."""
        self.has_ended.set()
        self._queue.close()

    def stop(self) -> None:
        """Wake everybody and let them go."""
        self.is_stopping.set()
        self.raw.close()
        self.watch.close()
        self.output.close()
        self._live.close()
        self._queue.close()

    def dropped(self) -> dict[str, int]:
        """Frames lost at each hand-off."""
        return {
            "pipeline": self._live.replaced,
            "raw_view": self.raw.replaced,
            "output_view": self.output.replaced,
        }
