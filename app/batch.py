"""Runs a file through the pipeline from its first frame to its last, at its own pace: nothing is dropped or late."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event, Thread
from typing import Any

from app.output_folder import REPORT, OutputFolder
from app.report import report_of, write_report
from engine.capture.source import Source, SourceInfo
from engine.clock import now_ns
from engine.errors import EndOfStream, EngineError
from engine.meters import Meters
from engine.pipeline import Running
from engine.processing import PipelineOpener
from engine.slot import BoundedQueue
from engine.values import Frame, StabilizedFrame

READ_TIMEOUT_S = 30.0
AHEAD = 4  # frames that decoding and encoding may run ahead of or behind the pipeline


class Batch:
    """One source, one pipeline, one folder."""

    def __init__(self, source: Source, open_pipeline: PipelineOpener, root: Path, limit: int | None = None) -> None:
        self._source = source
        self._open_pipeline = open_pipeline
        self._root = root
        self._limit = limit
        self.should_stop = Event()  # set it to finish early, with whole files
        self.done = 0

    def run(self, *, has_fields: bool, on_start: Callable[[SourceInfo], None], on_frame: Callable[[int], None]) -> None:
        """Process everything. Raises EngineError; what was done until then is on disk and whole."""
        meters = Meters()
        info = self._source.open()
        try:
            pipeline = self._open_pipeline((info.height, info.width))
            folder = OutputFolder(self._root, (info.height, info.width), info.fps, has_fields=has_fields)
            on_start(info)
            writer = _Writer(folder)
            try:
                for frame in self._frames():
                    began_ns = now_ns()
                    meters.count_in(began_ns)
                    output = pipeline.step(frame)
                    now = now_ns()
                    meters.count_processed(output, (now - began_ns) / 1e6, now)
                    writer.give(output)
                    self.done += 1
                    on_frame(self.done)
            finally:
                try:
                    writer.close()
                finally:
                    pipeline.close()
                    write_report(self._root / REPORT, self._report(meters, pipeline, info))
        finally:
            self._source.close()

    def _frames(self) -> Iterator[Frame]:
        """Every frame of the source up to the limit, until asked to stop."""
        while not self.should_stop.is_set() and (self._limit is None or self.done < self._limit):
            try:
                yield self._source.read(READ_TIMEOUT_S)
            except EndOfStream:
                return

    @staticmethod
    def _report(meters: Meters, pipeline: Running, info: SourceInfo) -> dict[str, Any]:
        dropped = {"pipeline": 0}
        return report_of(meters.tally(), dropped, pipeline.engine_name, pipeline.model_name, info.identity)


class _Writer:
    """Encodes on a thread of its own, so that the pipeline need not wait; its error comes back to who gives."""

    def __init__(self, folder: OutputFolder) -> None:
        self._folder = folder
        self._queue: BoundedQueue[StabilizedFrame] = BoundedQueue(AHEAD)
        self._error: Exception | None = None
        self._thread = Thread(target=self._top, name="writer")
        self._thread.start()

    def give(self, output: StabilizedFrame) -> None:
        """Wait for room, then queue one frame."""
        while not self._queue.put(output, 0.5):
            self._raise_error()
        self._raise_error()

    def close(self) -> None:
        """Write what is queued and finish the files."""
        self._queue.close()
        self._thread.join()
        self._raise_error()

    def _top(self) -> None:
        index = 0
        try:
            while (output := self._queue.take(3600.0)) is not None:
                self._folder.add(index, output)
                index += 1
        except Exception as error:  # travels to the main thread, which tells the user
            self._error = error
        finally:
            self._queue.close()
            self._finish()

    def _finish(self) -> None:
        try:
            self._folder.close()
        except EngineError as error:
            self._error = self._error or error

    def _raise_error(self) -> None:
        if self._error is not None:
            error, self._error = self._error, None
            raise error
