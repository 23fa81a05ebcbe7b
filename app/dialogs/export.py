"""How a session leaves the house: form, what goes with it, where to; progress and cancel while it is written."""

from __future__ import annotations

from collections.abc import Sequence
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

WITH_IDENTITY = ("json", "html", "files", "dicom")
WITH_VIDEOS = ("mp4", "files", "dicom")
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
        self._is_named = self._is_partial_offered = False
        self._stem = out
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.px(16))
        grid.setVerticalSpacing(theme.px(8))
        grid.setColumnStretch(1, 1)
        _, self.form = self._combo(
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
        self.stream_words, self.stream = self._combo(
            grid, 1, self.tr("Picture"), tuple((names[one], one) for one in streams)
        )
        self.burnt_in = QCheckBox(self.tr("Draw the annotations into the picture"))
        self.burnt_in.setChecked(True)
        self.chapters = QCheckBox(self.tr("Markers and ranges as chapters"))
        self.chapters.setChecked(True)
        self.trimmed = QCheckBox(self.tr("Only between the marks: {span}").format(span=trim))
        self.trimmed.setChecked(bool(trim))
        self._has_trim = bool(trim)
        self.identified = QCheckBox(self.tr("Include the patient's identity"))
        self.partial = QCheckBox(self.tr("What is left, marked as incomplete"))
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
        self._fit()

    def show_incomplete(self, sentence: str, missing: Sequence[str]) -> None:
        """The export is written, and these sentences say what it lacks."""
        self._show_working(False)
        show_outcome(self.state, "\n".join((sentence, *(f"\u2022 {one}" for one in missing))), role="caution")
        self._fit()

    def offer_partial(self) -> None:
        """The session's files are damaged: what is left of them can be exported."""
        self._is_partial_offered = True
        self.partial.setVisible(True)
        self._fit()

    def _combo(
        self, grid: QGridLayout, row: int, words: str, choices: tuple[tuple[str, str], ...]
    ) -> tuple[QLabel, QComboBox]:
        combo = QComboBox()
        combo.setAccessibleName(words)
        for text, value in choices:
            combo.addItem(text, value)
        label = QLabel(words)
        grid.addWidget(label, row, 0)
        grid.addWidget(combo, row, 1)
        return label, combo

    def _suit(self) -> None:
        """Only what bears on the form is there to be chosen."""
        form = str(self.form.currentData())
        for widget in (self.stream_words, self.stream, self.burnt_in, self.chapters):
            widget.setVisible(form == "mp4")
        self.trimmed.setVisible(self._has_trim and form == "mp4")
        self.identified.setVisible(form in WITH_IDENTITY)
        self.partial.setVisible(self._is_partial_offered and form in WITH_VIDEOS)
        if not self._is_named:
            self.path.setText(str(unused(self._stem, SUFFIXES[form])))
        self._fit()

    def _fit(self) -> None:
        """As high as what is shown: rows that are squeezed cannot be read."""
        layout = self.layout()
        if layout is not None:
            layout.activate()
            self.resize(self.width(), layout.totalHeightForWidth(self.width()))

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
                is_identified=self.identified.isChecked() and form in WITH_IDENTITY,
                is_partial=self.partial.isChecked() and form in WITH_VIDEOS,
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


def show_outcome(label: QLabel, sentence: str, *, is_problem: bool = False, role: str = "muted") -> None:
    """A sentence in the tone that suits."""
    label.setProperty("role", "alarm" if is_problem else role)
    label.style().polish(label)
    label.setText(sentence)
    label.setVisible(bool(sentence))


def unused(stem: Path, suffix: str) -> Path:
    """The first name that is free, so that no export takes the place of an earlier one unasked."""
    names = (stem.with_name(f"{stem.name}{end}{suffix}") for end in ("", *(f"-{number}" for number in range(2, 1000))))
    return next((path for path in names if not path.exists()), stem.with_name(f"{stem.name}{suffix}"))
