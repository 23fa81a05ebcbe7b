"""The black stage: lays the three views out side by side, alone, or one large with two beside it."""

from __future__ import annotations

from enum import Enum

from PySide6.QtCore import QEvent, QObject, QPointF, QRect, QSizeF, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from app.theme import Theme
from app.views.orientation import Orientation
from app.views.pane import ViewPane


class View(Enum):
    """The three pictures of one camera."""

    RAW = "raw"
    ENHANCED = "enhanced"
    STABILIZED = "stabilized"


class Layout(Enum):
    """Which views fill the stage, and how."""

    RAW = "raw"
    ENHANCED = "enhanced"
    STABILIZED = "stabilized"
    SIDE_BY_SIDE = "side_by_side"
    ONE_LARGE = "one_large"


class Stage(QWidget):
    """Owns the panes and their geometry; overlays (banner, notices, controls) are laid on it by the window."""

    tapped = Signal(View, QPointF)  # the view, and the point in its picture's pixels
    touched = Signal()  # a hand is near: show the controls
    arranged = Signal()  # the panes have moved

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("stage")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._theme = theme
        self._layout = Layout.SIDE_BY_SIDE
        self._orientation = Orientation()
        self._away: set[View] = set()  # shown in a window of their own
        self._top_inset_px = 0
        self.panes = {
            View.RAW: ViewPane(theme, self.tr("RAW"), self),
            View.ENHANCED: ViewPane(theme, self.tr("ENHANCED"), self),
            View.STABILIZED: ViewPane(theme, self.tr("STABILIZED"), self),
        }
        for view, pane in self.panes.items():
            pane.tapped.connect(getattr(self, f"_{view.value}_tapped"))
            pane.surface.setMouseTracking(True)
            pane.surface.installEventFilter(self)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        theme.changed.connect(self.arrange)

    @property
    def view_layout(self) -> Layout:
        """The layout in force."""
        return self._layout

    def show_layout(self, layout: Layout) -> None:
        """Lay the views out another way."""
        self._layout = layout
        self.arrange()

    def set_orientation(self, orientation: Orientation) -> None:
        """Turn, mirror and magnify all three views alike."""
        self._orientation = orientation
        for pane in self.panes.values():
            pane.surface.set_orientation(orientation)
            pane.band.show_mark(self._mark_of(orientation))
        self.arrange()

    def set_top_inset(self, pixels: int) -> None:
        """Keep the top free for a banner."""
        if pixels != self._top_inset_px:
            self._top_inset_px = pixels
            self.arrange()

    def release(self, view: View) -> ViewPane:
        """Give a pane away to a window of its own."""
        self._away.add(view)
        self.arrange()
        return self.panes[view]

    def take_back(self, view: View) -> None:
        """Put a pane back on the stage."""
        self._away.discard(view)
        self.panes[view].setParent(self)
        self.arrange()

    def shown_views(self) -> tuple[View, ...]:
        """The views on the stage, in reading order."""
        if self._layout in (Layout.SIDE_BY_SIDE, Layout.ONE_LARGE):
            return tuple(view for view in View if view not in self._away)
        wanted = View(self._layout.value)
        return () if wanted in self._away else (wanted,)

    def arrange(self) -> None:
        """Place the panes, and tell those who lie on top."""
        self._arrange_panes()
        self.arranged.emit()

    def _arrange_panes(self) -> None:
        shown = self.shown_views()
        for view, pane in self.panes.items():
            if view not in self._away:
                pane.setVisible(view in shown)
        if not shown:
            return
        area = self.rect().adjusted(0, self._top_inset_px, 0, 0)
        if len(shown) == 1:
            self._place(shown[0], area, is_over=True)
        elif self._layout is Layout.ONE_LARGE and len(shown) == len(View):
            self._arrange_one_large(area)
        else:
            self._arrange_columns(shown, area)

    def covers_picture(self, area: QRect) -> bool:
        """Would something laid over `area` hide part of a picture?"""
        shown = [self.panes[view] for view in self.shown_views()]
        return any(pane.picture_geometry().intersects(area) for pane in shown)

    def _arrange_columns(self, shown: tuple[View, ...], area: QRect) -> None:
        gap = self._theme.px(16)
        width = (area.width() - gap * (len(shown) + 1)) // len(shown)
        for column, view in enumerate(shown):
            pane = self.panes[view]
            pane.resize(width, pane.height())
            height = min(area.height() - 2 * gap, round(width / self._aspect()) + pane.band_height())
            free = area.height() - height
            top = area.top() + max(gap, round(free * 0.36))
            self._place(view, QRect(area.left() + gap + column * (width + gap), top, width, height), is_over=False)

    def _arrange_one_large(self, area: QRect) -> None:
        """Stabilized at two thirds, raw above enhanced at one third, edges aligned."""
        gap = self._theme.px(8)
        aspect = self._aspect()
        usable_w, usable_h = area.width() - 3 * gap, area.height() - 2 * gap
        large_w = round(min(usable_w * 2 / 3, usable_h * aspect))
        small_w = round(min(large_w / 2, usable_w - large_w))
        large_h = min(usable_h, round(large_w / aspect))
        left = area.left() + (area.width() - large_w - small_w - gap) // 2
        top = area.top() + (area.height() - large_h) // 2
        self._place(View.STABILIZED, QRect(left, top, large_w, large_h), is_over=True)
        small_h = (large_h - gap) // 2
        right = left + large_w + gap
        self._place(View.RAW, QRect(right, top, small_w, small_h), is_over=True)
        self._place(View.ENHANCED, QRect(right, top + large_h - small_h, small_w, small_h), is_over=True)

    def _place(self, view: View, rect: QRect, is_over: bool) -> None:
        pane = self.panes[view]
        pane.setGeometry(rect)
        pane.set_band_over_picture(is_over)

    def _mark_of(self, orientation: Orientation) -> str:
        marks = [self.tr("MIRRORED")] if orientation.is_mirrored else []
        if orientation.quarter_turns:
            marks.append(f"{90 * orientation.quarter_turns}°")
        if orientation.zoom > 1:
            marks.append(f"{orientation.zoom:g}×")
        return " ".join(marks)

    def _aspect(self) -> float:
        size: QSizeF = self._orientation.turned_size(self.panes[View.RAW].surface.picture_size)
        return max(0.2, size.width() / max(1.0, size.height()))

    def _raw_tapped(self, point: QPointF) -> None:
        self.tapped.emit(View.RAW, point)

    def _enhanced_tapped(self, point: QPointF) -> None:
        self.tapped.emit(View.ENHANCED, point)

    def _stabilized_tapped(self, point: QPointF) -> None:
        self.tapped.emit(View.STABILIZED, point)

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """Lay out again."""
        self.arrange()

    def mouseMoveEvent(self, _event: QEvent) -> None:
        """A moving hand brings the controls."""
        self.touched.emit()

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """A hand on a picture counts too."""
        if event.type() in (QEvent.Type.MouseMove, QEvent.Type.MouseButtonPress):
            self.touched.emit()
        return False
