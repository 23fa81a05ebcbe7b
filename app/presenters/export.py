"""Exports a session to files or a PACS on a worker, with progress and cancel."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import platformdirs
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from app.desk import Desk
from app.dialogs.export import ExportDialog, ExportWish
from app.dialogs.pacs import PacsDialog, PacsWish
from app.presenters.session_words import length_words
from app.work import Work
from engine.archive.exports import Wanted, export_session
from engine.archive.omissions import DamagedSession, Omissions
from engine.archive.pacs import PacsAddress, send
from engine.archive.reader import SessionView
from engine.archive.video_export import VideoExport
from engine.errors import EngineError
from engine.recording.practice import DICOM
from engine.recording.session_folder import STABILIZED

Limits = tuple[int | None, int | None]
PREPARED = 0.3  # of the way to a PACS: writing the objects


class ExportPresenter(QObject):
    """One dialog and one piece of work at a time."""

    finished = Signal(bool)  # False: failed or cancelled

    def __init__(self, desk: Desk, window: QWidget, parent: QObject) -> None:
        super().__init__(parent)
        self._desk, self._window = desk, window
        self._session: SessionView | None = None
        self._limits: Limits = (None, None)
        self._work: Work | None = None
        self._missing = Omissions()  # of what was written last
        self._is_damaged = False  # the session's own files: a partial export was refused for want of asking
        self.dialog: ExportDialog | None = None
        self.pacs: PacsDialog | None = None

    def show_export(self, session: SessionView, limits: Limits) -> None:
        """Ask what to write, and where."""
        self._session, self._limits = session, limits
        streams = sorted(session.frame_times_ns, key=_stabilized_first)
        folder = platformdirs.user_documents_path()
        self.dialog = ExportDialog(
            self._desk.theme,
            (folder if folder.is_dir() else Path.home()) / f"session-{session.folder.session_id}",
            tuple(streams),
            self._trim_words(session, limits),
            self._window.window(),
        )
        self.dialog.export_requested.connect(self.write)
        self.dialog.cancel_requested.connect(self.cancel)
        self.dialog.finished.connect(self._forget_dialog)
        self.dialog.open()

    def show_pacs(self, session: SessionView) -> None:
        """Ask where to send it."""
        self._session = session
        known = self._desk.preferences.settings.pacs
        patient = session.patient
        name = ", ".join(filter(None, (patient.family_name, patient.given_name)))
        who = " · ".join(filter(None, (name, patient.patient_id, patient.birth_date))) or self.tr("nobody")
        wish = PacsWish(known.host, known.port, known.called, known.calling, is_identified=False)
        self.pacs = PacsDialog(self._desk.theme, wish, who, self._window.window())
        self.pacs.send_requested.connect(self.send)
        self.pacs.cancel_requested.connect(self.cancel)
        self.pacs.finished.connect(self._forget_dialog)
        self.pacs.open()

    def write(self, wish: ExportWish) -> None:
        """Write the files."""
        session = self._session
        if session is None:
            return
        begin, end = self._limits if wish.is_trimmed else (None, None)
        video = VideoExport(wish.stream, begin or 0, end, wish.is_burnt_in, wish.has_chapters)
        wanted = Wanted(video, is_identified=wish.is_identified, is_partial=wish.is_partial)

        def export(work: Work) -> list[Path]:
            return self._export(session, wish.form, wish.out, wanted, _Reporter(work))

        self._start(export, self._show_written)
        self._progressed(0.0, "")

    def send(self, wish: PacsWish) -> None:
        """Make the objects and send them; the address is remembered."""
        session = self._session
        if session is None or self.pacs is None:
            return
        try:
            address = PacsAddress(wish.host, wish.port, wish.called, wish.calling)
            self._desk.preferences.change(
                "pacs", host=wish.host, port=wish.port, called=wish.called, calling=wish.calling
            )
        except EngineError as error:
            self._refused(error.sentence, error.remedy)
            return
        preparing, sending = self.tr("Making the objects"), self.tr("Sending")

        def deliver(work: Work) -> int:
            with tempfile.TemporaryDirectory(prefix="steadyscope-") as folder:
                work.report(0.0, preparing)
                wanted = Wanted(is_identified=wish.is_identified, is_partial=wish.is_partial)
                files = self._export(session, DICOM, Path(folder), wanted, _Reporter(work, preparing, 0, PREPARED))
                if not work.is_cancelled:
                    send(files, address, _Reporter(work, sending, PREPARED, 1.0))
                return len(files)

        self._start(deliver, self._show_sent)
        self._progressed(0.0, preparing)

    def cancel(self) -> None:
        """Give up what is under way."""
        if self._work is not None:
            self._work.cancel()

    def close(self) -> None:
        """The window closes."""
        self.cancel()

    def _export(
        self, session: SessionView, form: str, out: Path, wanted: Wanted, reporter: Callable[[float], bool]
    ) -> list[Path]:
        """On a worker; remembers what is missing, and whether that was the reason to refuse."""
        try:
            return export_session(session, form, out, wanted, reporter, self._remember_missing)
        except DamagedSession:
            self._is_damaged = True
            raise

    def _remember_missing(self, missing: Omissions) -> None:
        self._missing = missing

    def _start(self, function: Callable[[Work], Any], on_done: Callable[[Any], None]) -> None:
        self._work = Work(function, self)
        self._work.progressed.connect(self._progressed)
        self._work.done.connect(on_done)
        self._work.refused.connect(self._refused)
        self._work.start(self._desk.workers)

    def _progressed(self, share: float, what: str) -> None:
        if self.dialog is not None:
            self.dialog.show_progress(share)
        elif self.pacs is not None:
            self.pacs.show_progress(share, what)

    def _show_written(self, written: list[Path]) -> None:
        words = self.tr("Cancelled; nothing was written.")
        if written:
            place = written[0] if len(written) == 1 else written[0].parent
            words = self.tr("Written: {place}").format(place=place)
        self._end_whole_or_not(words, is_good=bool(written))

    def _show_sent(self, count: int) -> None:
        is_cancelled = self._work is not None and self._work.is_cancelled
        words = self.tr("Cancelled.") if is_cancelled else self.tr("{count} objects arrived.").format(count=count)
        self._end_whole_or_not(words, is_good=not is_cancelled)

    def _end_whole_or_not(self, words: str, *, is_good: bool) -> None:
        dialog = self.dialog or self.pacs
        if not is_good or self._missing.is_complete or dialog is None:
            self._end(words, is_good=is_good)
            return
        dialog.show_incomplete("\n".join((words, self.tr("Incomplete, and marked as such:"))), self._missing.grave)
        self.finished.emit(True)

    def _refused(self, sentence: str, remedy: str) -> None:
        dialog = self.dialog or self.pacs
        if self._is_damaged and dialog is not None:
            dialog.offer_partial()
        self._is_damaged = False
        self._end(f"{sentence} {remedy}".strip(), is_good=False, is_problem=True)

    def _end(self, words: str, *, is_good: bool, is_problem: bool = False) -> None:
        for dialog in (self.dialog, self.pacs):
            if dialog is not None:
                dialog.show_idle(words, is_problem=is_problem)
        self.finished.emit(is_good)

    def _forget_dialog(self) -> None:
        self.cancel()
        self.dialog = self.pacs = None

    def _trim_words(self, session: SessionView, limits: Limits) -> str:
        begin, end = limits
        if begin is None and end is None:
            return ""
        end_s = (session.duration_ns if end is None else end) / 1e9
        return self.tr("{begin} to {end}").format(begin=length_words((begin or 0) / 1e9), end=length_words(end_s))


class _Reporter:
    """A progress of the engine, told to the window: a share of the whole, and whether to go on."""

    def __init__(self, work: Work, what: str = "", begin: float = 0.0, end: float = 1.0) -> None:
        self._work, self._what, self._begin, self._end = work, what, begin, end

    def __call__(self, share: float) -> bool:
        self._work.report(self._begin + (self._end - self._begin) * share, self._what)
        return not self._work.is_cancelled


def _stabilized_first(stream: str) -> bool:
    return stream != STABILIZED
