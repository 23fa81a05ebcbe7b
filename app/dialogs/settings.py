"""The settings dialog: one page per topic, every value checked as it is entered, each page with its reset."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QSpinBox,
    QStackedWidget,
    QWidget,
)

from app.dialogs.sheet import Sheet
from app.preferences import Preferences
from app.theme import Theme
from engine.errors import SettingsError

Choices = tuple[tuple[Any, str], ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One setting: the field of `engine.settings`, its label, and what may be chosen or typed."""

    name: str
    text: str  # marked for translation
    choices: Choices = ()
    low: float = 0.0
    high: float = 0.0
    step: float = 0.0  # 0: not a number
    unit: str = ""
    factor: float = 1.0  # shown = kept * factor


@dataclass(frozen=True, slots=True)
class PageRows:
    """One page."""

    name: str  # of `engine.settings.Settings`
    title: str
    rows: tuple[Row, ...]


def _(text: str) -> str:
    """Marks a text for lupdate (`-tr-function-alias QT_TR_NOOP+=_`), which files it under no context."""
    return text


PAGES: tuple[PageRows, ...] = (
    PageRows(
        "look",
        _("Look"),
        (
            Row("theme", _("Colours"), (("dark", _("Dark")), ("high_contrast", _("High contrast")))),
            Row(
                "size_percent",
                _("Size of text and buttons"),
                (
                    (0, _("Suits the screen")),
                    (100, "100 %"),
                    (125, "125 %"),
                    (150, "150 %"),
                    (200, "200 %"),
                    (300, "300 %"),
                ),
            ),
            Row(
                "language",
                _("Language (after a restart)"),
                (("", _("The system's")), ("en", "English"), ("de", "Deutsch")),
            ),
            Row("shows_tooth_overlay", _("Tint the teeth")),
            Row("shows_flow_overlay", _("Draw the flow")),
            Row("shows_plots", _("Show the live plots")),
        ),
    ),
    PageRows(
        "picture",
        _("Picture"),
        (
            Row("is_mirrored", _("Mirror all views (marked in the picture)")),
            Row("rotation_deg", _("Turn"), ((0, "0°"), (90, "90°"), (180, "180°"), (270, "270°"))),
            Row(
                "stabilizer_mode", _("Stabilizer"), (("follow", _("Follow my hand")), ("lock", _("Lock on the tooth")))
            ),
            Row(
                "crop", _("Share of each side given up for steadiness"), low=2, high=20, step=0.5, unit=" %", factor=100
            ),
            Row("cutoff_hz", _("Movement faster than this is removed"), low=0.2, high=3.0, step=0.05, unit=" Hz"),
        ),
    ),
    PageRows(
        "recording",
        _("Recording"),
        (
            Row("operator", _("Operator, for annotations and reports (empty: the account's name)")),
            Row("library", _("Folder of the sessions (empty: the standard one)")),
            Row("crf", _("Compression (lower is better and larger)"), low=0, high=40, step=1),
            Row("keeps_enhanced", _("Record the enhanced picture too")),
            Row("is_hardware_encoder_allowed", _("Use a hardware encoder if there is one")),
        ),
    ),
    PageRows(
        "engine",
        _("Engine"),
        (
            Row("threads", _("Processor threads (0: automatic)"), low=0, high=256, step=1),
            Row(
                "keeps_pace",
                _("Give the network a smaller picture where the processor is slow (after a restart)"),
            ),
            Row(
                "has_own_process",
                _("In a process of its own, so that its crash leaves the window standing (after a restart)"),
            ),
        ),
    ),
)


def translated(text: str) -> str:
    """In the user's language."""
    return QCoreApplication.translate("", text)


class SettingsDialog(Sheet):
    """Every change holds at once; what is refused is told and put back."""

    def __init__(self, theme: Theme, preferences: Preferences, parent: QWidget | None) -> None:
        super().__init__(theme, self.tr("Settings"), self.tr("Every change holds at once."), parent)
        self.set_size(880, 600)
        self._preferences = preferences
        self._is_filling = False
        self._editors: dict[tuple[str, str], QWidget] = {}
        self._takes: list[Take] = []
        self._factors: dict[tuple[str, str], float] = {}
        row = QHBoxLayout()
        row.setSpacing(theme.px(24))
        self.list = QListWidget()
        self.list.setFixedWidth(theme.px(176))
        self.list.setAccessibleName(self.tr("Pages"))
        self.pages = QStackedWidget()
        row.addWidget(self.list)
        row.addWidget(self.pages, 1)
        self.body.addLayout(row, 1)
        for page in PAGES:
            self.list.addItem(translated(page.title))
            self.pages.addWidget(self._page(page))
        self.list.currentRowChanged.connect(self.pages.setCurrentIndex)
        self.list.setCurrentRow(0)
        self.refusal = QLabel()
        self.refusal.setWordWrap(True)
        self.refusal.setAccessibleName(self.tr("What was refused"))
        self.body.addWidget(self.refusal)
        reset = self.add_button(self.tr("Reset this page"))
        reset.clicked.connect(self._reset)
        self.add_close_button()
        preferences.changed.connect(self._fill)
        self._fill()

    def editor(self, page: str, name: str) -> QWidget:
        """The editor of one setting."""
        return self._editors[(page, name)]

    def _page(self, page: PageRows) -> QWidget:
        widget = QWidget()
        grid = QGridLayout(widget)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(self.theme.px(8))
        grid.setHorizontalSpacing(self.theme.px(24))
        for line, row in enumerate(page.rows):
            editor = self._editor(page.name, row)
            editor.setAccessibleName(translated(row.text))
            self._editors[(page.name, row.name)] = editor
            self._factors[(page.name, row.name)] = row.factor
            label = QLabel(translated(row.text))
            label.setWordWrap(True)
            grid.addWidget(label, line, 0)
            grid.addWidget(editor, line, 1)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        grid.setRowStretch(len(page.rows), 1)
        return widget

    def _editor(self, page: str, row: Row) -> QWidget:
        take = Take(self, page, row.name, row.factor)
        self._takes.append(take)  # Qt does not keep it
        if row.choices:
            box = QComboBox()
            for value, text in row.choices:
                box.addItem(translated(text), value)
            box.currentIndexChanged.connect(take.index)
            return box
        if row.step:
            return self._number(row, take)
        if isinstance(getattr(getattr(self._preferences.settings, page), row.name), bool):
            check = QCheckBox()
            check.toggled.connect(take.value)
            return check
        line = QLineEdit()
        line.editingFinished.connect(take.text)
        return line

    def _number(self, row: Row, take: Take) -> QWidget:
        whole = float(row.step).is_integer()
        spin: QSpinBox | QDoubleSpinBox = QSpinBox() if whole else QDoubleSpinBox()
        if isinstance(spin, QSpinBox):
            spin.setRange(int(row.low), int(row.high))
            spin.setSingleStep(int(row.step))
        else:
            spin.setDecimals(2)
            spin.setRange(row.low, row.high)
            spin.setSingleStep(row.step)
        spin.lineEdit().setTextMargins(self.theme.px(12), 0, 0, 0)
        spin.setSuffix(row.unit)
        spin.setKeyboardTracking(False)
        spin.valueChanged.connect(take.value)
        return spin

    def take(self, page: str, name: str, value: Any) -> None:
        """A new value from an editor."""
        if self._is_filling:
            return
        try:
            self._preferences.change(page, **{name: value})
            self.refusal.setText("")
        except SettingsError as error:
            self.refusal.setText(f"{error.sentence} {error.remedy}")
            self._fill()

    def _fill(self) -> None:
        """Show the settings as they are."""
        self._is_filling = True
        for (page, name), editor in self._editors.items():
            value = getattr(getattr(self._preferences.settings, page), name)
            if isinstance(editor, QComboBox):
                editor.setCurrentIndex(editor.findData(value))
            elif isinstance(editor, QCheckBox):
                editor.setChecked(bool(value))
            elif isinstance(editor, QSpinBox | QDoubleSpinBox):
                editor.setValue(value * self._factors[(page, name)])
            elif isinstance(editor, QLineEdit):
                editor.setText(str(value))
        self._is_filling = False

    def _reset(self) -> None:
        self._preferences.reset(PAGES[self.list.currentRow()].name)
        self.refusal.setText("")


class Take:
    """Carries what one editor says to the dialog, with the name of its setting."""

    def __init__(self, dialog: SettingsDialog, page: str, name: str, factor: float) -> None:
        self._dialog, self._page, self._name, self._factor = dialog, page, name, factor

    def value(self, value: Any) -> None:
        """A check or a number."""
        kept = value if isinstance(value, bool | int) else round(value / self._factor, 6)
        self._dialog.take(self._page, self._name, kept)

    def index(self, index: int) -> None:
        """A choice."""
        editor = self._dialog.editor(self._page, self._name)
        if isinstance(editor, QComboBox) and index >= 0:
            self._dialog.take(self._page, self._name, editor.itemData(index))

    def text(self) -> None:
        """A line of text."""
        editor = self._dialog.editor(self._page, self._name)
        if isinstance(editor, QLineEdit):
            self._dialog.take(self._page, self._name, editor.text().strip())
