"""The REVIEW page: the library first, then the player of the session that was opened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QStackedWidget

from app.desk import Desk
from app.presenters.annotation import AnnotationPresenter
from app.presenters.export import ExportPresenter
from app.presenters.library import LibraryPresenter
from app.presenters.playback import PlaybackPresenter
from app.presenters.session_words import length_words
from app.views.library_list import LibraryView
from app.views.notices import Notice
from app.views.review_page import ReviewView
from app.views.review_panel import SELECT
from app.work import Work
from engine.annotation.interchange import from_json, session_of
from engine.annotation.shapes import Annotation
from engine.annotation.store import AnnotationStore
from engine.archive.checkup import refuse_cut_video
from engine.archive.reader import SessionView, open_session
from engine.errors import AnnotationError, EngineError

LIVE_ONLY = ("compare",)  # Space belongs to the player while this page is shown
REPAIR = "session repair"  # in the remedy of what a repair can mend
MARK_ACTIONS = ("marker", "range")  # their keys and pedals mark the recording under review

Opened = tuple[SessionView, AnnotationStore, tuple[Annotation, ...]]


def build(desk: Desk) -> ReviewPresenter:
    """Called when the page is shown for the first time."""
    return ReviewPresenter(desk)


class ReviewPresenter(QObject):
    """Opens and closes sessions, and hands each wish to who can fulfil it."""

    opened = Signal(object)  # SessionView

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk.pump)
        self._desk = desk
        self._kept_clear = 0
        self.library_view, self.view = LibraryView(desk.theme), ReviewView(desk.theme)
        self.widget = QStackedWidget()
        self.widget.addWidget(self.library_view)
        self.widget.addWidget(self.view)
        self.library = LibraryPresenter(desk, self.library_view, self)
        self.export = ExportPresenter(desk, self.widget, self)
        self.playback = PlaybackPresenter(desk, self.view, self)
        self.session: SessionView | None = None
        self.annotations: AnnotationPresenter | None = None
        self.library.opened.connect(self.open)
        self.playback.moved.connect(self._show_moment)
        self.playback.failed.connect(self._tell)
        self.view.commanded.connect(self.command)
        self.view.shown.connect(self._redraw)
        self._commands: dict[str, Callable[[], None]] = {
            **self.playback.commands(),
            "back": self._go_back,
            "previous_mark": self._previous_mark,
            "next_mark": self._next_mark,
            "export": self._export,
            "pacs": self._send,
            "import": self._import,
        }

    def enter(self) -> None:
        """Space plays here; the list may have grown."""
        self._kept_clear = self._desk.shell.keep_clear(self.view.controls_height)
        for name in LIVE_ONLY:
            self._desk.actions[name].setEnabled(False)
        self.view.extra_keys = {key: name for name in MARK_ACTIONS for key in self._desk.actions.keys(name)}
        if self.session is None:
            self.library.refresh()
        else:
            self._lend_column()
            self.view.setFocus()
            self.playback.wake()

    def leave(self) -> None:
        """Stand still; the live page has its keys back."""
        self._desk.shell.keep_clear(self._kept_clear)
        self._take_column()
        for name in LIVE_ONLY:
            self._desk.actions[name].setEnabled(True)
        self.playback.rest()

    def close(self) -> None:
        """The window closes."""
        self.library.close()
        self.export.close()
        self._let_go()

    def open(self, root: Path) -> None:
        """Open a session; what is slow is done by a worker."""

        def read(_: Work) -> Opened:
            session = open_session(root)
            refuse_cut_video(session)
            store = AnnotationStore(session.folder.database)
            return session, store, store.load().annotations

        def refuse(sentence: str, remedy: str) -> None:
            self._tell(sentence, remedy)
            if REPAIR in remedy:
                self.library.show_broken(root, sentence, remedy)

        work = Work(read, self)
        work.done.connect(self._show)
        work.refused.connect(refuse)
        work.start(self._desk.workers)

    def back(self) -> None:
        """To the library."""
        self._let_go()
        self._take_column()
        self.widget.setCurrentWidget(self.library_view)
        self.library.refresh()

    def command(self, name: str) -> None:
        """A key or a button of the player."""
        if self.session is None or self.annotations is None:
            return
        self.annotations.finish_typing()
        command = self._commands.get(name)
        if command is not None:
            command()
        else:
            self.annotations.command(name)

    def import_from(self, path: Path) -> None:
        """Take the annotations of a JSON file that was exported from this very session."""
        if self.session is None or self.annotations is None:
            return
        session_id = self.session.folder.session_id
        try:
            text = path.read_text(encoding="utf-8-sig")
            entries, owner = from_json(text), session_of(text)
            if owner and owner != session_id:
                raise AnnotationError(
                    f"These annotations belong to session {owner}, not to this one.", "Open that session first."
                )
        except EngineError as error:
            self._tell(error.sentence, error.remedy)
            return
        except (OSError, UnicodeDecodeError) as error:
            self._tell(self.tr("{name} cannot be read: {error}.").format(name=path.name, error=error), "")
            return
        count = self.annotations.take_over(entries)
        words = self.tr("{count} annotations were taken over, {same} were here already.")
        notice = Notice(words.format(count=count, same=len(entries) - count), topic="review")
        self._desk.shell.tell(notice)

    def _show(self, opened: Opened) -> None:
        session, store, entries = opened
        self._let_go()
        self.session = session
        self.playback.open(session)
        self.annotations = AnnotationPresenter(self._desk, self.view, session, store, entries, self)
        self.annotations.changed.connect(self._show_marks)
        self.annotations.pause_requested.connect(self.playback.pause)
        self.annotations.seek_requested.connect(self.playback.seek)
        self.annotations.select("")
        self.view.show_session(*self._titles(session))
        self.widget.setCurrentWidget(self.view)
        self._lend_column()
        self.view.setFocus()
        self._desk.shell.withdraw_notice("recovered")  # it covers the pictures, and the library's row says it too
        if store.is_read_only:
            words = self.tr("This session lies where nothing can be written: it can be looked at and exported.")
            self._tell(words, self.tr("Copy its folder into the library to mark it."))
        if store.unreadable:
            words = self.tr("Annotations of this session cannot be read and are left out: {count}.")
            remedy = self.tr("They stay in its folder. Import them again if they were exported once.")
            words = words.format(count=len(store.unreadable))
            self._desk.shell.tell(Notice(words, remedy, "caution", "unreadable annotations"))
        self.opened.emit(session)

    def _lend_column(self) -> None:
        """Notices lie below the list of annotations: the pictures belong to the eye."""
        panel = self.view.panel
        if self.view.isVisible():  # a session may open after its page was left
            self._desk.shell.lodge_notices(panel.width(), panel.keep_bottom_free)

    def _take_column(self) -> None:
        self._desk.shell.lodge_notices(0, self.view.panel.keep_bottom_free)

    def _let_go(self) -> None:
        self.playback.close()
        if self.annotations is not None:
            self.annotations.close()
        self.session = self.annotations = None

    def _show_moment(self, t_ns: int) -> None:
        if self.annotations is not None:
            self.annotations.show_moment(t_ns)

    def _show_marks(self) -> None:
        if self.annotations is not None:
            timeline = self.view.timeline
            timeline.show_state(replace(timeline.state, marks=self.annotations.marks))

    def _redraw(self) -> None:
        if self.annotations is not None:
            self.annotations.redraw()

    def _go_back(self) -> None:
        if self.annotations is not None and self.annotations.is_busy:
            self.annotations.choose_tool(SELECT)
        else:
            self.back()

    def _previous_mark(self) -> None:
        self._jump(-1)

    def _next_mark(self) -> None:
        self._jump(1)

    def _jump(self, direction: int) -> None:
        target = None if self.annotations is None else self.annotations.neighbour_ns(direction)
        if target is not None:
            self.playback.seek(target)

    def _export(self) -> None:
        if self.session is not None and self.annotations is not None:
            self.annotations.autosave.wait()  # an export reads what is on the disk
            self.export.show_export(self.session, self.playback.limits)

    def _send(self) -> None:
        if self.session is not None and self.annotations is not None:
            self.annotations.autosave.wait()
            self.export.show_pacs(self.session)

    def _import(self) -> None:
        words = self.tr("Annotations (*.json)")
        chosen, _ = QFileDialog.getOpenFileName(self.widget, self.tr("Import annotations"), "", words)
        if chosen:
            self.import_from(Path(chosen))

    def _titles(self, session: SessionView) -> tuple[str, str]:
        patient, entries = session.patient, session.entries
        name = " ".join(filter(None, (patient.given_name, patient.family_name)))
        who = " · ".join(filter(None, (name, patient.patient_id))) or self.tr("No patient")
        source = entries.get("source")
        camera = str(source.get("name", "")) if isinstance(source, dict) else ""
        when = str(entries.get("started", ""))[:16].replace("T", "  ")
        return who, "   ".join((when, length_words(session.duration_ns / 1e9), camera, session.folder.session_id))

    def _tell(self, sentence: str, remedy: str) -> None:
        self._desk.shell.tell(Notice(sentence, remedy, "caution", "review"))
