"""A second start arrives: its patient is taken over where that is safe, or refused, and the window says which."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QApplication, QWidget

from app.desk import Desk
from app.dialogs.patient import PatientDialog
from app.engine_words import said
from app.pages import LIVE
from app.start_request import Answer, StartRequest
from app.views.notices import Notice
from app.views.patient_label import PatientLabel
from app.visit import words_of
from engine.recording.session_folder import Patient

TOPIC = "patient"


def attach(desk: Desk) -> ReceptionPresenter:
    """Called once the window stands."""
    return ReceptionPresenter(desk)


class ReceptionPresenter(QObject):
    """While somebody is recorded nobody else may come in; at any other time the change is announced."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk.pump)
        self._desk = desk
        self._visit = desk.visit
        self.label = PatientLabel(desk.theme)
        desk.shell.add_to_corner(self.label)
        self._visit.patient_changed.connect(self._show_patient)
        self._show_patient()
        self._door = desk.door
        if self._door is not None:
            self._door.misunderstood.connect(self._tell_misunderstood)
            self._door.serve(self.receive)
            if not self._door.is_open:
                self._tell_no_door()

    def receive(self, request: StartRequest) -> Answer:
        """Take it over or refuse it; a recording goes on untouched either way."""
        bring_forward(self._desk.stage.window())
        visit, practice = self._visit, request.practice
        old, new = visit.patient, practice.patient
        if not new.patient_id:
            return self._say(self.tr("Steadyscope is running already; this is its window."))
        if new == old:
            visit.receive(practice)
            return self._say(self.tr("The patient is {new} already."), new=new)
        if visit.is_recorded:
            words = self.tr("Patient {new} was not taken over: a recording ({old}) is running.")
            remedy = self.tr("Finish the recording, then start again from the practice software.")
            return self._say(words, remedy, is_taken=False, new=new, old=old)
        self._clear_away()
        visit.receive(practice)
        if not old.patient_id:
            return self._say(self.tr("The patient is {new} now."), new=new)
        remedy = self.tr("Before: {old}. What is recorded from now on belongs to the new patient.")
        return self._say(self.tr("The patient has changed to {new}."), remedy, new=new, old=old)

    def close(self) -> None:
        """Nobody is let in any more."""
        if self._door is not None:
            self._door.shut()

    def _say(self, sentence: str, remedy: str = "", *, is_taken: bool = True, **people: Patient) -> Answer:
        """The window tells names, which stay until they are read; numbers are all that leaves it."""
        names = {key: words_of(patient) or self.tr("demonstration") for key, patient in people.items()}
        numbers = {key: patient.patient_id or self.tr("demonstration") for key, patient in people.items()}
        tone = "caution" if remedy else "info"
        self._desk.shell.tell(Notice(sentence.format(**names), remedy.format(**names), tone, TOPIC))
        return Answer(is_taken, sentence.format(**numbers), remedy.format(**numbers))

    def _clear_away(self) -> None:
        """Nothing of the patient before stays in view: no half-filled form, no frozen picture, no recording."""
        window = self._desk.stage.window()
        for dialog in window.findChildren(PatientDialog):
            dialog.reject()
        self._desk.actions["freeze"].setChecked(False)
        if QApplication.activeModalWidget() is None:  # under a dialog no page is turned
            self._desk.shell.show_page(LIVE.name)

    def _show_patient(self) -> None:
        self.label.show_patient(words_of(self._visit.patient))

    def _tell_misunderstood(self, sentence: str) -> None:
        words = self.tr("Another start of Steadyscope was refused.")
        self._desk.shell.tell(Notice(words, said(sentence), "caution", "second-start"))

    def _tell_no_door(self) -> None:
        words = self.tr("Practice software cannot reach this window: its next patient would come in a second one.")
        remedy = self.tr("Close this window first, and check that the settings folder can be written.")
        self._desk.shell.tell(Notice(words, remedy, "caution", "second-start"))


def bring_forward(window: QWidget) -> None:
    """Up from the task bar and over other windows, as far as the desktop lets it."""
    window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
    window.show()
    window.raise_()
    window.activateWindow()
    QApplication.alert(window)
