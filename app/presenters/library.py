"""The library: lists, searches, deletes and brings back sessions; disk work goes to the workers."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from app.desk import Desk
from app.dialogs.confirm import ConfirmDialog
from app.presenters.recording_wishes import library_of
from app.presenters.session_words import length_words, size_words, when_words
from app.views.library_list import LibraryView, SessionRow
from app.views.notices import Notice
from app.work import Work
from engine.archive.checkup import repair
from engine.archive.frames import FrameReader, small
from engine.archive.reader import open_session
from engine.errors import EngineError
from engine.recording.library import (
    SessionSummary,
    Unreadable,
    delete,
    list_deleted,
    list_sessions,
    purge,
    undelete,
)
from engine.recording.recovery import SessionCheck
from engine.recording.session_folder import SessionFolder
from engine.values import Image

PICTURE_HEIGHT = 192
POSTER_AT = 0.4  # of the session: the beginning is often a hand


@dataclass(frozen=True, slots=True)
class Contents:
    """What lies in the library folder."""

    sessions: tuple[SessionSummary, ...] = ()
    deleted: tuple[tuple[Path, SessionSummary], ...] = ()
    broken: tuple[Unreadable, ...] = ()
    free_bytes: int | None = None


class LibraryPresenter(QObject):
    """Owns the list; who opens a session is told by `opened`."""

    opened = Signal(object)  # Path of the session folder
    listed = Signal()
    picture_ready = Signal(str, object)  # from a worker: session id, QImage

    def __init__(self, desk: Desk, view: LibraryView, parent: QObject) -> None:
        super().__init__(parent)
        self._desk, self._view = desk, view
        self._contents = Contents()
        self._pictures: dict[str, QImage] = {}
        self._is_bin = False
        self._works: list[Work] = []
        view.searched.connect(self.show_rows)
        view.opened.connect(self._open)
        view.repair_requested.connect(self.repair)
        view.delete_requested.connect(self.confirm_delete)
        view.restore_requested.connect(self.restore)
        view.bin_toggled.connect(self.show_bin)
        self.picture_ready.connect(self._take_picture)

    def refresh(self) -> None:
        """Read the folder again."""
        library = library_of(self._desk)
        self._work(_Reading(library), self._take_contents)

    def show_bin(self, is_bin: bool) -> None:
        """Show what was deleted, or what was not."""
        self._is_bin = is_bin
        self.show_rows()

    def show_rows(self) -> None:
        """The rows that match what is searched for."""
        words = self._view.search.text()
        if self._is_bin:
            rows = [replace(self._row(one), key=str(at)) for at, one in self._contents.deleted if one.matches(words)]
            nothing = self.tr("Nothing was deleted in the last seven days.")
        else:
            broken = [one for one in self._contents.broken if words.lower() in one.root.name.lower()]
            rows = [self._broken_row(one) for one in broken]
            rows += [self._row(one) for one in self._contents.sessions if one.matches(words)]
            nothing = self.tr("No session matches “{words}”.").format(words=words)
            if not words:
                nothing = self.tr("Nothing is recorded yet. Press R on the live page to record.")
        self._view.show_bin(self._is_bin, len(self._contents.deleted))
        self._view.show_rows(rows, nothing)

    def confirm_delete(self, session_id: str) -> None:
        """Ask first; the session can be brought back for a week."""
        summary = self._summary(session_id)
        if summary is None:
            return
        dialog = ConfirmDialog(
            self._desk.theme,
            self.tr("Delete this session?"),
            self.tr(
                "{when}, {length}: videos, stills and annotations. It can be brought back for seven days; after that "
                "it is gone."
            ).format(when=when_words(summary.started), length=length_words(summary.duration_s)),
            self.tr("Delete"),
            self._view.window(),
        )
        self._doomed = session_id
        dialog.confirmed.connect(self._delete)
        dialog.open()

    def repair(self, session_id: str) -> None:
        """Mend a session that cannot be opened, as far as its videos and old books go."""
        root = next((one.root for one in self._contents.broken if one.root.name == session_id), None)
        if root is None:
            return

        def mend(_: Work) -> SessionCheck:
            return repair(SessionFolder(root))

        self._work(mend, self._tell_repaired)

    def show_broken(self, root: Path, sentence: str, remedy: str) -> None:
        """A session that is listed turned out not to open: it is offered for repair."""
        sessions = tuple(one for one in self._contents.sessions if one.root != root)
        broken = (Unreadable(root, sentence, remedy), *(one for one in self._contents.broken if one.root != root))
        self._contents = replace(self._contents, sessions=sessions, broken=broken)
        self.show_rows()

    def restore(self, place: str) -> None:
        """Bring a deleted session back."""
        library = library_of(self._desk)

        def bring_back(_: Work) -> str:
            return undelete(Path(place), library).session_id

        self._work(bring_back, self._tell_restored)

    def close(self) -> None:
        """Pictures under way are not wanted any more."""
        for work in self._works:
            work.cancel()

    def _delete(self) -> None:
        summary, library = self._summary(self._doomed), library_of(self._desk)
        if summary is None:
            return
        folder = SessionFolder(summary.root)

        def move_aside(_: Work) -> str:
            delete(folder, library)
            return folder.session_id

        self._work(move_aside, self._tell_deleted)

    def _tell_deleted(self, session_id: str) -> None:
        words = self.tr("Session {name} was deleted.").format(name=session_id)
        self._desk.shell.tell(Notice(words, self.tr("For seven days it can be brought back here."), topic="library"))
        self.refresh()

    def _tell_repaired(self, check: SessionCheck) -> None:
        words = self.tr("Session {name} is repaired and can be opened.").format(name=check.session_id)
        self._desk.shell.tell(Notice(words, " ".join(f"{one}." for one in check.problems), topic="library"))
        self.refresh()

    def _tell_restored(self, session_id: str) -> None:
        words = self.tr("Session {name} is back in the library.").format(name=session_id)
        self._desk.shell.tell(Notice(words, topic="library"))
        self._is_bin = False
        self.refresh()

    def _take_contents(self, contents: Contents) -> None:
        self._contents = contents
        self.show_rows()
        if contents.free_bytes is not None:
            free = self.tr("{size} free").format(size=size_words(contents.free_bytes))
            count = len(contents.sessions)
            words = self.tr("1 session") if count == 1 else self.tr("{count} sessions").format(count=count)
            self._view.show_space(f"{words}   ·   {free}")
        wanted = [one for one in contents.sessions if one.session_id not in self._pictures]
        if wanted:
            self._work(_Posters(self, wanted), _ignore)
        self.listed.emit()

    def _take_picture(self, session_id: str, picture: QImage) -> None:
        self._pictures[session_id] = picture
        self._view.show_picture(session_id, picture)

    def _open(self, session_id: str) -> None:
        summary = self._summary(session_id)
        if summary is not None:
            self.opened.emit(summary.root)

    def _summary(self, session_id: str) -> SessionSummary | None:
        return next((one for one in self._contents.sessions if one.session_id == session_id), None)

    def _broken_row(self, one: Unreadable) -> SessionRow:
        try:
            when = when_words(datetime.strptime(one.root.name[:15], "%Y%m%d-%H%M%S"))
        except ValueError:
            when = one.root.name
        who = self.tr("cannot be opened")
        return SessionRow(one.root.name, when, who, "", "", "", "", one.sentence, is_broken=True)

    def _row(self, one: SessionSummary) -> SessionRow:
        who = " · ".join(filter(None, (one.patient_name, one.patient_id))) or self.tr("no patient")
        states = {
            "recording": self.tr("recording now"),
            "repaired": self.tr("repaired after a crash"),
            "incomplete": self.tr("ended before it was stopped"),
            "complete": "",
        }
        return SessionRow(
            key=one.session_id,
            when=when_words(one.started),
            who=who,
            source=one.source,
            length=length_words(one.duration_s),
            marks=str(one.markers),
            size=size_words(one.bytes_on_disk),
            state=states.get(one.state, one.state),
            picture=self._pictures.get(one.session_id),
        )

    def _work(self, function: Callable[[Work], Any], on_done: Callable[[Any], None]) -> None:
        self._works = [work for work in self._works if not work.is_over]
        work = Work(function, self)
        work.done.connect(on_done)
        work.refused.connect(self._tell)
        self._works.append(work)
        work.start(self._desk.workers)

    def _tell(self, sentence: str, remedy: str) -> None:
        self._desk.shell.tell(Notice(sentence, remedy, "caution", "library"))


class _Reading:
    """Reads the folder; what was deleted longer than a week ago goes for good."""

    def __init__(self, library: Path) -> None:
        self._library = library

    def __call__(self, _: Work) -> Contents:
        purge(self._library)
        sessions, broken = list_sessions(self._library)
        there = next((place for place in (self._library, *self._library.parents) if place.exists()), None)
        free = None if there is None else shutil.disk_usage(there).free
        return Contents(tuple(sessions), tuple(list_deleted(self._library)), tuple(broken), free)


class _Posters:
    """Decodes one picture of each session."""

    def __init__(self, owner: LibraryPresenter, sessions: list[SessionSummary]) -> None:
        self._owner, self._sessions = owner, sessions

    def __call__(self, work: Work) -> None:
        for one in self._sessions:
            if work.is_cancelled:
                return
            picture = self._poster(one)
            if picture is not None:
                self._owner.picture_ready.emit(one.session_id, picture)

    def _poster(self, one: SessionSummary) -> QImage | None:
        if one.state == "recording":
            return None
        try:
            session = open_session(one.root)
            reader = FrameReader(session, max(session.frame_times_ns))  # stabilized, if there is one
        except EngineError:  # the row says what is wrong with it
            return None
        try:
            return image_of(small(reader.at(round(session.duration_ns * POSTER_AT)), PICTURE_HEIGHT))
        except EngineError:
            return None
        finally:
            reader.close()


def image_of(pixels: Image) -> QImage:
    """(H, W, 3) uint8 RGB -> an image that owns its pixels."""
    height, width = pixels.shape[:2]
    return QImage(pixels.data, width, height, pixels.strides[0], QImage.Format.Format_RGB888).copy()


def _ignore(_: object) -> None:
    """Pictures come one by one."""
