"""One widget that paints one live picture from a buffer allocated once, with its overlays and its safety veil."""

from __future__ import annotations

from enum import Enum

import cv2
import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QImage, QMouseEvent, QPainter, QPaintEvent, QPen, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.theme import Theme
from app.views.orientation import Orientation
from app.views.overlay import Overlay, paint_overlay
from engine.values import Image


class Veil(Enum):
    """What stands between the eye and the picture."""

    CLEAR = "clear"
    LATE = "late"  # amber frame: 250 ms without a fresh picture
    NO_LIVE = "no_live"  # greyed, red frame and words: 500 ms
    FROZEN = "frozen"  # ice frame: frozen on purpose
    EMPTY = "empty"  # nothing was shown yet


class VideoSurface(QWidget):
    """Shows pixels; reports a tap as a point in the picture's own pixels."""

    tapped = Signal(QPointF)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._buffer = np.zeros((0, 0, 4), np.uint8)
        self._image = QImage()
        self._grey: QImage | None = None
        self._kept: Image | None = None
        self._size = QSizeF(640, 480)
        self._orientation = Orientation()
        self._overlay = Overlay()
        self._veil = Veil.EMPTY
        self._message = ""
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(64, 48)
        theme.changed.connect(self.update)

    @property
    def veil(self) -> Veil:
        """What is drawn over the picture."""
        return self._veil

    @property
    def message(self) -> str:
        """The words over the picture, if any."""
        return self._message

    @property
    def picture_size(self) -> QSizeF:
        """Size of the newest picture in its own pixels."""
        return self._size

    def show_picture(self, pixels: Image) -> None:
        """Take (H, W, 3) RGB pixels into the buffer and repaint; a hidden view keeps them until it is shown."""
        if not self.isVisible():
            self._kept = pixels
            self._size = QSizeF(pixels.shape[1], pixels.shape[0])
            return
        self._kept = None
        height, width = pixels.shape[:2]
        self._size = QSizeF(width, height)
        shrink = self._shrink(width, height)
        if shrink > 1:
            pixels = cv2.resize(pixels, (width // shrink, height // shrink), interpolation=cv2.INTER_AREA)
        height, width = pixels.shape[:2]
        if self._buffer.shape[:2] != (height, width):
            self._buffer = np.zeros((height, width, 4), np.uint8)
            self._image = QImage(self._buffer.data, width, height, width * 4, QImage.Format.Format_RGB32)
        cv2.cvtColor(pixels, cv2.COLOR_RGB2BGRA, dst=self._buffer)
        self._grey = None
        self.update()

    def clear(self) -> None:
        """Forget the picture."""
        self._buffer, self._image, self._grey, self._kept = np.zeros((0, 0, 4), np.uint8), QImage(), None, None
        self.update()

    def show_overlay(self, overlay: Overlay) -> None:
        """Draw these marks over the picture from now on."""
        self._overlay = overlay
        self.update()

    def show_veil(self, veil: Veil, message: str = "") -> None:
        """Cover or mark the picture; `message` stands in its middle."""
        if (veil, message) != (self._veil, self._message):
            self._veil, self._message = veil, message
            self.update()

    def showEvent(self, _event: QShowEvent) -> None:
        """Show what came while the view was hidden."""
        if self._kept is not None:
            self.show_picture(self._kept)

    def set_orientation(self, orientation: Orientation) -> None:
        """Turn, mirror, magnify."""
        self._orientation = orientation
        self.update()

    def picture_rect(self) -> QRectF:
        """Where the unmagnified picture lies in the widget."""
        return self._orientation.fitted(self._size, QRectF(self.rect()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A tap on the picture chooses a tooth; one press, no drag, no double click."""
        target = self.picture_rect()
        if event.button() is Qt.MouseButton.LeftButton and target.contains(event.position()):
            back, is_invertible = self._orientation.screen_from_picture(self._size, target).inverted()
            if is_invertible:
                self.tapped.emit(back.map(event.position()))
        event.accept()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Black, picture, overlay, veil."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.color("canvas"))
        target = self.picture_rect()
        if not self._image.isNull():
            painter.save()
            painter.setClipRect(target)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.setTransform(self._orientation.screen_from_picture(self._size, target))
            painter.drawImage(QRectF(QPointF(0, 0), self._size), self._shown_image())
            if not self._overlay.is_empty and self._veil is not Veil.NO_LIVE:
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                paint_overlay(painter, self._overlay, self._size, self._theme)
            painter.restore()
        self._paint_veil(painter, target)
        painter.end()

    def _shown_image(self) -> QImage:
        if self._veil is not Veil.NO_LIVE:
            return self._image
        if self._grey is None:
            self._grey = self._image.convertToFormat(QImage.Format.Format_Grayscale8)
        return self._grey

    def _paint_veil(self, painter: QPainter, target: QRectF) -> None:
        jobs = {Veil.LATE: "caution", Veil.NO_LIVE: "alarm", Veil.FROZEN: "frozen", Veil.EMPTY: "line"}
        if self._veil is Veil.CLEAR:
            return
        color = self._theme.color(jobs[self._veil])
        if self._veil is Veil.NO_LIVE:
            painter.fillRect(target, QColor(0, 0, 0, 150))
        thickness = 1 if self._veil is Veil.EMPTY else max(4.0, target.width() / 100)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(
            QPen(color, thickness, Qt.PenStyle.SolidLine, Qt.PenCapStyle.SquareCap, Qt.PenJoinStyle.MiterJoin)
        )
        painter.setBrush(Qt.BrushStyle.NoBrush)
        inset = thickness / 2
        painter.drawRect(target.adjusted(inset, inset, -inset, -inset))
        if self._message:
            self._paint_message(painter, target)

    def _paint_message(self, painter: QPainter, target: QRectF) -> None:
        """First line large, the rest small, centred in the picture."""
        first, _, rest = self._message.partition("\n")
        is_alarm = self._veil is Veil.NO_LIVE
        font = QFont("Inter")
        font.setWeight(QFont.Weight.Bold)
        font.setPixelSize(max(14, round(target.width() / (11 if is_alarm else 18))))
        painter.setFont(font)
        painter.setPen(self._theme.color("text" if is_alarm else "muted"))
        upper = target.adjusted(0, 0, 0, -target.height() * (0.44 if rest else 0))
        bottom = Qt.AlignmentFlag.AlignBottom if rest else Qt.AlignmentFlag.AlignVCenter
        painter.drawText(upper, Qt.AlignmentFlag.AlignHCenter | bottom, first)
        if rest:
            font.setWeight(QFont.Weight.Normal)
            font.setPixelSize(max(12, round(target.width() / 28)))
            painter.setFont(font)
            lower = target.adjusted(16, target.height() * 0.58, -16, 0)
            flags = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
            painter.drawText(lower, int(flags), rest)

    def _shrink(self, width: int, height: int) -> int:
        """Whole factor by which a picture much larger than its place is averaged first, so that it does not shimmer."""
        target = self._orientation.fitted(QSizeF(width, height), QRectF(self.rect()))
        turned = self._orientation.turned_size(QSizeF(width, height))
        shown = target.width() * self.devicePixelRatioF() * self._orientation.zoom
        return max(1, int(turned.width() / max(1.0, shown)))
