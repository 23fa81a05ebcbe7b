"""Send a session to a PACS: address and titles, whose name goes with it, progress, and a clear word on failure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtGui import QIntValidator
from PySide6.QtWidgets import QCheckBox, QFormLayout, QLabel, QLineEdit, QWidget

from app.dialogs.outcome import as_list, show_outcome
from app.dialogs.sheet import Sheet
from app.theme import TARGET_PX, Theme


@dataclass(frozen=True, slots=True)
class PacsWish:
    """What was typed; judged by whoever sends."""

    host: str
    port: int
    called: str
    calling: str
    is_identified: bool
    is_partial: bool = False


class PacsDialog(Sheet):
    """Remembers the address, never the identity."""

    send_requested = Signal(object)  # PacsWish
    cancel_requested = Signal()

    def __init__(self, theme: Theme, known: PacsWish, who: str, parent: QWidget | None) -> None:
        """`who` is the identity that would be sent, in words."""
        super().__init__(
            theme,
            self.tr("Send to a PACS"),
            self.tr("Videos, stills and a report of the annotations, as DICOM objects of one study."),
            parent,
        )
        self.setFixedWidth(theme.px(600))
        form = QFormLayout()
        form.setVerticalSpacing(theme.px(8))
        form.setHorizontalSpacing(theme.px(16))
        self.host = self._line(known.host, self.tr("host name or address"), 255)
        self.port = self._line(str(known.port), "", 5)
        self.port.setValidator(QIntValidator(1, 65535, self.port))
        self.called = self._line(known.called, "", 16)
        self.calling = self._line(known.calling, "", 16)
        for text, widget in (
            (self.tr("PACS host"), self.host),
            (self.tr("Port"), self.port),
            (self.tr("Its title (called AE)"), self.called),
            (self.tr("Our title (calling AE)"), self.calling),
        ):
            widget.setAccessibleName(text)
            label = QLabel(text)
            label.setMinimumHeight(theme.px(TARGET_PX))
            label.setBuddy(widget)
            form.addRow(label, widget)
        self.body.addLayout(form)
        self.identified = QCheckBox(self.tr("Send with the patient's identity: {who}").format(who=who))
        self.identified.setChecked(known.is_identified)
        self.body.addWidget(self.identified)
        self.note = QLabel(self.tr("Without it, the session's number stands in the place of the patient."))
        self.note.setProperty("role", "caption")
        self.body.addWidget(self.note)
        self.partial = QCheckBox(self.tr("Send what is left, marked as incomplete"))
        self.partial.hide()
        self.body.addWidget(self.partial)
        self.progress, self.state = self.add_progress()
        self.close_button = self.add_close_button()
        self.cancel = self.add_button(self.tr("Cancel"))
        self.cancel.clicked.connect(self.cancel_requested)
        self.start = self.add_button(self.tr("Send"), is_primary=True)
        self.start.clicked.connect(self._request)
        for line in (self.host, self.port, self.called, self.calling):
            line.textChanged.connect(self._judge)
        self.show_idle("")

    def show_progress(self, share: float, what: str) -> None:
        """0..1, and what is being done."""
        self._show_working(True)
        self.progress.setValue(round(share * 1000))
        self.state.setText(what)

    def show_idle(self, sentence: str, *, is_problem: bool = False) -> None:
        """Nothing is under way; how the last sending ended."""
        self._show_working(False)
        show_outcome(self.state, sentence, is_problem=is_problem)
        self._judge()
        self.fit()

    def show_incomplete(self, sentence: str, missing: Sequence[str]) -> None:
        """The objects have arrived, and these sentences say what they lack."""
        self.show_idle("")
        show_outcome(self.state, as_list(sentence, missing), role="caution")
        self.fit()

    def offer_partial(self) -> None:
        """The session's files are damaged: what is left of them can be sent."""
        self.partial.setVisible(True)

    def _line(self, text: str, hint: str, most: int) -> QLineEdit:
        line = QLineEdit(text)
        line.setPlaceholderText(hint)
        line.setMaxLength(most)
        return line

    def _judge(self) -> None:
        is_whole = bool(self.host.text().strip()) and self.port.hasAcceptableInput()
        self.start.setEnabled(is_whole and not self.cancel.isVisible())

    def _request(self) -> None:
        self.send_requested.emit(
            PacsWish(
                self.host.text().strip(),
                int(self.port.text()),
                self.called.text().strip(),
                self.calling.text().strip(),
                self.identified.isChecked(),
                self.partial.isChecked(),
            )
        )

    def _show_working(self, is_working: bool) -> None:
        self.progress.setVisible(is_working)
        self.cancel.setVisible(is_working)
        self.start.setEnabled(not is_working)
        self.close_button.setVisible(not is_working)
