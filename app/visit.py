"""Who sits in the chair, as practice software or the user said, and what practice software wants back."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from engine.recording.practice import Practice
from engine.recording.session_folder import Patient


class Visit(QObject):
    """The one place that knows the patient of the next recording; nothing here is guessed."""

    patient_changed = Signal()
    practice_changed = Signal()

    def __init__(self, practice: Practice, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._practice = practice
        self._patient = practice.patient
        self.is_recorded = False  # from the wish to record until the recording has been stopped

    @property
    def patient(self) -> Patient:
        """Who is recorded next, or now."""
        return self._patient

    @property
    def practice(self) -> Practice:
        """What practice software asked for last; its patient is not always the one who sits there."""
        return self._practice

    def seat(self, patient: Patient) -> None:
        """The user says who it is."""
        if patient != self._patient:
            self._patient = patient
            self.patient_changed.emit()

    def receive(self, practice: Practice) -> None:
        """Practice software says who it is."""
        self.seat(practice.patient)
        if practice != self._practice:
            self._practice = practice
            self.practice_changed.emit()


def words_of(patient: Patient) -> str:
    """As 7 · Roe, Ann; empty for nobody."""
    name = ", ".join(filter(None, (patient.family_name, patient.given_name)))
    return " · ".join(filter(None, (patient.patient_id, name)))
