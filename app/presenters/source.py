"""The source dialog: cameras are listed on a worker, the choice goes to the session."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject

from app.desk import Desk
from app.dialogs.source import ListedCamera, SourceDialog
from app.sources import SourceChoice
from app.views.notices import Notice
from app.work import Work
from engine.errors import EngineError


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

    return [ListedCamera(camera.identity, camera.name) for camera in list_cameras()]
