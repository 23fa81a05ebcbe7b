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
    QPushButton,
    QWidget,
)

from app.dialogs.confirm import ConfirmDialog
from app.dialogs.outcome import as_list, show_outcome
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
        self._may_replace: Path | None = None  # what was agreed to be replaced
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
        self.progress, self.state = self.add_progress()
        self.close_button = self.add_close_button()
        self.cancel = self.add_button(self.tr("Cancel"))
        self.cancel.clicked.connect(self.cancel_requested)
        self.start = self.add_button(self.tr("Export"), is_primary=True)
        self.start.clicked.connect(self._ask_or_request)
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
        self.fit()

    def show_incomplete(self, sentence: str, missing: Sequence[str]) -> None:
        """The export is written, and these sentences say what it lacks."""
        self._show_working(False)
        show_outcome(self.state, as_list(sentence, missing), role="caution")
        self.fit()

    def offer_partial(self) -> None:
        """The session's files are damaged: what is left of them can be exported."""
        self._is_partial_offered = True
        self.partial.setVisible(True)
        self.fit()

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
        self.fit()

    def _remember_named(self) -> None:
        self._is_named = True

    def _browse(self) -> None:
        if not SUFFIXES[str(self.form.currentData())]:
            chosen = QFileDialog.getExistingDirectory(self, self.tr("Folder for the export"), self.path.text())
        else:
            chosen, _ = QFileDialog.getSaveFileName(self, self.tr("Save as"), self.path.text())
            self._may_replace = Path(chosen)  # that dialog asks by itself
        if chosen:
            self._is_named = True
            self.path.setText(chosen)

    @property
    def _out(self) -> Path:
        return Path(self.path.text()).expanduser()

    def _ask_or_request(self) -> None:
        """What stands under the name is replaced only if that is wished."""
        if self._out == self._may_replace or not would_replace(self._out, SUFFIXES[str(self.form.currentData())]):
            self._request()
            return
        question = ConfirmDialog(
            self.theme,
            self.tr("Replace “{name}”?").format(name=self._out.name),
            self.tr("It is there already. Keep it, and the export gets a name that is free."),
            self.tr("Replace"),
            self,
        )
        question.confirmed.connect(self._replace)
        question.rejected.connect(self._rename)
        question.open()

    def _replace(self) -> None:
        self._may_replace = self._out
        self._request()

    def _rename(self) -> None:
        """A free name beside it; Export writes there."""
        out = self._out
        suffix = out.suffix if SUFFIXES[str(self.form.currentData())] else ""
        self.path.setText(str(unused(out.with_name(out.name.removesuffix(suffix)), suffix)))
        self.show_idle(self.tr("This name is free."))

    def _request(self) -> None:
        self._may_replace = None  # said once
        form = str(self.form.currentData())
        self.export_requested.emit(
            ExportWish(
                form=form,
                out=self._out,
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


def would_replace(out: Path, suffix: str) -> bool:
    """Does something stand there that the export would write over? What is of the wrong kind it refuses by itself."""
    try:
        return out.is_file() if suffix else out.is_dir() and any(out.iterdir())
    except OSError:
        return False


def unused(stem: Path, suffix: str) -> Path:
    """The first name that is free, so that no export takes the place of an earlier one unasked."""
    names = (stem.with_name(f"{stem.name}{end}{suffix}") for end in ("", *(f"-{number}" for number in range(2, 1000))))
    return next((path for path in names if not path.exists()), stem.with_name(f"{stem.name}{suffix}"))
