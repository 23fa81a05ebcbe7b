"""Who is recorded: asked before the recording starts, never guessed; a demonstration needs nobody."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFormLayout, QLabel, QLineEdit, QWidget

from app.dialogs.sheet import Sheet
from app.theme import TARGET_PX, Theme
from engine.errors import RecordingError
from engine.recording.session_folder import Patient, accepted


class PatientDialog(Sheet):
    """Number, name and birth date; or a recording without a patient, in so many words."""

    chosen = Signal(object)  # Patient

    def __init__(self, theme: Theme, patient: Patient, parent: QWidget | None) -> None:
        """`patient` is what is known already, from practice software or the last recording."""
        super().__init__(
            theme,
            self.tr("Who is recorded?"),
            self.tr("Identity is kept in the session's data base only: never in file names or in the picture."),
            parent,
        )
        self.resize(theme.px(560), self.sizeHint().height())
        form = QFormLayout()
        form.setVerticalSpacing(theme.px(8))
        form.setHorizontalSpacing(theme.px(16))
        self.number = self._line(patient.patient_id, self.tr("required"))
        self.family = self._line(patient.family_name, "")
        self.given = self._line(patient.given_name, "")
        self.born = self._line(patient.birth_date, self.tr("YYYY-MM-DD"))
        for text, line in (
            (self.tr("Patient or session number"), self.number),
            (self.tr("Family name"), self.family),
            (self.tr("Given name"), self.given),
            (self.tr("Date of birth"), self.born),
        ):
            line.setAccessibleName(text)
            label = QLabel(text)
            label.setMinimumHeight(theme.px(TARGET_PX))
            label.setBuddy(line)
            form.addRow(label, line)
        self.body.addLayout(form)
        self.problem = QLabel()
        self.problem.setProperty("role", "alarm")
        self.problem.setWordWrap(True)
        self.body.addWidget(self.problem)
        self.without = self.add_button(self.tr("Demonstration, nobody"))
        self.without.clicked.connect(self._take_nobody)
        self.add_close_button().setText(self.tr("Cancel"))
        self.start = self.add_button(self.tr("Start recording"), is_primary=True)
        self.start.clicked.connect(self._take)
        self.number.textChanged.connect(self._judge)
        self._judge()

    def _line(self, text: str, hint: str) -> QLineEdit:
        line = QLineEdit(text)
        line.setPlaceholderText(hint)
        line.setMinimumHeight(self.theme.px(TARGET_PX))
        line.setMaxLength(64)
        return line

    def _judge(self) -> None:
        self.start.setEnabled(bool(self.number.text().strip()))

    def _take(self) -> None:
        fields = (self.number, self.family, self.given, self.born)
        try:
            patient = accepted(Patient(*(line.text().strip() for line in fields)))
        except RecordingError as error:
            self.problem.setText(f"{error.sentence} {error.remedy}")
            return
        self.chosen.emit(patient)
        self.accept()

    def _take_nobody(self) -> None:
        self.chosen.emit(Patient())
        self.accept()
