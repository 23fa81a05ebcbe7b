"""The light of a recording: the badge in the corner, and the record key in red."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtGui import QIcon

from app.desk import Desk
from app.views.recording_badge import BadgeState, RecordingBadge
from engine.recording.recorder import RecordingStatus


class RecordingLight(QObject):
    """Shows what it is told, whatever the theme."""

    def __init__(self, desk: Desk, parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk
        self._is_red = False
        self.badge = RecordingBadge(desk.theme)
        desk.shell.add_to_corner(self.badge)
        desk.theme.changed.connect(self._light_up)

    def show_status(self, status: RecordingStatus) -> None:
        """As the recording stands now."""
        left = None if status.disk is None else status.disk.minutes_left
        lost = sum(status.lost.values())
        self.badge.show_status(BadgeState(status.is_recording, status.is_paused, status.elapsed_s, lost, left))
        self._desk.actions["record"].setChecked(status.is_recording)
        self._desk.actions["pause_recording"].setChecked(status.is_paused)
        if self._is_red != status.is_recording:
            self._is_red = status.is_recording
            self._light_up()

    def _light_up(self) -> None:
        """The key's own light is red while it records, whatever the theme's accent."""
        theme, action = self._desk.theme, self._desk.actions["record"]
        action.setIcon(theme.icon("record"))
        if self._is_red:
            edge = theme.px(24) * round(self.badge.devicePixelRatio())
            action.setIcon(QIcon(theme.pixmap("record", edge, theme.palette.alarm)))
