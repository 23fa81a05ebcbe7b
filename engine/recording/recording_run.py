"""Everything that lives exactly as long as one recording: folder, index, streams, stills, and an eye on the disk."""

from __future__ import annotations

import shutil
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import replace
from datetime import datetime
from threading import Event, Thread

from engine.errors import RecordingError
from engine.recording.books import opening_entries
from engine.recording.disk import DiskState, DiskVerdict, expected_bytes_per_s
from engine.recording.encoder import Encoder, probe
from engine.recording.index import SessionIndex, connect
from engine.recording.motion_file import write_motion
from engine.recording.session_folder import ENHANCED, RAW, STABILIZED, Patient, SessionFolder
from engine.recording.stills import StillWriter
from engine.recording.stream_recorder import StreamRecorder, Track
from engine.recording.tap import Tap
from engine.recording.terms import RecordedSource, RecordingOptions, RecordingStatus
from engine.values import Frame, Image, StabilizedFrame

SETTLED_S = 30.0  # from then on what was written tells the rate


class RecordingRun:
    """Everything that lives exactly as long as one recording."""

    def __init__(
        self,
        stop: Callable[[str], object],
        options: RecordingOptions,
        patient: Patient,
        source: RecordedSource,
        raw_tap: Tap[Frame],
        output_tap: Tap[StabilizedFrame],
    ) -> None:
        started = datetime.now().astimezone()
        self._stop, self._options, self._source = stop, options, source
        self._started_ns = time.monotonic_ns()
        self.is_paused = False
        self.offered_from_ns: int | None = None  # capture time of the first raw frame that came, recorded or not
        encoder = probe(options.crf, is_hardware_allowed=options.is_hardware_encoder_allowed)
        self._notice = _fallback_notice(encoder, options)
        self._disk: DiskState | None = None
        self._problem = ""
        self.folder = SessionFolder.create(options.library, started)
        try:
            self.folder.note("recording started", started, source=source.identity, encoder=encoder.codec)
            self.index = SessionIndex(self.folder.database)
        except RecordingError:
            shutil.rmtree(self.folder.root, ignore_errors=True)  # nothing was recorded: it would lie there unfinished
            raise
        books = opening_entries(self.folder, (started, self._started_ns), patient, source, options, encoder)
        self.index.put_session({**books, "encoder_refusals": list(encoder.refusals)})
        self.stills = StillWriter(self.folder.stills)
        self._taps: dict[str, Tap[Frame] | Tap[StabilizedFrame]] = {RAW: raw_tap, STABILIZED: output_tap}
        self._lost_before = {name: tap.refused_total for name, tap in self._taps.items()}
        fps = source.fps or 30.0
        self._raw = StreamRecorder(
            raw_tap,
            (Track(RAW, self.folder.video(RAW), _raw_pixels, "capture"),),
            _captured_ns,
            self.index,
            encoder,
            fps,
        )
        self._output = StreamRecorder(
            output_tap, _output_tracks(options, self.folder), self._book_output, self.index, encoder, fps
        )
        for stream in (self._raw, self._output):
            stream.start()
        self._is_over = Event()
        self._disk_watch = Thread(target=self._watch_disk, name="record-disk", daemon=True)
        self._disk_watch.start()

    @property
    def first_ns(self) -> int | None:
        return self._raw.first_ns

    def pause(self) -> None:
        self.is_paused = True
        self.index.add_event(time.monotonic_ns(), "pause")

    def resume(self) -> None:
        self.index.add_event(time.monotonic_ns(), "resume")
        self.is_paused = False

    def finish(self, reason: str) -> RecordingStatus:
        self._is_over.set()
        for stream in (self._raw, self._output):
            stream.finish()
        errors = [stream.error for stream in (self._raw, self._output) if stream.error is not None]
        problem = reason or " ".join(str(error) for error in errors)
        try:
            self.stills.close()
        except RecordingError as error:
            problem = f"{problem} {error}".strip()
        ended = datetime.now().astimezone()
        self.index.put_session(
            {
                "state": "incomplete" if errors else "complete",
                "ended": ended.isoformat(timespec="milliseconds"),
                "duration_s": (time.monotonic_ns() - self._started_ns) / 1e9,
                "problem": problem,
                "lost": self._lost(),
            }
        )
        try:
            self.index.close()
            with closing(connect(self.folder.database)) as connection:
                write_motion(connection, self.folder.motion)
            self.folder.note("recording stopped", ended, problem=problem)
        except (RecordingError, sqlite3.Error) as error:  # a full disk: the videos are whole, say what is missing
            problem = f"{problem} {error}".strip()
        self._notice, self._problem = problem or self._notice, problem
        return replace(self.status(), is_recording=False)

    def status(self) -> RecordingStatus:
        return RecordingStatus(
            is_recording=True,
            is_paused=self.is_paused,
            session_id=self.folder.session_id,
            elapsed_s=(time.monotonic_ns() - self._started_ns) / 1e9,
            frames={RAW: self._raw.frame_count, STABILIZED: self._output.frame_count},
            lost=self._lost(),
            disk=self._disk,
            notice=self._notice,
            problem=self._problem,
        )

    def _lost(self) -> dict[str, int]:
        return {name: tap.refused_total - self._lost_before[name] for name, tap in self._taps.items()}

    def _book_output(self, result: StabilizedFrame) -> int:
        self.index.add_motion(result)
        return result.raw.captured_ns

    def _watch_disk(self) -> None:
        while not self._is_over.wait(self._options.disk_look_every_s):
            with suppress(OSError):  # a drive that was pulled: the streams say what became of them
                self._disk = self._look_at_disk()
            reason = self._reason_to_end()
            if reason:
                Thread(target=self._stop, args=(reason,), name="record-finish", daemon=True).start()
                return
            if self._disk is not None and self._disk.verdict is DiskVerdict.WARN:
                self._notice = f"Only {self._disk.minutes_left:.0f} minutes of recording are left on the disk."

    def _look_at_disk(self) -> DiskState:
        source, elapsed_s = self._source, (time.monotonic_ns() - self._started_ns) / 1e9
        rate = expected_bytes_per_s(source.height, source.width, len(self._options.streams))
        if elapsed_s > SETTLED_S:
            written = sum(path.stat().st_size for path in self.folder.root.glob("*.mp4"))
            rate = max(written / elapsed_s, 1.0)
        return self._options.disk.look(self.folder.root, rate, is_recording=True)

    def _reason_to_end(self) -> str:
        """Empty while nothing speaks against going on."""
        failed = next((stream.error for stream in (self._raw, self._output) if stream.error), None)
        if failed is not None:
            return f"The recording ended by itself. {failed}"
        if self._disk is not None and self._disk.verdict is DiskVerdict.FINISH:
            return "The recording was finished because the disk is almost full."
        return ""


def _fallback_notice(encoder: Encoder, options: RecordingOptions) -> str:
    if encoder.codec != "libx264" or not options.is_hardware_encoder_allowed:
        return ""
    return "No hardware encoder runs here; recording uses the processor (libx264)."


def _output_tracks(options: RecordingOptions, folder: SessionFolder) -> tuple[Track[StabilizedFrame], ...]:
    pictures = {STABILIZED: _stabilized_pixels, ENHANCED: _enhanced_pixels}
    return tuple(
        Track(name, folder.video(name), pictures[name], "pipeline") for name in options.streams if name in pictures
    )


def _raw_pixels(frame: Frame) -> Image:
    return frame.pixels


def _stabilized_pixels(result: StabilizedFrame) -> Image:
    return result.pixels


def _enhanced_pixels(result: StabilizedFrame) -> Image:
    return result.enhanced


def _captured_ns(frame: Frame) -> int:
    return frame.captured_ns
