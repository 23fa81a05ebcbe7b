"""The look: palettes, type scale, the 8 px grid, fonts, tinted icons and the style sheet made of them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import Enum
from functools import lru_cache
from string import Template

from PySide6.QtCore import QByteArray, QObject, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer

import resources

FAMILY = "Inter"
TARGET_PX = 48  # the smallest thing a gloved finger is asked to hit
GRID_PX = 8


@dataclass(frozen=True, slots=True)
class Palette:
    """Every colour of the program, by its job. Video always stands on `canvas`."""

    canvas: str = "#000000"
    surface: str = "#0f1215"
    raised: str = "#191d22"
    hovered: str = "#252b32"
    line: str = "#2b323a"
    text: str = "#eef2f5"
    muted: str = "#9aa6b2"
    accent: str = "#4ea8ff"
    on_accent: str = "#04121f"
    good: str = "#46d787"
    caution: str = "#ffb224"
    alarm: str = "#ff4a4d"
    frozen: str = "#cfeaff"


DARK = Palette()
HIGH_CONTRAST = Palette(
    surface="#000000",
    raised="#000000",
    hovered="#3a3a3a",
    line="#ffffff",
    text="#ffffff",
    muted="#ffffff",
    accent="#ffe600",
    on_accent="#000000",
    good="#5dff9b",
    caution="#ffc400",
    alarm="#ff5c5c",
    frozen="#ffffff",
)
PALETTES = {"dark": DARK, "high_contrast": HIGH_CONTRAST}


class Size(Enum):
    """The type scale, in pixels at scale 1."""

    CAPTION = 12
    BODY = 14
    TITLE = 18
    HEADING = 24
    DISPLAY = 32


class Theme(QObject):
    """The palette and scale in force; views repaint when `changed` is emitted."""

    changed = Signal()

    def __init__(self, name: str = "dark", scale: float = 1.0, parent: QObject | None = None) -> None:
        """`scale` is what suits the screen, until another is wished."""
        super().__init__(parent)
        self.automatic_scale = scale
        self.name = name
        self.scale = scale
        self.palette = PALETTES[name]

    def switch(self, name: str, scale: float) -> None:
        """Take another palette ("dark" or "high_contrast") and size."""
        if (name, scale) == (self.name, self.scale):
            return
        self.name, self.scale, self.palette = name, scale, PALETTES[name]
        self.changed.emit()

    def px(self, pixels: float) -> int:
        """Pixels at scale 1 -> pixels now."""
        return round(pixels * self.scale)

    def color(self, job: str, alpha: float = 1.0) -> QColor:
        """The colour of a job ("accent", "alarm", ...), optionally translucent."""
        color = QColor(getattr(self.palette, job))
        color.setAlphaF(alpha)
        return color

    def font(self, size: Size, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
        """A font of the scale."""
        font = QFont(FAMILY)
        font.setPixelSize(self.px(size.value))
        font.setWeight(weight)
        return font

    def icon(self, name: str) -> QIcon:
        """An icon in the text colour, accented when checked, muted when disabled."""
        icon = QIcon()
        ratio = max((screen.devicePixelRatio() for screen in QGuiApplication.screens()), default=1.0)
        for mode, state, job in (
            (QIcon.Mode.Normal, QIcon.State.Off, "text"),
            (QIcon.Mode.Normal, QIcon.State.On, "accent"),
            (QIcon.Mode.Disabled, QIcon.State.Off, "line"),
        ):
            icon.addPixmap(self.pixmap(name, round(self.px(24) * ratio), getattr(self.palette, job)), mode, state)
        return icon

    def pixmap(self, name: str, edge_px: int, color: str) -> QPixmap:
        """A square icon of `edge_px` device pixels, drawn in `color`."""
        return drawn_icon(name, edge_px, color)

    def style_sheet(self) -> str:
        """The program's style sheet for this palette and scale."""
        text = resources.path("style/steadyscope.qss").read_text(encoding="utf-8")
        sizes = {
            f"px{n}": f"{self.px(n)}px" for n in (1, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 24, 32, 40, 48, 56, 64, 72)
        }
        images = {name: resources.path(f"style/{name}.svg").as_posix() for name in ("check", "chevron")}
        return Template(text).substitute(asdict(self.palette), family=FAMILY, **sizes, **images)

    def qt_palette(self) -> QPalette:
        """The same colours for what a style sheet does not reach."""
        palette = QPalette()
        roles = QPalette.ColorRole
        for role, job in (
            (roles.Window, "surface"),
            (roles.Base, "raised"),
            (roles.AlternateBase, "surface"),
            (roles.Button, "raised"),
            (roles.Text, "text"),
            (roles.WindowText, "text"),
            (roles.ButtonText, "text"),
            (roles.ToolTipBase, "raised"),
            (roles.ToolTipText, "text"),
            (roles.PlaceholderText, "muted"),
            (roles.Highlight, "accent"),
            (roles.HighlightedText, "on_accent"),
            (roles.Link, "accent"),
        ):
            palette.setColor(role, self.color(job))
        return palette


@lru_cache(maxsize=512)
def drawn_icon(name: str, edge_px: int, color: str) -> QPixmap:
    """`resources/icons/NAME.svg` with its strokes in `color`."""
    svg = resources.path(f"icons/{name}.svg").read_text(encoding="utf-8").replace("currentColor", color)
    renderer = QSvgRenderer(QByteArray(svg.encode()))
    pixmap = QPixmap(QSize(edge_px, edge_px))
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    renderer.render(painter, QRectF(0, 0, edge_px, edge_px))
    painter.end()
    return pixmap


def load_fonts() -> None:
    """Register the fonts that ship with the program; their default digits are of one width."""
    for weight in ("Regular", "SemiBold", "Bold"):
        QFontDatabase.addApplicationFont(str(resources.path(f"style/fonts/Inter-{weight}.otf")))


def scale_for(height_px: int) -> float:
    """The interface size that suits a screen or window of `height_px` logical pixels: 1 up to 1200, 2 at 2160."""
    return min(3.0, max(1.0, round(height_px / 1080 * 4) / 4)) if height_px > 1200 else 1.0
