"""The source dialog: cameras are listed on a worker, the choice goes to the session."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.desk import Desk
from app.dialogs.source import ListedCamera, SourceDialog
from app.sources import SourceChoice, format_text
from app.views.notices import Notice
from app.work import Work
from engine.capture.controls import CameraFormat
from engine.errors import EngineError

if TYPE_CHECKING:
    from engine.capture.discover import Camera

MOST_FORMATS = 24  # beyond it a list is no help


class SourcePresenter(QObject):
    """Lists, and hands the choice to `start`."""

    def __init__(self, desk: Desk, start: Callable[[SourceChoice], None]) -> None:
        super().__init__(desk.pump)
        self._desk = desk
        self._start = start
        desk.actions["source"].triggered.connect(self.show)

    def show(self) -> SourceDialog:
        """Open the dialog and look for cameras."""
        dialog = SourceDialog(self._desk.theme, self._desk.stage.window())
        dialog.chosen.connect(self.take)
        dialog.refresh_requested.connect(self._look)
        self._dialog = dialog
        dialog.open()
        self._look()
        return dialog

    def take(self, choice: SourceChoice) -> None:
        """Show the chosen source; a bad name is told."""
        try:
            self._start(choice)
        except EngineError as error:
            self._desk.shell.tell(Notice(error.sentence, error.remedy, "alarm", "source"))

    def _look(self) -> None:
        self._dialog.show_cameras(None)
        work = Work(_listed, self._dialog)
        work.done.connect(self._dialog.show_cameras)
        work.refused.connect(self._tell)
        work.start(self._desk.workers)

    def _tell(self, sentence: str, remedy: str) -> None:
        self._dialog.show_cameras(())
        self._desk.shell.tell(Notice(sentence, remedy, "caution", "source"))


def _listed(_work: Work) -> list[ListedCamera]:
    from engine.capture.discover import list_cameras  # OpenCV is loaded only when somebody looks

    return [ListedCamera(camera.identity, camera.name, _formats_of(camera)) for camera in list_cameras()]


def _formats_of(camera: Camera) -> tuple[str, ...]:
    """What the camera offers, without opening it; nothing where the system does not tell."""
    if sys.platform != "linux":
        return ()
    from engine.capture.v4l2 import format_choices

    try:
        offered = format_choices(str(camera.address))
    except EngineError:  # another user's camera: it is listed all the same
        return ()
    wishes = (CameraFormat(each.width, each.height, round(each.fps, 2), each.fourcc) for each in offered)
    return tuple(dict.fromkeys(format_text(wish) for wish in wishes if wish.fourcc.isalnum()))[:MOST_FORMATS]
