"""State chips: a shape, a word and a colour that say from two metres how far the picture is to be trusted."""

from __future__ import annotations

from enum import Enum

from PySide6.QtCore import QCoreApplication, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.theme import Theme


class Chip(Enum):
    """Every state that a chip can show: (icon, colour job, is filled)."""

    NONE = ("", "", False)
    WAITING = ("waiting", "muted", False)
    LIVE = ("live", "good", False)
    LATE = ("coasting", "caution", True)
    NO_LIVE_IMAGE = ("no-live", "alarm", True)
    ENDED = ("stop", "muted", False)
    OFF = ("lost", "muted", False)
    ENHANCED = ("enhanced", "good", False)
    BYPASS = ("bypass", "caution", True)
    LOCKED = ("stabilized", "good", False)
    COASTING = ("coasting", "caution", False)
    LOST = ("lost", "alarm", False)
    REANCHORING = ("anchor", "caution", False)
    FROZEN = ("frozen", "frozen", True)
    COMPARING = ("compare", "frozen", False)

    @property
    def icon(self) -> str:
        """Name of the shape."""
        return self.value[0]

    @property
    def job(self) -> str:
        """Colour job in the palette."""
        return self.value[1]

    @property
    def is_filled(self) -> bool:
        """Filled chips are the ones that must not be overlooked."""
        return self.value[2]


def chip_word(chip: Chip) -> str:
    """The word on the chip, in the user's language."""
    words = {
        Chip.NONE: "",
        Chip.WAITING: QCoreApplication.translate("Chip", "WAITING"),
        Chip.LIVE: QCoreApplication.translate("Chip", "LIVE"),
        Chip.LATE: QCoreApplication.translate("Chip", "LATE"),
        Chip.NO_LIVE_IMAGE: QCoreApplication.translate("Chip", "NO LIVE IMAGE"),
        Chip.ENDED: QCoreApplication.translate("Chip", "ENDED"),
        Chip.OFF: QCoreApplication.translate("Chip", "OFF"),
        Chip.ENHANCED: QCoreApplication.translate("Chip", "LIVE"),
        Chip.BYPASS: QCoreApplication.translate("Chip", "BYPASS"),
        Chip.LOCKED: QCoreApplication.translate("Chip", "LOCKED"),
        Chip.COASTING: QCoreApplication.translate("Chip", "COASTING"),
        Chip.LOST: QCoreApplication.translate("Chip", "LOST"),
        Chip.REANCHORING: QCoreApplication.translate("Chip", "RE-ANCHOR"),
        Chip.FROZEN: QCoreApplication.translate("Chip", "FROZEN"),
        Chip.COMPARING: QCoreApplication.translate("Chip", "RAW"),
    }
    return words[chip]


class ChipView(QWidget):
    """Paints one chip; its height follows the view it stands on."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._chip = Chip.NONE
        self._is_breathing_in = False
        self._height_px = theme.px(40)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        theme.changed.connect(self.update)

    @property
    def chip(self) -> Chip:
        """What is shown."""
        return self._chip

    @property
    def word(self) -> str:
        """The word that is shown."""
        return chip_word(self._chip)

    def show_chip(self, chip: Chip) -> None:
        """Show another state; repaints only on a change."""
        if chip is self._chip:
            return
        self._chip = chip
        self.setAccessibleName(self.tr("State: {word}").format(word=self.word))
        self.updateGeometry()
        self.resize(self.sizeHint())
        self.update()

    def beat(self) -> None:
        """A fresh picture came: the LIVE dot breathes, so that a standing window is seen to stand."""
        self._is_breathing_in = not self._is_breathing_in
        if self._chip is Chip.LIVE:
            self.update()

    def set_height(self, height_px: int) -> None:
        """Scale with the view."""
        if height_px != self._height_px:
            self._height_px = height_px
            self.updateGeometry()
            self.resize(self.sizeHint())

    def sizeHint(self) -> QSize:
        """Wide enough for shape and word."""
        if self._chip is Chip.NONE:
            return QSize(0, self._height_px)
        word_px = QFontMetrics(self._font()).horizontalAdvance(self.word)
        return QSize(round(word_px + 1.75 * self._height_px), self._height_px)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Shape at the left, word beside it; filled states invert."""
        if self._chip is Chip.NONE:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        edge = self._height_px
        body = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        color = self._theme.color(self._chip.job)
        ink = self._theme.color("on_accent") if self._chip.is_filled else color
        painter.setBrush(color if self._chip.is_filled else self._theme.color("canvas", 0.72))
        painter.setPen(QPen(color, max(1.0, edge / 24)))
        painter.drawRoundedRect(body, edge / 5, edge / 5)
        icon_px = round(edge * (0.46 if self._chip is Chip.LIVE and self._is_breathing_in else 0.62))
        ratio = self.devicePixelRatioF()
        pixmap = self._theme.pixmap(self._chip.icon, round(icon_px * ratio), ink.name())
        target = QRectF(edge * 0.63 - icon_px / 2, (edge - icon_px) / 2, icon_px, icon_px)
        painter.drawPixmap(target, pixmap, QRectF(pixmap.rect()))
        painter.setPen(ink if self._chip.is_filled else self._theme.color("text"))
        painter.setFont(self._font())
        painter.drawText(body.adjusted(edge * 1.15, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, self.word)
        painter.end()

    def _font(self) -> QFont:
        font = QFont("Inter")
        font.setPixelSize(max(11, round(self._height_px * 0.56)))
        font.setWeight(QFont.Weight.Bold)
        return font
