"""What happened in the session, as notices with a remedy."""

from __future__ import annotations

from PySide6.QtCore import QObject

from app.presenters.live import LivePresenter
from app.pump import Pump
from app.views.notices import Notice
from app.window import MainWindow
from engine.events import Event, EventKind

TONES = {
    EventKind.SOURCE_LOST: ("alarm", "source"),
    EventKind.SOURCE_FAILED: ("alarm", "source"),
    EventKind.ENGINE_FAILED: ("alarm", "engine"),
    EventKind.ENDED: ("info", "source"),
    EventKind.NOTICE: ("caution", ""),
}  # a bypass has its banner; state changes and openings need no words
WITHDRAWN_BY = {EventKind.SOURCE_OPENED: "source", EventKind.ENGINE_READY: "engine"}


class NotesPresenter(QObject):
    """Events in, notices out."""

    def __init__(self, window: MainWindow, pump: Pump, live: LivePresenter) -> None:
        super().__init__(window)
        self._window = window
        pump.event_happened.connect(self.hear)
        live.tap_refused.connect(self.refuse_tap)

    def hear(self, event: Event) -> None:
        """Tell what the user should know, and withdraw what has been mended."""
        if event.kind in WITHDRAWN_BY:
            self._window.withdraw_notice(WITHDRAWN_BY[event.kind])
        if event.kind in TONES:
            tone, topic = TONES[event.kind]
            self._window.tell(Notice(event.sentence, event.remedy, tone, topic))

    def refuse_tap(self, sentence: str) -> None:
        """Say why a tap did nothing."""
        self._window.tell(Notice(sentence, topic="tap"))
