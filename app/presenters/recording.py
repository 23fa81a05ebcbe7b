"""Recording from the live page: start and stop, pause, stills, markers and ranges, the last half minute."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QThreadPool, QTimer, Signal

from app.desk import Desk
from app.dialogs.patient import PatientDialog
from app.presenters.fanout import Fanout
from app.presenters.hand_back import HandBackPresenter
from app.presenters.live_marks import LiveMarks
from app.presenters.recording_light import RecordingLight
from app.presenters.recording_wishes import Recovered, library_of, options_of, recovered
from app.views.notices import Notice
from app.work import Work
from engine.errors import EngineError
from engine.events import Event, EventKind
from engine.recording.practice import Practice
from engine.recording.recorder import RecordedSource, Recorder, RecordingStatus
from engine.recording.replay import ReplayBuffer, save_replay
from engine.recording.session_folder import Patient, SessionFolder
from engine.values import StabilizedFrame

LOOK_EVERY_MS = 250


def attach(desk: Desk) -> RecordingPresenter:
    """Called once the window stands."""
    return RecordingPresenter(desk)


class RecordingPresenter(QObject):
    """Wishes from keys and pedals in, recorder calls out; what takes disk time goes to the workers."""

    started = Signal(object)  # SessionFolder
    stopped = Signal(object)  # RecordingStatus
    replay_saved = Signal(object)  # SessionFolder

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk.pump)
        self._desk = desk
        self._visit = desk.visit
        self.recorder = Recorder(options_of(desk))
        self._line = QThreadPool(self)  # starts and stops wait for no export, and happen in the order of the keys
        self._line.setMaxThreadCount(1)
        self.replay = ReplayBuffer()
        self._replayed = ""  # the source that the last half minute is of
        self.marks = LiveMarks(desk, self)
        self.hand_back = HandBackPresenter(desk, self)
        self._recorded: Path | None = None  # where the running recording lies
        self._is_stopping = False
        self._asked_by = desk.visit.practice  # who gets it back, settled when it is stopped
        self._newest: StabilizedFrame | None = None
        self._light = RecordingLight(desk, self)
        self.badge = self._light.badge
        desk.session.attach_recorder(Fanout(self.recorder, self.replay))
        desk.pump.output_arrived.connect(self.see)
        desk.pump.event_happened.connect(self.hear)
        for name, slot in (
            ("record", self.toggle),
            ("pause_recording", self.toggle_pause),
            ("still", self.take_still),
            ("marker", self.mark),
            ("range", self.mark_range),
            ("replay", self.save_replay),
        ):
            desk.actions[name].triggered.connect(slot)
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_EVERY_MS)
        self._timer.timeout.connect(self.look)
        self._told_notice = ""
        self._has_new_settings = False  # changed while recording: they hold for the next one
        desk.visit.patient_changed.connect(self.replay.forget)
        desk.preferences.changed.connect(self._hear_settings)
        self._timer.start()
        self._work(self._recover, self._tell_recovered)

    def toggle(self) -> None:
        """Ask for the patient and start, or stop: what is about to start counts as started."""
        if self._visit.is_recorded:
            self._is_stopping = True
            self._free_the_chair()
            self._work(self._stop, self._tell_stopped, line=self._line)
            return
        self._desk.actions["record"].setChecked(False)
        self._dialog = PatientDialog(self._desk.theme, self._visit.patient, self._desk.stage.window())
        self._dialog.chosen.connect(self.start)
        self._dialog.open()

    def start(self, patient: Patient) -> None:
        """Record this patient from now on."""
        info = self._desk.session.source_info
        if info is None:
            self._tell("There is no picture to record.", "Choose a source first.")
            return
        if self._visit.is_recorded:  # two forms were open: nobody else sits down while somebody is recorded
            self._tell("A recording is already running.", "Stop it first.")
            return
        self._visit.seat(patient)
        self._visit.is_recorded = True
        source = RecordedSource(info.identity, info.name, info.width, info.height, info.fps)

        def begin(_: Work) -> SessionFolder:
            return self.recorder.start(patient, source)

        self._work(begin, self._take_started, self._take_refused, line=self._line)

    def toggle_pause(self) -> None:
        """Pause, or go on."""
        try:
            self.recorder.resume() if self.recorder.status().is_paused else self.recorder.pause()
        except EngineError as error:
            self._tell(error.sentence, error.remedy)

    def take_still(self) -> None:
        """Raw and shown picture of the newest frame."""
        if self._newest is None:
            return
        try:
            self.recorder.still(self._newest)
        except EngineError as error:
            self._tell(error.sentence, error.remedy)
            return
        self._desk.shell.tell(Notice(self.tr("Still saved."), topic="session"))

    def mark(self) -> None:
        """A marker at the newest frame."""
        at_ns = self._session_time_ns()
        if at_ns is not None:
            self.marks.mark(at_ns)

    def mark_range(self) -> None:
        """The first press begins a range, the second ends it."""
        at_ns = self._session_time_ns()
        if at_ns is not None:
            self.marks.mark_range(at_ns)

    def save_replay(self) -> None:
        """The last half minute as a session of its own."""
        info = self._desk.session.source_info
        if info is None:
            return
        if self.recorder.is_open:
            self._tell(self.tr("The recording that runs holds it already."), self.tr("Press K to mark the moment."))
            return
        source = RecordedSource(info.identity, info.name, info.width, info.height, info.fps)
        options, patient, practice = options_of(self._desk), self._visit.patient, self._visit.practice
        held = self.replay.held()  # now: when the worker comes to it, somebody else may sit there

        def save(_: Work) -> tuple[Practice, SessionFolder]:
            return practice, save_replay(held, options, patient, source)

        self._work(save, self._tell_replay)

    def see(self, result: StabilizedFrame) -> None:
        """The newest output: what a still or a marker refers to."""
        self._newest = result

    def hear(self, event: Event) -> None:
        """Another camera: what came before is none of its pictures."""
        info = self._desk.session.source_info
        if event.kind is EventKind.SOURCE_OPENED and info is not None and info.identity != self._replayed:
            self._replayed = info.identity
            self.replay.forget()

    def use_settings(self) -> None:
        """Library folder, streams and quality may have changed; a running recording keeps its own."""
        self._has_new_settings = self._visit.is_recorded or self.recorder.is_open
        if self._has_new_settings:
            return
        self.recorder = Recorder(options_of(self._desk))
        self._desk.session.attach_recorder(Fanout(self.recorder, self.replay))

    def close(self) -> None:
        """Finish what is recorded; the window waits for it, so that nothing is lost."""
        self._has_new_settings = False
        self._timer.stop()
        self._desk.session.attach_recorder(None)
        self._line.waitForDone()
        self.recorder.stop()
        self.replay.close()
        self._free_the_chair()
        self._take_ended()

    def _hear_settings(self, page: str) -> None:
        if page == "recording":
            self.use_settings()

    def _session_time_ns(self) -> int | None:
        """The newest frame's time in the session; a key without a recording is told."""
        if self._newest is None:
            return None
        at_ns = self.recorder.session_time_ns(self._newest.raw.captured_ns)
        if at_ns is None:
            self._tell(self.tr("Nothing is recorded, so there is nothing to mark."), self.tr("Press R to record."))
        return at_ns

    def look(self) -> None:
        """Show how the recording is doing."""
        status = self.recorder.status()
        self._light.show_status(status)
        is_over = self._recorded is not None and status.session_id == self._recorded.name and not status.is_recording
        if is_over and not self._is_stopping:  # by itself, and its files are closed
            self._tell(status.problem, self.tr("What was recorded is whole and in the library."))
            self._free_the_chair()
            self._take_ended()

    def _take_started(self, folder: SessionFolder) -> None:
        self.replay.forget()
        for topic in ("recording", "patient"):  # what was said while nothing was recorded
            self._desk.shell.withdraw_notice(topic)
        self._recorded = folder.root
        try:
            self.marks.begin(folder)
        except EngineError as error:  # it is recorded all the same
            self._tell(error.sentence, error.remedy)
        self.started.emit(folder)
        notice = self.recorder.status().notice
        if notice and notice != self._told_notice:  # which encoder runs is news once
            self._desk.shell.tell(Notice(notice, topic="encoder"))
        self._told_notice = notice

    def _take_refused(self, sentence: str, remedy: str) -> None:
        self._visit.is_recorded = self.recorder.is_open
        self._tell(sentence, remedy)

    def _free_the_chair(self) -> None:
        """The recording is over, if not yet on the disk: the next patient may come."""
        self._asked_by = self._visit.practice
        self._visit.is_recorded = False

    def _take_ended(self) -> None:
        self.marks.end()
        self._is_stopping = False
        recorded, self._recorded = self._recorded, None
        if recorded is not None:
            self.hand_back.take(recorded, self._asked_by)
        if self._has_new_settings:
            self.use_settings()

    def _recover(self, _: Work) -> Recovered:
        return recovered(library_of(self._desk))

    def _stop(self, _: Work) -> RecordingStatus:
        return self.recorder.stop()

    def _tell_stopped(self, status: RecordingStatus) -> None:
        has_recorded = self._recorded is not None
        self._take_ended()
        if not has_recorded:  # the start was refused, and that was told
            return
        self.stopped.emit(status)
        if status.problem:
            self._tell(status.problem, "")
        lost = sum(status.lost.values())
        words = self.tr("Session {name} is saved: {time:.0f} s, {lost} frames lost.")
        self._desk.shell.tell(
            Notice(words.format(name=status.session_id, time=status.elapsed_s, lost=lost), topic="saved")
        )

    def _tell_replay(self, saved: tuple[Practice, SessionFolder]) -> None:
        practice, folder = saved
        self.replay_saved.emit(folder)
        self.hand_back.take(folder.root, practice)
        words = self.tr("The last half minute is saved as {name}.").format(name=folder.session_id)
        self._desk.shell.tell(Notice(words, topic="replay"))

    def _tell_recovered(self, outcome: Recovered) -> None:
        sessions, refusals = outcome
        for error in refusals[:1]:
            self._tell(error.sentence, error.remedy)
        if sessions:
            one = self.tr("{name} ({time:.1f} s lost)")
            names = ", ".join(one.format(name=name, time=lost_s) for name, lost_s in sessions)
            words = self.tr("Repaired after a crash: {names}.").format(names=names)
            self._desk.shell.tell(Notice(words, self.tr("They are in the library."), "caution", "recovered"))

    def _tell(self, sentence: str, remedy: str) -> None:
        self._desk.shell.tell(Notice(sentence, remedy, "caution", "recording"))

    def _work(
        self,
        function: Callable[[Work], Any],
        on_done: Callable[[Any], None],
        on_refused: Callable[[str, str], None] | None = None,
        line: QThreadPool | None = None,
    ) -> None:
        work = Work(function, self)
        work.done.connect(on_done)
        work.refused.connect(on_refused or self._tell)
        work.start(line or self._desk.workers)
