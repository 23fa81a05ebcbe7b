"""One view of the stage: a title band with its state chip, and the picture under it."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from app.theme import Size, Theme
from app.views.chip import Chip, ChipView
from app.views.surface import Veil, VideoSurface


class TitleBand(QWidget):
    """Title and caption at the left; the chip is laid over its right end."""

    def __init__(self, theme: Theme, title: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._title = title
        self._caption = ""
        self._mark = ""
        self.is_over_picture = False
        self.reserved_px = 0  # width of the chip
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        theme.changed.connect(self.update)

    @property
    def caption(self) -> str:
        """The small line."""
        return self._caption

    def show_caption(self, caption: str) -> None:
        """Show another small line."""
        if caption != self._caption:
            self._caption = caption
            self.update()

    @property
    def mark(self) -> str:
        """The warning beside the title."""
        return self._mark

    def show_mark(self, mark: str) -> None:
        """Show beside the title that the picture is turned, mirrored or magnified."""
        if mark != self._mark:
            self._mark = mark
            self.update()

    def words_width(self) -> int:
        """What title, mark and caption need, in pixels."""
        title = QFontMetrics(self._theme.font(Size.TITLE, QFont.Weight.Bold)).horizontalAdvance(self._title)
        mark = QFontMetrics(self._theme.font(Size.BODY, QFont.Weight.DemiBold)).horizontalAdvance(self._mark)
        caption = QFontMetrics(self._theme.font(Size.CAPTION)).horizontalAdvance(self._caption)
        return max(title + (mark + self._theme.px(12) if mark else 0), caption)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Two aligned lines of text, on a shade when they stand over the picture."""
        painter = QPainter(self)
        inset = self._theme.px(16) if self.is_over_picture else 0
        area = self.rect().adjusted(inset, 0, -self.reserved_px - self._theme.px(8), 0)
        if self.is_over_picture:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.color("canvas", 0.6))
            edge = self._theme.px(8)
            shade = QRect(edge, edge, min(self.words_width(), area.width()) + 2 * edge, self.height() - 2 * edge)
            painter.drawRoundedRect(shade, edge, edge)
        upper = area.adjusted(0, 0, 0, -area.height() // 2)
        painter.setFont(self._theme.font(Size.TITLE, QFont.Weight.Bold))
        painter.setPen(self._theme.color("text"))
        bottom_left = Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeft
        painter.drawText(upper.adjusted(0, 0, 0, 2), bottom_left, self._title)
        title_px = painter.fontMetrics().horizontalAdvance(self._title) + self._theme.px(12)
        painter.setFont(self._theme.font(Size.BODY, QFont.Weight.DemiBold))
        painter.setPen(self._theme.color("caution"))
        painter.drawText(upper.adjusted(title_px, 0, 0, 0), bottom_left, self._mark)
        painter.setFont(self._theme.font(Size.CAPTION))
        painter.setPen(self._theme.color("muted"))
        lower = area.adjusted(0, area.height() // 2 + 2, 0, 0)
        caption = painter.fontMetrics().elidedText(self._caption, Qt.TextElideMode.ElideRight, lower.width())
        painter.drawText(lower, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft, caption)
        painter.end()


class ViewPane(QWidget):
    """Band, chip and picture of one view."""

    tapped = Signal(QPointF)  # in the picture's pixels

    def __init__(self, theme: Theme, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._is_band_over_picture = False
        self.title = title
        self.surface = VideoSurface(theme, self)
        self.band = TitleBand(theme, title, self)
        self.chip = ChipView(theme, self)
        self.surface.tapped.connect(self.tapped)
        self.surface.setAccessibleName(self.tr("{title} picture").format(title=title))
        self.setAccessibleName(title)
        theme.changed.connect(self._arrange)

    def show_chip(self, chip: Chip) -> None:
        """Show the state of this view."""
        if chip is not self.chip.chip:
            self.chip.show_chip(chip)
            self._arrange()

    def show_caption(self, caption: str) -> None:
        """Show the small line under the title."""
        self.band.show_caption(caption)

    def show_veil(self, veil: Veil, message: str = "") -> None:
        """Mark or cover the picture."""
        self.surface.show_veil(veil, message)

    def set_band_over_picture(self, is_over: bool) -> None:
        """Lay the band over the picture (a view alone on the stage) or above it."""
        self._is_band_over_picture = is_over
        self._arrange()

    def band_height(self) -> int:
        """Grows a little with the view so that the chip reads from two metres."""
        share, most = (0.06, 56) if self._is_band_over_picture else (0.09, 80)
        chip = max(self._theme.px(36), min(self._theme.px(most), round(self.width() * share)))
        return chip + self._theme.px(8)

    def picture_geometry(self) -> QRect:
        """Where the picture lies, in the stage's pixels."""
        picture = self.surface.picture_rect().toAlignedRect()
        return picture.translated(self.surface.pos()).translated(self.pos())

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """Lay out again."""
        self._arrange()

    def _arrange(self) -> None:
        band_px = self.band_height()
        if self._is_band_over_picture:
            self.surface.setGeometry(self.rect())
            band = QRect(0, 0, self.width(), band_px + self._theme.px(8))
        else:
            self.surface.setGeometry(0, band_px, self.width(), max(1, self.height() - band_px))
            picture = self.surface.picture_rect().toAlignedRect()
            needed = self.band.words_width() + self._theme.px(16) + self.chip.width()
            is_wide_enough = picture.width() >= needed
            left, width = (picture.left(), picture.width()) if is_wide_enough else (0, self.width())
            band = QRect(left, 0, width, band_px)
        self.band.is_over_picture = self._is_band_over_picture
        self.band.setGeometry(band)
        self.chip.set_height(band_px - self._theme.px(8))
        inset = self._theme.px(8) if self._is_band_over_picture else 0
        self.chip.move(band.right() + 1 - self.chip.width() - inset, (band.height() - self.chip.height()) // 2)
        self.band.reserved_px = self.chip.width() + inset
        self.band.update()
