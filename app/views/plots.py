"""Live plots: latency per stage, the path of the tooth before and after, and the spectrum of both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyqtgraph
from numpy.typing import NDArray
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.theme import Theme

Series = NDArray[np.float64]
STAGE_JOBS = ("accent", "good", "caution", "frozen", "muted", "alarm")
TREMOR_HZ = (6.0, 12.0)
LEGEND_COLUMNS = 5
LEAST_PX, MOST_PX = 0.01, 100.0  # of the spectrum; axes that stand still can be read
MOST_HZ = 15.0
SPAN_S = 10.0


class PlotStrip(QWidget):
    """Three labelled plots in a row, each under one of the views."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("page")
        self._theme = theme
        self._row = QHBoxLayout(self)
        self.latency = self._plot(self.tr("Time per stage"), self.tr("seconds ago"), self.tr("ms"))
        self.path = self._plot(self.tr("Path of the tooth (sideways)"), self.tr("seconds ago"), self.tr("px"))
        self.spectrum = self._plot(self.tr("Spectrum of the path"), self.tr("Hz"), self.tr("px"))
        self.spectrum.setLogMode(y=True)
        self.spectrum.setYRange(np.log10(LEAST_PX), np.log10(MOST_PX), padding=0)
        self.spectrum.setXRange(0, MOST_HZ, padding=0)
        for plot in (self.latency, self.path):
            plot.setXRange(-SPAN_S, 0, padding=0)
        self._stages: dict[str, pyqtgraph.PlotDataItem] = {}
        self._band = pyqtgraph.LinearRegionItem(TREMOR_HZ, movable=False)
        self.spectrum.addItem(self._band)
        self._tremor = pyqtgraph.InfLineLabel(
            self._band.lines[0], self.tr("tremor"), position=0.85, anchors=[(0, 0.5), (0, 0.5)]
        )
        self._curves = {
            name: plot.plot(name=label, connect="finite")
            for name, plot, label in (
                ("path_raw", self.path, self.tr("raw")),
                ("path_stabilized", self.path, self.tr("stabilized")),
                ("spectrum_raw", self.spectrum, self.tr("raw")),
                ("spectrum_stabilized", self.spectrum, self.tr("stabilized")),
            )
        }
        self.setMinimumHeight(theme.px(160))
        theme.changed.connect(self._restyle)
        self._restyle()

    def show_latency(self, ago_s: Series, stages: Mapping[str, Series]) -> None:
        """Milliseconds per stage over time, stacked; the topmost line is the whole."""
        total = np.zeros_like(ago_s)
        shown = {name: values for name, values in stages.items() if np.nansum(values) > 0}
        for index, (name, values) in enumerate(shown.items()):
            total = total + values
            if name not in self._stages:
                self._stages[name] = self.latency.plot(name=name, connect="finite")
                self._color_stage(index, name)
                self._style_legend(self.latency)
            self._stages[name].setData(ago_s, total)
        self.latency.setYRange(0, float(max(10.0, np.nanmax(total, initial=0.0) * 1.35)), padding=0)

    def show_path(self, ago_s: Series, raw_px: Series, stabilized_px: Series) -> None:
        """Sideways movement in pixels of the camera; NaN where the tooth was not seen."""
        self._curves["path_raw"].setData(ago_s, raw_px)
        self._curves["path_stabilized"].setData(ago_s, stabilized_px)

    def show_spectrum(self, frequency_hz: Series, raw_px: Series, stabilized_px: Series) -> None:
        """Amplitude in pixels per frequency."""
        self._curves["spectrum_raw"].setData(frequency_hz, np.maximum(raw_px, LEAST_PX))
        self._curves["spectrum_stabilized"].setData(frequency_hz, np.maximum(stabilized_px, LEAST_PX))

    def stage_names(self) -> Sequence[str]:
        """The stages drawn so far."""
        return list(self._stages)

    def _plot(self, title: str, x_label: str, y_label: str) -> pyqtgraph.PlotWidget:
        plot = pyqtgraph.PlotWidget()
        plot.setTitle(title)
        plot.setLabel("bottom", x_label)
        plot.setLabel("left", y_label)
        plot.setMenuEnabled(False)
        plot.setMouseEnabled(False, False)
        plot.hideButtons()
        plot.showGrid(x=False, y=True, alpha=0.15)
        plot.addLegend(offset=(-1, 1), colCount=LEGEND_COLUMNS)
        plot.setAccessibleName(title)
        self._row.addWidget(plot, 1)
        return plot

    def _restyle(self) -> None:
        theme = self._theme
        self._row.setContentsMargins(theme.px(8), theme.px(4), theme.px(16), theme.px(4))
        self._row.setSpacing(theme.px(16))
        font = QFont("Inter")
        font.setPixelSize(theme.px(12))
        for plot in (self.latency, self.path, self.spectrum):
            plot.setBackground(theme.color("surface"))
            item = plot.getPlotItem()
            item.titleLabel.setText(item.titleLabel.text, color=theme.palette.text, size=f"{theme.px(13)}px", bold=True)
            item.titleLabel.item.setFont(font)
            self._style_legend(plot)
            item.legend.setBrush(theme.color("surface", 0.85))
            for name in ("bottom", "left"):
                axis = item.getAxis(name)
                axis.setPen(theme.color("line"))
                axis.setTextPen(theme.color("muted"))
                axis.setTickFont(font)
                axis.label.setFont(font)
        self._tremor.setColor(theme.color("muted"))
        self._tremor.setFont(font)
        self._band.setBrush(theme.color("accent", 0.10))
        for line in self._band.lines:
            line.setPen(pyqtgraph.mkPen(None))
        width = max(1, theme.px(2))
        for name, curve in self._curves.items():
            job = "good" if name.endswith("stabilized") else "muted"
            curve.setPen(pyqtgraph.mkPen(theme.color(job), width=width))
        for index, name in enumerate(self._stages):
            self._color_stage(index, name)

    def _style_legend(self, plot: pyqtgraph.PlotWidget) -> None:
        font = QFont("Inter")
        font.setPixelSize(self._theme.px(11))
        for _, words in plot.getPlotItem().legend.items:
            words.setText(words.text, color=self._theme.palette.text)
            words.item.setFont(font)

    def _color_stage(self, index: int, name: str) -> None:
        color = self._theme.color(STAGE_JOBS[index % len(STAGE_JOBS)])
        self._stages[name].setPen(pyqtgraph.mkPen(color, width=max(1, self._theme.px(2))))
