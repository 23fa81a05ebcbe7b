"""Records one session at a time: raw straight from capture, stabilized from the pipeline, neither ever slowed."""

from __future__ import annotations

from pathlib import Path
from threading import Lock

from engine.errors import RecordingError
from engine.recording.disk import DiskVerdict, expected_bytes_per_s
from engine.recording.recording_run import RecordingRun
from engine.recording.session_folder import Patient, SessionFolder
from engine.recording.tap import Tap
from engine.recording.terms import RecordedSource, RecordingOptions, RecordingStatus
from engine.values import Frame, StabilizedFrame

__all__ = ["RecordedSource", "Recorder", "RecordingOptions", "RecordingStatus"]


class Recorder:
    """`offer_raw` and `offer_output` are called by the live path and never wait; the rest may take disk time."""

    def __init__(self, options: RecordingOptions) -> None:
        self._options = options
        self._raw_tap: Tap[Frame] = Tap()
        self._output_tap: Tap[StabilizedFrame] = Tap()
        self._lock = Lock()
        self._run: RecordingRun | None = None
        self._last_status = RecordingStatus(is_recording=False)

    @property
    def is_open(self) -> bool:
        """Does a recording run, paused or not? Costs nothing to ask."""
        return self._run is not None

    def offer_raw(self, frame: Frame) -> None:
        """From the capture thread, for every grabbed frame."""
        run = self._run
        if run is not None:
            if run.offered_from_ns is None:
                run.offered_from_ns = frame.captured_ns
            self._raw_tap.skip(frame.seq) if run.is_paused else self._raw_tap.offer(frame.seq, frame)

    def offer_output(self, result: StabilizedFrame) -> None:
        """From the pipeline thread, for every processed frame."""
        run = self._run
        if run is not None:
            seq = result.raw.seq
            self._output_tap.skip(seq) if run.is_paused else self._output_tap.offer(seq, result)

    def start(self, patient: Patient, source: RecordedSource) -> SessionFolder:
        """Open a session. Raises RecordingError when one runs, or the disk holds less than ten minutes."""
        with self._lock:
            if self._run is not None:
                raise RecordingError("A recording is already running.", "Stop it first.")
            options = self._options
            try:
                options.library.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise RecordingError(
                    f"Nothing can be recorded in {options.library}: {error.strerror or error}.",
                    "Choose another folder.",
                ) from error
            rate = expected_bytes_per_s(source.height, source.width, len(options.streams))
            state = options.disk.look(options.library, rate, is_recording=False)
            if state.verdict is DiskVerdict.REFUSE:
                raise RecordingError(
                    f"Only {state.minutes_left:.0f} minutes of recording fit on the disk.",
                    f"Free space, or choose another folder than {options.library}.",
                )
            frame_bytes = source.height * source.width * 3
            self._raw_tap.open(frame_bytes)
            self._output_tap.open(frame_bytes * len(options.streams))
            self._run = RecordingRun(self.stop, options, patient, source, self._raw_tap, self._output_tap)
            return self._run.folder

    def pause(self) -> None:
        """Keep the session open but write nothing; the time line keeps the gap."""
        self._required().pause()

    def resume(self) -> None:
        """Write again."""
        self._required().resume()

    def mark(self, t_ns: int, kind: str, text: str = "") -> None:
        """Note an event (pedal press, lost camera) at the monotonic time `t_ns`."""
        self._required().index.add_event(t_ns, kind, text)

    def session_time_ns(self, captured_ns: int) -> int | None:
        """A capture time as nanoseconds from the session's first raw frame; None when nothing is recorded yet."""
        run = self._run
        first_ns = run.first_ns if run is not None else None
        return None if first_ns is None else max(0, captured_ns - first_ns)

    def still(self, result: StabilizedFrame) -> list[Path]:
        """Save the raw and the shown picture of this frame as PNG, in the background; returns where they will lie.

        Raises RecordingError when nothing is recorded, or for a picture of before: it may be of another patient.
        """
        run = self._required()
        if run.offered_from_ns is None or result.raw.captured_ns < run.offered_from_ns:
            raise RecordingError("This picture was taken before the recording began.", "Take the still again.")
        run.index.add_event(result.raw.captured_ns, "still", str(result.raw.seq))
        return run.stills.save(result)

    def stop(self, reason: str = "") -> RecordingStatus:
        """Finish the files and close the session; harmless when none runs. Takes as long as the disk takes."""
        with self._lock:
            run, self._run = self._run, None
            if run is not None:
                self._last_status = run.finish(reason)
            return self._last_status

    def status(self) -> RecordingStatus:
        """Cheap: may be asked by the window several times a second."""
        run = self._run
        return run.status() if run is not None else self._last_status

    def _required(self) -> RecordingRun:
        run = self._run
        if run is None:
            raise RecordingError("No recording is running.", "Start one first.")
        return run
