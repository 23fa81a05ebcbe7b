"""Live pictures: what the pump brings goes to the three views, with the marks and the words that keep it honest."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

from PySide6.QtCore import QObject, QPointF, QRectF, Signal

from app.actions import Actions
from app.opening import OFF
from app.presenters.marks import raw_overlay, tint_table, transform_of
from app.presenters.verdicts import Standing, banner_of, output_chip, raw_chip, veil_of
from app.pump import Freshness, Pump
from app.theme import Theme
from app.views.live_page import LivePage
from app.views.overlay import Overlay
from app.views.stage import View
from engine.clock import now_ns
from engine.events import Event, EventKind
from engine.pipeline import StabilizerMode
from engine.values import Frame, Health, Liveness, Mode, StabilizedFrame

BEAT_NS = 500_000_000
TOLD_AFTER_FRAMES = 3  # raw in a row; a lone late frame is over before its chip could be read


class Steered(Protocol):
    """What this presenter asks of a session."""

    def set_bypass(self, is_on: bool) -> None: ...
    def set_mode(self, mode: StabilizerMode) -> None: ...
    def reanchor(self) -> None: ...
    def choose_tooth(self, x: float, y: float) -> None: ...


class LivePresenter(QObject):
    """Owns what is frozen, compared and overlaid; the session owns everything else."""

    tooth_chosen = Signal()
    tap_refused = Signal(str)

    def __init__(self, page: LivePage, pump: Pump, session: Steered, actions: Actions, theme: Theme) -> None:
        super().__init__(page)
        self._page = page
        self._panes = page.stage.panes
        self._session = session
        self._theme = theme
        self._freeze_action = actions["freeze"]
        self._standing = Standing()
        self._freshness = Freshness(Liveness.WAITING, Liveness.WAITING, 0)
        self._health: Health | None = None
        self._output: StabilizedFrame | None = None  # the newest; the shown one unless frozen
        self._beaten_ns = 0
        self._raw_in_a_row = 0
        self._last_processed: StabilizedFrame | None = None
        self._has_tooth_overlay = False
        self._has_flow_overlay = False
        self._tint = tint_table(theme.color("accent"))
        self._connect(pump, actions)

    @property
    def standing(self) -> Standing:
        """What the user has switched."""
        return self._standing

    @property
    def newest_output(self) -> StabilizedFrame | None:
        """The newest output that arrived."""
        return self._output

    def forget(self) -> None:
        """Another source: nothing of the old one may stay as if it were live."""
        self._freeze_action.setChecked(False)
        self._standing = Standing(is_comparing=self._standing.is_comparing)
        self._output = self._last_processed = None
        self._health = None
        for pane in self._panes.values():
            pane.surface.clear()
            pane.surface.show_overlay(Overlay())
        self._say()

    def show_raw(self, frame: Frame) -> None:
        """The raw view has its own path and waits for nothing."""
        if self._standing.is_frozen:
            return
        pane = self._panes[View.RAW]
        pane.surface.show_picture(frame.pixels)
        now = now_ns()
        if now - self._beaten_ns > BEAT_NS:
            self._beaten_ns = now
            pane.chip.beat()

    def show_output(self, output: StabilizedFrame) -> None:
        """Enhanced and stabilized picture, and the marks on both."""
        self._output = output
        if output.mode is Mode.PASSTHROUGH:
            self._raw_in_a_row += 1
        else:
            self._raw_in_a_row, self._last_processed = 0, output
        if not self._standing.is_frozen:
            self._show_pictures(output)

    def freeze(self, is_frozen: bool) -> None:
        """Hold the pictures, clearly marked; the session runs on."""
        self._standing = replace(self._standing, is_frozen=is_frozen)
        self._say()

    def compare(self, is_comparing: bool) -> None:
        """Show raw in all views while the key is held."""
        self._standing = replace(self._standing, is_comparing=is_comparing)
        if self._output is not None and not self._standing.is_frozen:
            self._show_pictures(self._output)
        self._say()

    def set_lock(self, is_locked: bool) -> None:
        """LOCK or FOLLOW."""
        self._session.set_mode("lock" if is_locked else "follow")

    def show_tooth_overlay(self, is_shown: bool) -> None:
        """Tint the teeth."""
        self._has_tooth_overlay = is_shown
        self._refresh_marks()

    def show_flow_overlay(self, is_shown: bool) -> None:
        """Draw the flow."""
        self._has_flow_overlay = is_shown
        self._refresh_marks()

    def choose_tooth(self, view: View, point: QPointF) -> None:
        """A tap on a view: lock on to the tooth under the finger."""
        output = self._output
        if self._standing.is_frozen or self._freshness.output is not Liveness.LIVE or output is None:
            self.tap_refused.emit(self.tr("A tooth can be chosen only on the live picture."))
            return
        if view is View.STABILIZED and not self._standing.is_comparing:
            raw_from_stabilized, is_invertible = transform_of(output.stabilized_from_raw).inverted()
            point = raw_from_stabilized.map(point) if is_invertible else point
        height, width = output.raw.pixels.shape[:2]
        if not QRectF(0, 0, width, height).contains(point):
            self.tap_refused.emit(self.tr("There is no picture at this place."))
            return
        self._session.choose_tooth(point.x(), point.y())
        self.tooth_chosen.emit()

    def hear(self, event: Event) -> None:
        """A file's end and a source's opening change what the pictures mean."""
        if event.kind in (EventKind.ENDED, EventKind.SOURCE_OPENED):
            self._standing = replace(self._standing, has_ended=event.kind is EventKind.ENDED)
            self._say()

    def show_health(self, health: Health) -> None:
        """Keep the newest health for the banner."""
        self._health = health
        if (health.backend == OFF) is not self._standing.is_engine_off:
            self._standing = replace(self._standing, is_engine_off=health.backend == OFF)

    def show_freshness(self, freshness: Freshness) -> None:
        """Chips, veils and banner follow the age of the pictures."""
        self._freshness = freshness
        self._say()

    def _connect(self, pump: Pump, actions: Actions) -> None:
        pump.raw_arrived.connect(self.show_raw)
        pump.output_arrived.connect(self.show_output)
        pump.health_read.connect(self.show_health)
        pump.freshness_judged.connect(self.show_freshness)
        pump.event_happened.connect(self.hear)
        actions["freeze"].toggled.connect(self.freeze)
        actions["bypass"].toggled.connect(self._session.set_bypass)
        actions["lock"].toggled.connect(self.set_lock)
        actions["reanchor"].triggered.connect(self._reanchor)
        actions["tooth_overlay"].toggled.connect(self.show_tooth_overlay)
        actions["flow_overlay"].toggled.connect(self.show_flow_overlay)
        self._page.stage.tapped.connect(self.choose_tooth)
        self._theme.changed.connect(self._take_colors)

    def _reanchor(self) -> None:
        self._session.reanchor()

    def _take_colors(self) -> None:
        self._tint = tint_table(self._theme.color("accent"))
        self._refresh_marks()

    def _show_pictures(self, output: StabilizedFrame) -> None:
        is_raw = self._standing.is_comparing
        self._panes[View.ENHANCED].surface.show_picture(output.raw.pixels if is_raw else output.enhanced)
        self._panes[View.STABILIZED].surface.show_picture(output.raw.pixels if is_raw else output.pixels)
        self._show_marks(output)

    def _refresh_marks(self) -> None:
        if self._output is not None and not self._standing.is_frozen:
            self._show_marks(self._output)

    def _show_marks(self, output: StabilizedFrame) -> None:
        table = self._tint if self._has_tooth_overlay else None
        marks = raw_overlay(output, table, self._has_flow_overlay)
        for view, pane in self._panes.items():
            if view is View.RAW:  # stays as the camera gave it, and may show a newer frame than the marks are of
                continue
            is_warped = view is View.STABILIZED and not self._standing.is_comparing
            moved = replace(marks, view_from_raw=transform_of(output.stabilized_from_raw)) if is_warped else marks
            pane.surface.show_overlay(moved)

    def _say(self) -> None:
        """Bring chips, veils and banner in line with what is known now."""
        freshness, standing = self._freshness, self._standing
        self._panes[View.RAW].show_chip(raw_chip(freshness.raw, standing))
        self._panes[View.RAW].show_veil(*veil_of(freshness.raw, standing, freshness.age_ms))
        is_lone = 0 < self._raw_in_a_row < TOLD_AFTER_FRAMES and self._last_processed is not None
        told = self._last_processed if is_lone else self._output
        for view in (View.ENHANCED, View.STABILIZED):
            self._panes[view].show_chip(output_chip(freshness.output, told, standing, view is View.STABILIZED))
            self._panes[view].show_veil(*veil_of(freshness.output, standing, freshness.age_ms))
        text, job = banner_of(freshness.raw, standing, self._health)
        if text != self._page.banner.text():
            self._page.show_banner(text, job)
