"""Health to the health bar and the captions of the views, slowly enough to be read."""

from __future__ import annotations

from PySide6.QtCore import QObject

from app.actions import Actions
from app.opening import OFF
from app.presenters.verdicts import (
    backend_reading,
    drop_reading,
    latency_reading,
    lost_frames,
    rate_reading,
    tracking_reading,
)
from app.pump import Pump
from app.views.health_bar import HealthBar, Reading
from app.views.stage import Stage, View
from engine.capture.source import SourceInfo
from engine.clock import now_ns
from engine.session import Session
from engine.values import Health, Liveness, Matrix3, StabilizedFrame

SHOW_EVERY_NS = 400_000_000
RECENT_NS = 10_000_000_000
KIND_ICONS = {"demo": "demo", "file": "file", "url": "network", "rtsp": "network", "http": "network", "udp": "network"}


class VitalsPresenter(QObject):
    """Numbers with units and steady widths."""

    def __init__(self, bar: HealthBar, stage: Stage, pump: Pump, session: Session, actions: Actions) -> None:
        super().__init__(bar)
        self._bar = bar
        self._panes = stage.panes
        self._session = session
        self._actions = actions
        self._output: StabilizedFrame | None = None
        self._shown_ns = 0
        self._lost = 0
        self._lost_ns = 0
        pump.output_arrived.connect(self._keep_output)
        pump.health_read.connect(self.show_health)

    def show_health(self, health: Health) -> None:
        """Fill the bar, at most every 0.4 s."""
        now = now_ns()
        if now - self._shown_ns < SHOW_EVERY_NS:
            return
        self._shown_ns = now
        info = self._session.source_info
        bar = self._bar
        bar.source.show_reading(self._source_reading(health))
        bar.rate_in.show_reading(rate_reading(health.fps_in, info.fps if info else 0.0))
        bar.rate_out.show_reading(rate_reading(health.fps_processed, health.fps_in))
        bar.latency.show_reading(latency_reading(health))
        bar.drops.show_reading(self._drops(health, now))
        bar.tracking.show_reading(tracking_reading(self._output if health.backend != OFF else None, health.liveness))
        bar.backend.show_reading(backend_reading(health))
        self._show_captions(health, info)

    def _drops(self, health: Health, now: int) -> Reading:
        lost, before = lost_frames(health), self._lost
        self._lost = lost
        if lost > before:
            self._lost_ns = now
        return drop_reading(lost, is_growing=lost > 0 and now - self._lost_ns < RECENT_NS)

    def _keep_output(self, output: StabilizedFrame) -> None:
        self._output = output

    @staticmethod
    def _source_reading(health: Health) -> Reading:
        jobs = {Liveness.LIVE: "good", Liveness.STALE: "caution", Liveness.NO_LIVE_IMAGE: "alarm"}
        return Reading(health.source or "—", jobs.get(health.liveness, "muted"))

    def _show_captions(self, health: Health, info: SourceInfo | None) -> None:
        if info is not None:
            size = self.tr("{w} × {h}").format(w=info.width, h=info.height)
            self._panes[View.RAW].show_caption(f"{size} · {health.fps_in:.0f} fps")
        output = self._output
        has_network = health.model and health.backend != OFF
        engine_ms = sum(ms for name, ms in health.stage_ms.items() if name in ("infer", "lift", "preprocess"))
        caption = f"{health.model}{self._seen_at(output)} · {engine_ms:.0f} ms"
        self._panes[View.ENHANCED].show_caption(caption if has_network else "")
        mode = self.tr("LOCK") if self._actions["lock"].isChecked() else self.tr("FOLLOW")
        moved = moved_px(output.stabilized_from_raw, output.raw.pixels.shape[:2]) if output is not None else 0.0
        self._panes[View.STABILIZED].show_caption(self.tr("{mode} · moved {px:.0f} px").format(mode=mode, px=moved))

    def _seen_at(self, output: StabilizedFrame | None) -> str:
        """The size of the network's picture, where it is not the camera's."""
        if output is None or output.inference is None or output.inference.enhanced is output.enhanced:
            return ""
        height, width = output.inference.enhanced.shape[:2]
        return " " + self.tr("at {w} × {h}").format(w=width, h=height)


def moved_px(stabilized_from_raw: Matrix3, size: tuple[int, ...]) -> float:
    """How far the stabilizer has shifted the picture's centre, in raw pixels; `size` is (H, W)."""
    x, y = size[1] / 2, size[0] / 2
    to_x, to_y, _ = stabilized_from_raw @ (x, y, 1.0)
    return float(((to_x - x) ** 2 + (to_y - y) ** 2) ** 0.5)
