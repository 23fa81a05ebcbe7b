"""The pictures under review on black: raw and stabilized side by side, wiped, or one of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum

import numpy as np
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from app.theme import Theme
from app.views.drawing import DrawnSurface, ShownShape
from app.views.surface import Veil
from engine.annotation.shapes import Space
from engine.values import Image


class Comparison(Enum):
    """How raw and stabilized are shown."""

    TWO_UP = "two_up"
    WIPE = "wipe"
    RAW = "raw"
    STABILIZED = "stabilized"


class PictureStage(QWidget):
    """One or two pictures on black."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("stage")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._theme = theme
        self.surfaces = {space: DrawnSurface(theme, space, self) for space in Space}
        self._pictures: dict[Space, Image] = {}
        self.comparison = Comparison.TWO_UP
        self.wipe = 0.5
        self.surfaces[Space.RAW].wiped.connect(self.show_wipe)

    def show_pictures(self, pictures: Mapping[Space, Image]) -> None:
        """The frame of each space; one that is missing leaves its place empty."""
        self._pictures = dict(pictures)
        self._refresh()

    def show_shapes(self, shapes: Sequence[ShownShape]) -> None:
        """What is drawn on them."""
        for surface in self.surfaces.values():
            surface.show_shapes(shapes)

    def show_comparison(self, comparison: Comparison) -> None:
        """Show them another way."""
        self.comparison = comparison
        raw = self.surfaces[Space.RAW]
        raw.show_wipe(self.wipe if comparison is Comparison.WIPE else None)
        raw.setVisible(comparison is not Comparison.STABILIZED)
        self.surfaces[Space.STABILIZED].setVisible(comparison in (Comparison.TWO_UP, Comparison.STABILIZED))
        self._arrange()
        self._refresh()

    def show_wipe(self, wipe: float) -> None:
        """Move the parting line."""
        self.wipe = min(max(wipe, 0.0), 1.0)
        if self.comparison is Comparison.WIPE:
            self.surfaces[Space.RAW].show_wipe(self.wipe)
            self._refresh()

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """Lay out again."""
        self._arrange()

    def _arrange(self) -> None:
        gap = self._theme.px(8)
        area = self.rect().adjusted(gap, gap, -gap, -gap)
        if self.comparison is not Comparison.TWO_UP:
            for surface in self.surfaces.values():
                surface.setGeometry(area)
            return
        half = (area.width() - gap) // 2
        self.surfaces[Space.RAW].setGeometry(QRect(area.left(), area.top(), half, area.height()))
        self.surfaces[Space.STABILIZED].setGeometry(QRect(area.left() + half + gap, area.top(), half, area.height()))

    def _refresh(self) -> None:
        for space, surface in self.surfaces.items():
            pixels = self._pictures.get(space)
            surface.show_veil(Veil.CLEAR if pixels is not None else Veil.EMPTY)
            if pixels is None:
                surface.clear()
            elif space is Space.RAW and self.comparison is Comparison.WIPE:
                surface.show_picture(self._parted(pixels))
            else:
                surface.show_picture(pixels)

    def _parted(self, raw: Image) -> Image:
        """Raw at the left of the line, stabilized at its right."""
        other = self._pictures.get(Space.STABILIZED)
        if other is None or other.shape != raw.shape:
            return raw
        column = round(self.wipe * raw.shape[1])
        return np.concatenate((raw[:, :column], other[:, column:]), axis=1)
