"""The calibration bench: the steps at the left, the live picture in the middle, the running step at the right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyqtgraph
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.theme import Theme
from app.views.bench_meters import PictureMeters
from app.views.bench_widgets import Bars, MarkedSurface, StepButton, StepRow
from app.views.camera_controls import CameraControls
from app.views.distribution import SpreadStrip
from app.views.sign_off import SignOffBox
from app.views.spectrogram import SpectrogramPlot
from app.views.surface import Veil
from engine.values import Image

LEAST_DENSITY, MOST_DENSITY = 1e-4, 100.0  # px per root Hz; axes that stand still can be compared
STRIP = 208  # height of what stands under the picture


@dataclass(frozen=True, slots=True)
class StepPanel:
    """What the right side shows of the chosen step."""

    title: str
    explanation: str
    hint: str = ""
    bars: tuple[tuple[str, float], ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    start_text: str = ""  # empty: the button is hidden
    finish_text: str = ""
    next_text: str = ""
    can_skip: bool = True
    can_preview: bool = False
    has_controls: bool = False
    has_failed: bool = False
    is_done: bool = False
    strip: str = ""  # what stands under the picture: "meters", "spectrogram", "spread" or nothing


class BenchPage(QWidget):
    """Passive: shows rows and a panel, reports what was pressed."""

    step_chosen = Signal(str)
    start_requested = Signal()
    finish_requested = Signal()
    next_requested = Signal()
    skip_requested = Signal(str)  # the reason
    preview_requested = Signal(bool)  # True: show the corrected picture

    def __init__(self, theme: Theme, rows: Sequence[StepRow]) -> None:
        super().__init__()
        self.setObjectName("page")
        self._theme = theme
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self._steps(rows))
        self.surface = MarkedSurface(theme)
        self.surface.show_veil(Veil.EMPTY, self.tr("Waiting for a picture"))
        outer.addWidget(self._middle(), 1)
        outer.addWidget(self._side())

    def show_rows(self, rows: Sequence[StepRow], chosen: str) -> None:
        """Show where every step stands, and which one is chosen."""
        for row in rows:
            self.buttons[row.name].show_row(row)
            self.buttons[row.name].setChecked(row.name == chosen)

    def show_panel(self, panel: StepPanel) -> None:
        """Show the chosen step."""
        self.title.setText(panel.title)
        self.explanation.setText(panel.explanation)
        self.hint.setText(panel.hint)
        self.hint.setVisible(bool(panel.hint))
        self.bars.show_bars(panel.bars)
        self._show_facts(panel.facts)
        self.start.setVisible(bool(panel.start_text))
        self.start.setText(panel.start_text)
        self.finish.setVisible(bool(panel.finish_text))
        self.finish.setText(panel.finish_text)
        self.next.setVisible(bool(panel.next_text))
        self.next.setText(panel.next_text)
        is_first = panel.has_failed or not (panel.next_text or panel.is_done)
        restyle(self.start, "primary", is_first)
        restyle(self.next, "primary", not is_first)
        restyle(self.hint, "role", "alarm" if panel.has_failed else "title")
        self.skip_row.setVisible(panel.can_skip)
        self.preview.setVisible(panel.can_preview)
        if not panel.can_preview:
            self.preview.setChecked(False)
        self.controls_area.setVisible(panel.has_controls)
        self._rest.setVisible(not panel.has_controls)
        self.strip.setVisible(bool(panel.strip))
        if panel.strip:
            self.strip.setCurrentWidget(self._strips[panel.strip])

    def show_picture(self, pixels: Image) -> None:
        """The newest raw picture."""
        self.surface.show_veil(Veil.CLEAR)
        self.surface.show_picture(pixels)

    def show_spectra(self, raw: Sequence[float], held: Sequence[float], hz: Sequence[float]) -> None:
        """Motion spectra in px per root Hz; empty lists hide the plot."""
        self.plot.setVisible(bool(hz))
        if hz:
            at = np.asarray(hz)
            for curve, density in ((self._raw_curve, raw), (self._held_curve, held)):
                curve.setData(at, np.sqrt(np.maximum(density, LEAST_DENSITY**2)))

    def _steps(self, rows: Sequence[StepRow]) -> QWidget:
        column = QFrame()
        column.setFixedWidth(self._theme.px(280))
        lines = QVBoxLayout(column)
        lines.setContentsMargins(0, self._theme.px(8), 0, self._theme.px(16))
        lines.setSpacing(0)
        self.buttons = {row.name: StepButton(self._theme, number, row) for number, row in enumerate(rows, 1)}
        for button in self.buttons.values():
            button.chosen.connect(self.step_chosen)
            lines.addWidget(button)
        lines.addStretch(1)
        self.sign_off = SignOffBox(self._theme)
        lines.addWidget(self.sign_off)
        return column

    def _middle(self) -> QWidget:
        middle = QWidget()
        lines = QVBoxLayout(middle)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(0)
        lines.addWidget(self.surface, 1)
        self.meters, self.spectrogram = PictureMeters(self._theme), SpectrogramPlot(self._theme)
        self.strip = QStackedWidget()
        self.spread = SpreadStrip(self._theme)
        self._strips = {"meters": self.meters, "spectrogram": self.spectrogram, "spread": self.spread}
        for widget in self._strips.values():
            self.strip.addWidget(widget)
        self.strip.setFixedHeight(self._theme.px(STRIP))
        self.strip.hide()
        lines.addWidget(self.strip)
        return middle

    def _side(self) -> QWidget:
        side = QFrame()
        side.setFixedWidth(self._theme.px(360))
        lines = QVBoxLayout(side)
        edge = self._theme.px(20)
        lines.setContentsMargins(edge, edge, edge, edge)
        lines.setSpacing(self._theme.px(12))
        self.title, self.explanation, self.hint = QLabel(), QLabel(), QLabel()
        self.title.setProperty("role", "heading")
        self.explanation.setProperty("role", "muted")
        self.hint.setProperty("role", "title")
        for label in (self.title, self.explanation, self.hint):
            label.setWordWrap(True)
            lines.addWidget(label)
        self.bars = Bars(self._theme)
        lines.addWidget(self.bars)
        self._fact_labels: list[tuple[QLabel, QLabel]] = []
        self._facts = QGridLayout()
        self._facts.setColumnStretch(1, 1)
        self._facts.setHorizontalSpacing(self._theme.px(16))
        lines.addLayout(self._facts)
        lines.addWidget(self._spectrum())
        self.controls = CameraControls(self._theme)
        self.controls_area = QScrollArea()
        self.controls_area.setWidgetResizable(True)
        self.controls_area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.controls_area.setWidget(self.controls)
        lines.addWidget(self.controls_area, 1)
        self._rest = QWidget()
        lines.addWidget(self._rest, 1)
        self.start, self.finish, self.next = QPushButton(), QPushButton(), QPushButton()
        self.start.clicked.connect(self.start_requested)
        self.finish.clicked.connect(self.finish_requested)
        self.next.clicked.connect(self.next_requested)
        self.preview = QPushButton(self.tr("Show the corrected picture"))
        self.preview.setCheckable(True)
        self.preview.toggled.connect(self.preview_requested)
        for button in (self.preview, self.next, self.start, self.finish):
            button.setMinimumHeight(self._theme.px(48))
            lines.addWidget(button)
        lines.addWidget(self._skip())
        return side

    def _spectrum(self) -> pyqtgraph.PlotWidget:
        self.plot = pyqtgraph.PlotWidget()
        self.plot.setBackground(self._theme.color("surface"))
        self.plot.setLogMode(y=True)
        self.plot.setLabel("bottom", self.tr("Hz"))
        self.plot.setLabel("left", self.tr("px per root Hz"))
        self.plot.setMouseEnabled(False, False)
        self.plot.setMenuEnabled(False)
        self.plot.hideButtons()
        self.plot.setFixedHeight(self._theme.px(220))
        self.plot.setYRange(np.log10(LEAST_DENSITY), np.log10(MOST_DENSITY), padding=0.05)
        legend = self.plot.addLegend(offset=(-1, 1), colCount=2, labelTextColor=self._theme.color("text"))
        pens = (("muted", self.tr("raw")), ("good", self.tr("stabilized")))
        self._raw_curve, self._held_curve = (
            self.plot.plot(name=name, pen=pyqtgraph.mkPen(self._theme.color(job), width=2)) for job, name in pens
        )
        font = QFont("Inter")
        font.setPixelSize(self._theme.px(12))
        for _, label in legend.items:
            label.item.setFont(font)
        for name in ("left", "bottom"):
            axis = self.plot.getPlotItem().getAxis(name)
            axis.setPen(self._theme.color("line"))
            axis.setTextPen(self._theme.color("muted"))
            axis.setTickFont(font)
            axis.label.setFont(font)
        self.plot.hide()
        return self.plot

    def _skip(self) -> QWidget:
        self.skip_row = QWidget()
        row = QHBoxLayout(self.skip_row)
        row.setContentsMargins(0, 0, 0, 0)
        self.skip_reason = QLineEdit()
        self.skip_reason.setPlaceholderText(self.tr("Reason to skip this step"))
        self.skip_reason.setAccessibleName(self.tr("Reason to skip this step"))
        self.skip_reason.setMinimumHeight(self._theme.px(48))
        self.skip = QPushButton(self.tr("Skip"))
        self.skip.setMinimumHeight(self._theme.px(48))
        self.skip.clicked.connect(self._ask_skip)
        row.addWidget(self.skip_reason, 1)
        row.addWidget(self.skip)
        return self.skip_row

    def _show_facts(self, facts: tuple[tuple[str, str], ...]) -> None:
        while len(self._fact_labels) < len(facts):
            row = len(self._fact_labels)
            label, figure = QLabel(), QLabel()
            label.setProperty("role", "muted")
            figure.setWordWrap(True)
            self._facts.addWidget(label, row, 0, Qt.AlignmentFlag.AlignTop)
            self._facts.addWidget(figure, row, 1)
            self._fact_labels.append((label, figure))
        for index, (label, figure) in enumerate(self._fact_labels):
            is_used = index < len(facts)
            label.setVisible(is_used)
            figure.setVisible(is_used)
            label.setText(facts[index][0] if is_used else "")
            figure.setText(facts[index][1] if is_used else "")

    def _ask_skip(self) -> None:
        self.skip_requested.emit(self.skip_reason.text())
        self.skip_reason.clear()


def restyle(widget: QWidget, name: str, value: object) -> None:
    """Set a property that the style sheet looks at, and let it look again."""
    if widget.property(name) != value:
        widget.setProperty(name, value)
        widget.style().unpolish(widget)
        widget.style().polish(widget)
