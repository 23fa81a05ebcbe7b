"""Recording from the live page: start and stop, pause, stills, markers and ranges, the last half minute."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import platformdirs
from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QIcon

from app.desk import Desk
from app.dialogs.patient import PatientDialog
from app.presenters.fanout import Fanout
from app.presenters.hand_back import HandBackPresenter
from app.presenters.live_marks import LiveMarks
from app.views.notices import Notice
from app.views.recording_badge import BadgeState, RecordingBadge
from app.work import Work
from engine.errors import EngineError
from engine.recording.practice import Practice
from engine.recording.recorder import RecordedSource, Recorder, RecordingOptions, RecordingStatus
from engine.recording.recovery import repair, unfinished_sessions
from engine.recording.replay import ReplayBuffer
from engine.recording.session_folder import STREAMS, Patient, SessionFolder
from engine.values import StabilizedFrame

LOOK_EVERY_MS = 250


def attach(desk: Desk) -> RecordingPresenter:
    """Called once the window stands."""
    return RecordingPresenter(desk)


def library_of(desk: Desk) -> Path:
    """The folder of all sessions, from the settings or the user's documents."""
    chosen = desk.preferences.settings.recording.library
    return Path(chosen) if chosen else platformdirs.user_documents_path() / "Steadyscope"


class RecordingPresenter(QObject):
    """Wishes from keys and pedals in, recorder calls out; what takes disk time goes to the workers."""

    started = Signal(object)  # SessionFolder
    stopped = Signal(object)  # RecordingStatus
    replay_saved = Signal(object)  # SessionFolder

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk.pump)
        self._desk = desk
        self._visit = desk.visit
        self.recorder = Recorder(self._options())
        self.replay = ReplayBuffer()
        self.marks = LiveMarks(desk, self)
        self.hand_back = HandBackPresenter(desk, self)
        self._recorded: Path | None = None  # where the running recording lies
        self._asked_by = desk.visit.practice  # who gets it back, settled when it is stopped
        self._newest: StabilizedFrame | None = None
        self.badge = RecordingBadge(desk.theme)
        desk.shell.add_to_corner(self.badge)
        desk.session.attach_recorder(Fanout(self.recorder, self.replay))
        desk.pump.output_arrived.connect(self.see)
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
        self._was_recording = False
        self._told_notice = ""
        self._has_new_settings = False  # changed while recording: they hold for the next one
        desk.theme.changed.connect(self._light_up)
        desk.visit.patient_changed.connect(self.replay.forget)
        desk.preferences.changed.connect(self._hear_settings)
        self._timer.start()
        self._work(self._recover, self._tell_recovered)

    def toggle(self) -> None:
        """Ask for the patient and start, or stop."""
        if self.recorder.status().is_recording:
            self._free_the_chair()
            self._work(self._stop, self._tell_stopped)
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
        self._visit.seat(patient)
        self._visit.is_recorded = True
        source = RecordedSource(info.identity, info.name, info.width, info.height, info.fps)

        def begin(_: Work) -> SessionFolder:
            return self.recorder.start(patient, source)

        self._work(begin, self._take_started, self._take_refused)

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
        options, patient, practice = self._options(), self._visit.patient, self._visit.practice

        def save(_: Work) -> tuple[Practice, SessionFolder]:
            return practice, self.replay.save(options, patient, source)

        self._work(save, self._tell_replay)

    def see(self, result: StabilizedFrame) -> None:
        """The newest output: what a still or a marker refers to."""
        self._newest = result

    def use_settings(self) -> None:
        """Library folder, streams and quality may have changed; a running recording keeps its own."""
        self._has_new_settings = self.recorder.is_open
        if self._has_new_settings:
            return
        self.recorder = Recorder(self._options())
        self._desk.session.attach_recorder(Fanout(self.recorder, self.replay))

    def close(self) -> None:
        """Finish what is recorded; the window waits for it, so that nothing is lost."""
        self._has_new_settings = False
        self._timer.stop()
        self._desk.session.attach_recorder(None)
        self.recorder.stop()
        self.replay.close()
        self._free_the_chair()
        self._take_ended()

    def _hear_settings(self, page: str) -> None:
        if page == "recording":
            self.use_settings()

    def _options(self) -> RecordingOptions:
        wanted = self._desk.preferences.settings.recording
        streams = STREAMS if wanted.keeps_enhanced else STREAMS[:2]
        return RecordingOptions(
            library_of(self._desk),
            streams,
            wanted.crf,
            is_hardware_encoder_allowed=wanted.is_hardware_encoder_allowed,
            operator=wanted.operator,
        )

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
        self.badge.show_status(_badge(status))
        self._desk.actions["record"].setChecked(status.is_recording)
        self._desk.actions["pause_recording"].setChecked(status.is_paused)
        if self._was_recording and not status.is_recording and status.notice.startswith("The recording"):
            self._tell(status.notice, self.tr("What was recorded is whole and in the library."))
            self._free_the_chair()
            self._take_ended()
        if self._was_recording != status.is_recording:
            self._was_recording = status.is_recording
            self._light_up()

    def _light_up(self) -> None:
        """The key's own light is red while it records, whatever the theme's accent."""
        theme, action = self._desk.theme, self._desk.actions["record"]
        action.setIcon(theme.icon("record"))
        if self._was_recording:
            edge = theme.px(24) * round(self.badge.devicePixelRatio())
            action.setIcon(QIcon(theme.pixmap("record", edge, theme.palette.alarm)))

    def _take_started(self, folder: SessionFolder) -> None:
        self.replay.forget()
        for topic in ("recording", "patient"):  # what was said while nothing was recorded
            self._desk.shell.withdraw_notice(topic)
        self.marks.begin(folder)
        self._recorded = folder.root
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
        recorded, self._recorded = self._recorded, None
        if recorded is not None:
            self.hand_back.take(recorded, self._asked_by)
        if self._has_new_settings:
            self.use_settings()

    def _recover(self, _: Work) -> list[str]:
        return [
            f"{check.session_id} ({check.lost_s:.1f} s lost)"
            for check in map(repair, unfinished_sessions(library_of(self._desk)))
        ]

    def _stop(self, _: Work) -> RecordingStatus:
        return self.recorder.stop()

    def _tell_stopped(self, status: RecordingStatus) -> None:
        self._take_ended()
        self.stopped.emit(status)
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

    def _tell_recovered(self, sessions: list[str]) -> None:
        if sessions:
            words = self.tr("Repaired after a crash: {names}.").format(names=", ".join(sessions))
            self._desk.shell.tell(Notice(words, self.tr("They are in the library."), "caution", "recovered"))

    def _tell(self, sentence: str, remedy: str) -> None:
        self._desk.shell.tell(Notice(sentence, remedy, "caution", "recording"))

    def _work(
        self,
        function: Callable[[Work], Any],
        on_done: Callable[[Any], None],
        on_refused: Callable[[str, str], None] | None = None,
    ) -> None:
        work = Work(function, self)
        work.done.connect(on_done)
        work.refused.connect(on_refused or self._tell)
        work.start(self._desk.workers)


def _badge(status: RecordingStatus) -> BadgeState:
    left = None if status.disk is None else status.disk.minutes_left
    return BadgeState(status.is_recording, status.is_paused, status.elapsed_s, sum(status.lost.values()), left)
