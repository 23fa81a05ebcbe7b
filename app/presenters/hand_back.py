"""Recordings of the patient whom practice software named go back to it, each as soon as it is finished."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from app.desk import Desk
from app.views.notices import Notice
from app.work import Work
from engine.errors import RecordingError
from engine.recording.practice import HandBack, Practice
from engine.recording.session_folder import Patient

if TYPE_CHECKING:
    from engine.archive.omissions import Omissions  # imported with the exports, off the window's thread

WARM_AFTER_MS = 5000  # the picture comes first


class HandBackPresenter(QObject):
    """Writes on a worker; what cannot be handed back is told and stays in the library."""

    handed_back = Signal(object)  # list of Path

    def __init__(self, desk: Desk, parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk
        self._is_warm = False
        desk.visit.practice_changed.connect(self.warm_up)
        QTimer.singleShot(WARM_AFTER_MS, self, self.warm_up)

    def warm_up(self) -> None:
        """Where recordings will go back, import what that needs, so that the first need not wait for it."""
        if self._is_warm or self._desk.visit.practice.hand_back is None:
            return
        self._is_warm = True
        Work(import_exports, self).start(self._desk.workers)

    def take(self, root: Path, practice: Practice) -> None:
        """The session at `root` is finished; `practice` is who asked while it was recorded.

        Nothing cancels the copy: a closing program waits for its workers.
        """
        if practice.hand_back is None:
            return
        work = Work(Copying(root, practice.patient, practice.hand_back), self)
        work.done.connect(self._tell_written)
        work.refused.connect(self._tell)
        work.start(self._desk.workers)

    def _tell_written(self, outcome: tuple[list[Path], tuple[str, ...]]) -> None:
        written, missing = outcome
        words = self.tr("Handed back to the practice: {count} files in {place}")
        words = words.format(count=len(written), place=written[0].parent)
        if missing:
            incomplete = self.tr("Incomplete, and marked as such:")
            self._desk.shell.tell(Notice(words, " ".join((incomplete, *missing)), "caution", "hand-back"))
        else:
            self._desk.shell.tell(Notice(words, topic="hand-back"))
        self.handed_back.emit(written)

    def _tell(self, sentence: str, remedy: str) -> None:
        self._desk.shell.tell(Notice(sentence, remedy, "caution", "hand-back"))


def import_exports(_: Work) -> None:
    """On a worker: imports that a window without a practice never needs."""
    from engine.archive import exports, reader  # noqa: F401


class Copying:
    """On a worker: the session of the right patient to its place."""

    def __init__(self, root: Path, patient: Patient, to: HandBack) -> None:
        self._root, self._patient, self._to = root, patient, to

    def __call__(self, _: Work) -> tuple[list[Path], tuple[str, ...]]:
        """What was written, and sentences that say what it lacks.

        Raises RecordingError for the session of another patient: it is not the practice's.
        """
        from engine.archive.exports import hand_back  # imported by then, or now, off the window's thread
        from engine.archive.reader import open_session

        session = open_session(self._root)
        if session.patient != self._patient:
            raise RecordingError(
                "This session was not handed back: practice software named another patient.",
                "Export it from the review page.",
            )
        told: list[Omissions] = []
        written = hand_back(session, self._to, _go_on, told.append)
        return written, tuple(sentence for one in told for sentence in one.grave)


def _go_on(_: float) -> bool:
    return True
