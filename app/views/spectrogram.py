"""The vibration step's live spectrogram: raw beside stabilized, and what it cannot show in words."""

from __future__ import annotations

import numpy as np
import pyqtgraph
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFont, QLinearGradient, QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from app.theme import Size, Theme

LEAST_PX, MOST_PX = 0.01, 10.0  # colours stand still, so that two looks compare
SPAN_S = 12.0
INKS = ((0, 0, 0), (38, 32, 96), (150, 42, 110), (246, 120, 60), (255, 240, 170))  # dark to bright, readable in grey


class ScaleOfPixels(QWidget):
    """What the colours mean."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setFixedHeight(theme.px(30))
        self.setAccessibleName(f"{LEAST_PX:g} .. {MOST_PX:g} px")

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A strip from still to shaking, a tick each factor of ten."""
        painter = QPainter(self)
        theme = self._theme
        wide, high = self.width(), theme.px(8)
        strip = QLinearGradient(0, 0, wide, 0)
        for index, ink in enumerate(INKS):
            strip.setColorAt(index / (len(INKS) - 1), pyqtgraph.mkColor(ink))
        painter.fillRect(QRectF(0, 0, wide, high), strip)
        painter.setPen(theme.color("muted"))
        painter.setFont(theme.font(Size.CAPTION))
        decades = round(np.log10(MOST_PX / LEAST_PX))
        for index in range(decades + 1):
            room = QRectF(wide * index / decades - wide / 2, high + theme.px(2), wide, theme.px(18))
            if index == 0:
                room, side = QRectF(0, room.top(), wide, room.height()), Qt.AlignmentFlag.AlignLeft
            elif index == decades:
                room, side = QRectF(0, room.top(), wide, room.height()), Qt.AlignmentFlag.AlignRight
            else:
                side = Qt.AlignmentFlag.AlignHCenter
            painter.drawText(room, side, f"{LEAST_PX * 10**index:g} px")
        painter.end()


class SpectrogramPlot(QWidget):
    """Two pictures of columns; a gap where the target was lost."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        grid = QGridLayout(self)
        grid.setContentsMargins(theme.px(16), theme.px(8), theme.px(16), theme.px(8))
        grid.setHorizontalSpacing(theme.px(24))
        grid.setVerticalSpacing(theme.px(4))
        grid.setRowStretch(1, 1)
        self._plots: list[pyqtgraph.PlotWidget] = []
        self._images: list[pyqtgraph.ImageItem] = []
        titles = (self.tr("Raw: Hz over the last seconds"), self.tr("Stabilized"))
        for place, title in enumerate(titles):
            label = QLabel(title)
            label.setProperty("role", "caption")
            grid.addWidget(label, 0, place)
            grid.addWidget(self._plot(title), 1, place)
            grid.setColumnStretch(place, 1)
        self.note = QLabel()
        self.note.setWordWrap(True)
        self.note.setProperty("role", "caption")
        grid.addWidget(self.note, 2, 0)
        grid.addWidget(ScaleOfPixels(theme), 2, 1)
        self.show_limit(0.0)

    def show_limit(self, nyquist_hz: float) -> None:
        """Say what a camera of this rate cannot tell."""
        self.note.setText(
            self.tr(
                "Shown up to {limit} Hz, half the frame rate. A rotor turns faster: its line is folded back (aliased) "
                "and appears here at another frequency than its own."
            ).format(limit=f"{nyquist_hz:.0f}")
        )
        for plot in self._plots:
            plot.setYRange(0, 1.08 * max(nyquist_hz, 1.0), padding=0)

    def show_columns(
        self, raw_px: NDArray[np.float32], held_px: NDArray[np.float32], nyquist_hz: float, column_s: float
    ) -> None:
        """(columns, bins) amplitudes in pixels, oldest first; NaN stays black."""
        self.show_limit(nyquist_hz)
        for image, columns in zip(self._images, (raw_px, held_px), strict=True):
            image.setVisible(len(columns) > 0)
            if len(columns):
                shown = np.log10(np.maximum(np.nan_to_num(columns, nan=0.0), LEAST_PX))
                image.setImage(shown, autoLevels=False)
                span_s = len(columns) * column_s
                bin_hz = nyquist_hz / (columns.shape[1] - 1)
                image.setRect(QRectF(-span_s, -bin_hz / 2, span_s, nyquist_hz + bin_hz))

    def newest(self) -> NDArray[np.float32] | None:
        """Amplitudes in pixels of the raw picture's last column, from 0 Hz up; None before the first."""
        shown = self._images[0].image
        return None if shown is None else np.asarray(10 ** shown[-1], np.float32)

    def _plot(self, title: str) -> pyqtgraph.PlotWidget:
        theme = self._theme
        plot = pyqtgraph.PlotWidget()
        plot.setAccessibleName(title)
        plot.setBackground(theme.color("canvas"))
        plot.setMenuEnabled(False)
        plot.setMouseEnabled(False, False)
        plot.hideButtons()
        plot.setXRange(-SPAN_S, 0, padding=0)
        plot.setMinimumHeight(theme.px(96))
        font = QFont("Inter")
        font.setPixelSize(theme.px(11))
        for name in ("left", "bottom"):
            axis = plot.getPlotItem().getAxis(name)
            axis.setPen(theme.color("line"))
            axis.setTextPen(theme.color("muted"))
            axis.setTickFont(font)
        plot.getPlotItem().getAxis("left").setWidth(theme.px(28))
        image = pyqtgraph.ImageItem(axisOrder="col-major")
        image.setColorMap(pyqtgraph.ColorMap(np.linspace(0, 1, len(INKS)), np.array(INKS, np.uint8)))
        image.setLevels((np.log10(LEAST_PX), np.log10(MOST_PX)))
        plot.addItem(image)
        self._plots.append(plot)
        self._images.append(image)
        return plot
