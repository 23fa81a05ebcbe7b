"""The camera's own button takes a still, as the still key does; where it cannot be read, a learned key does it."""

from __future__ import annotations

from functools import partial
from typing import Protocol

from PySide6.QtCore import QObject, Signal

from app.desk import Desk
from app.views.notices import Notice
from engine.errors import SourceError
from engine.events import Event, EventKind

LINUX_CAMERA = "v4l2:"  # how the identity of a camera begins whose button has an input device


class Button(Protocol):
    """What is held of an engine.capture.camera_button.CameraButton."""

    def close(self) -> None:
        """End its thread."""
        ...


def attach(desk: Desk) -> CameraButtonPresenter:
    """Called once the window stands."""
    return CameraButtonPresenter(desk)


class CameraButtonPresenter(QObject):
    """Listens to the button of whichever camera is open."""

    pressed = Signal()  # from the button's thread
    refused = Signal(str, str)  # from the button's thread: sentence, remedy

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk.pump)
        self._desk = desk
        self._button: Button | None = None
        self.pressed.connect(desk.actions["still"].trigger)
        self.refused.connect(self._tell)
        desk.pump.event_happened.connect(self.hear)

    def hear(self, event: Event) -> None:
        """A source that opens brings its button; one that is lost takes it along."""
        if event.kind in (EventKind.SOURCE_LOST, EventKind.SOURCE_FAILED):
            self.close()
        elif event.kind is EventKind.SOURCE_OPENED:
            self.close()
            info = self._desk.session.source_info
            if info is not None and info.identity.startswith(LINUX_CAMERA):
                self._button = self._listen_to(info.identity)

    def close(self) -> None:
        """Let go of the button."""
        button, self._button = self._button, None
        if button is not None:
            button.close()

    def _listen_to(self, identity: str) -> Button:
        from engine.capture.camera_button import CameraButton, find_button  # Linux alone has its modules

        return CameraButton(partial(find_button, identity), self.pressed.emit, self._hear_refusal)

    def _hear_refusal(self, error: SourceError) -> None:
        self.refused.emit(error.sentence, error.remedy)

    def _tell(self, sentence: str, remedy: str) -> None:
        self._desk.shell.tell(Notice(sentence, remedy, "caution", "camera-button"))
