"""How a session leaves the house: form, what goes with it, where to; progress and cancel while it is written."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QWidget,
)

from app.dialogs.sheet import Sheet
from app.theme import Theme

SUFFIXES = {"mp4": ".mp4", "html": ".html", "json": ".json", "webvtt": ".vtt", "csv": ".csv", "files": "", "dicom": ""}


@dataclass(frozen=True, slots=True)
class ExportWish:
    """What was chosen."""

    form: str
    out: Path
    stream: str
    is_burnt_in: bool
    has_chapters: bool
    is_trimmed: bool
    is_identified: bool
    is_partial: bool = False


class ExportDialog(Sheet):
    """One form at a time; identity stays at home unless it is asked for."""

    export_requested = Signal(object)  # ExportWish
    cancel_requested = Signal()

    def __init__(self, theme: Theme, out: Path, streams: tuple[str, ...], trim: str, parent: QWidget | None) -> None:
        """`out` is the proposed file without a suffix; `trim` says what the marks enclose, empty for none."""
        super().__init__(
            theme, self.tr("Export the session"), self.tr("The recording itself is never changed."), parent
        )
        self.setFixedWidth(theme.px(640))
        self._is_named = False
        self._stem = out
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.px(16))
        grid.setVerticalSpacing(theme.px(8))
        grid.setColumnStretch(1, 1)
        self.form = self._combo(
            grid,
            0,
            self.tr("Form"),
            (
                (self.tr("Video (MP4)"), "mp4"),
                (self.tr("Report with stills (HTML)"), "html"),
                (self.tr("Videos and stills (folder)"), "files"),
                (self.tr("DICOM objects (folder)"), "dicom"),
                (self.tr("Annotations (JSON, can be imported)"), "json"),
                (self.tr("Annotations (WebVTT chapters)"), "webvtt"),
                (self.tr("Annotations (CSV table)"), "csv"),
            ),
        )
        names = {
            "raw": self.tr("Raw"),
            "stabilized": self.tr("Stabilized"),
            "enhanced": self.tr("Enhanced"),
        }
        self.stream = self._combo(grid, 1, self.tr("Picture"), tuple((names[one], one) for one in streams))
        self.burnt_in = QCheckBox(self.tr("Draw the annotations into the picture"))
        self.burnt_in.setChecked(True)
        self.chapters = QCheckBox(self.tr("Markers and ranges as chapters"))
        self.chapters.setChecked(True)
        self.trimmed = QCheckBox(self.tr("Only between the marks: {span}").format(span=trim))
        self.trimmed.setChecked(bool(trim))
        self._has_trim = bool(trim)
        self.identified = QCheckBox(self.tr("Include the patient's identity"))
        self.partial = QCheckBox(self.tr("What is left, marked as incomplete"))
        self.partial.setVisible(False)
        boxes = (self.burnt_in, self.chapters, self.trimmed, self.identified, self.partial)
        for number, box in enumerate(boxes, 2):
            grid.addWidget(box, number, 1)
        self.path = QLineEdit()
        self.path.setAccessibleName(self.tr("File"))
        self.path.textEdited.connect(self._remember_named)
        browse = QPushButton(self.tr("Choose…"))
        browse.clicked.connect(self._browse)
        place = QHBoxLayout()
        place.setSpacing(theme.px(8))
        place.addWidget(self.path, 1)
        place.addWidget(browse)
        grid.addWidget(QLabel(self.tr("Save as")), len(boxes) + 2, 0)
        grid.addLayout(place, len(boxes) + 2, 1)
        self.body.addLayout(grid)
        self.progress, self.state = add_progress(self)
        self.close_button = self.add_close_button()
        self.cancel = self.add_button(self.tr("Cancel"))
        self.cancel.clicked.connect(self.cancel_requested)
        self.start = self.add_button(self.tr("Export"), is_primary=True)
        self.start.clicked.connect(self._request)
        self.form.currentIndexChanged.connect(self._suit)
        self._suit()
        self.show_idle("")

    def show_progress(self, share: float) -> None:
        """0..1 of an export under way."""
        self._show_working(True)
        self.progress.setValue(round(share * 1000))
        self.state.setText(self.tr("Writing: {share:.0f} %").format(share=100 * share))

    def show_idle(self, sentence: str, *, is_problem: bool = False) -> None:
        """Nothing is under way; how the last export ended."""
        self._show_working(False)
        show_outcome(self.state, sentence, is_problem=is_problem)

    def offer_partial(self) -> None:
        """The session's files are damaged: what is left of them can be exported."""
        self.partial.setVisible(True)

    def _combo(self, grid: QGridLayout, row: int, words: str, choices: tuple[tuple[str, str], ...]) -> QComboBox:
        combo = QComboBox()
        combo.setAccessibleName(words)
        for text, value in choices:
            combo.addItem(text, value)
        grid.addWidget(QLabel(words), row, 0)
        grid.addWidget(combo, row, 1)
        return combo

    def _suit(self) -> None:
        """Only what bears on the form can be chosen."""
        form = str(self.form.currentData())
        is_video = form == "mp4"
        for widget in (self.stream, self.burnt_in, self.chapters):
            widget.setEnabled(is_video)
        self.trimmed.setVisible(self._has_trim)
        self.trimmed.setEnabled(is_video)
        self.identified.setEnabled(form in ("json", "html", "files", "dicom"))
        if not self._is_named:
            self.path.setText(f"{self._stem}{SUFFIXES[form]}")

    def _remember_named(self) -> None:
        self._is_named = True

    def _browse(self) -> None:
        if not SUFFIXES[str(self.form.currentData())]:
            chosen = QFileDialog.getExistingDirectory(self, self.tr("Folder for the export"), self.path.text())
        else:
            chosen, _ = QFileDialog.getSaveFileName(self, self.tr("Save as"), self.path.text())
        if chosen:
            self._is_named = True
            self.path.setText(chosen)

    def _request(self) -> None:
        form = str(self.form.currentData())
        self.export_requested.emit(
            ExportWish(
                form=form,
                out=Path(self.path.text()).expanduser(),
                stream=str(self.stream.currentData()),
                is_burnt_in=self.burnt_in.isChecked(),
                has_chapters=self.chapters.isChecked(),
                is_trimmed=self._has_trim and self.trimmed.isChecked() and form == "mp4",
                is_identified=self.identified.isChecked() and self.identified.isEnabled(),
                is_partial=self.partial.isChecked(),
            )
        )

    def _show_working(self, is_working: bool) -> None:
        self.progress.setVisible(is_working)
        self.cancel.setVisible(is_working)
        self.start.setEnabled(not is_working)
        self.close_button.setVisible(not is_working)


def add_progress(sheet: Sheet) -> tuple[QProgressBar, QLabel]:
    """A bar and a line of words at the end of a sheet's body."""
    progress = QProgressBar()
    progress.setRange(0, 1000)
    progress.setTextVisible(False)
    progress.setAccessibleName(sheet.tr("Progress"))
    state = QLabel()
    state.setWordWrap(True)
    sheet.body.addWidget(progress)
    sheet.body.addWidget(state)
    return progress, state


def show_outcome(label: QLabel, sentence: str, *, is_problem: bool) -> None:
    """A sentence in the tone that suits."""
    label.setProperty("role", "alarm" if is_problem else "muted")
    label.style().polish(label)
    label.setText(sentence)
    label.setVisible(bool(sentence))
