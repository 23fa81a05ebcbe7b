"""The REVIEW page: the library first, then the player of the session that was opened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFileDialog, QStackedWidget

from app.desk import Desk
from app.presenters.annotation import AnnotationPresenter
from app.presenters.export import ExportPresenter
from app.presenters.library import LibraryPresenter, image_of, length_words
from app.views.library_list import LibraryView
from app.views.notices import Notice
from app.views.review_page import SPEEDS, Comparison, ReviewView
from app.views.timeline import Lane, TimelineState
from app.work import Work
from engine.annotation.interchange import from_json, session_of
from engine.annotation.shapes import Annotation, Space
from engine.annotation.store import AnnotationStore
from engine.archive.frames import thumbnails
from engine.archive.player import Player, Shown
from engine.archive.reader import SessionView, open_session
from engine.errors import AnnotationError, EngineError
from engine.recording.session_folder import RAW, STABILIZED

LOOK_EVERY_MS = 15
THUMBNAILS, THUMBNAIL_HEIGHT = 16, 128
STREAM_OF = {Space.RAW: RAW, Space.STABILIZED: STABILIZED}
WIPE_STEP = 0.05
LIVE_ONLY = ("compare",)  # Space belongs to the player while this page is shown
MARK_ACTIONS = {"marker": "marker", "range": "range"}

Opened = tuple[SessionView, AnnotationStore, tuple[Annotation, ...]]


def build(desk: Desk) -> ReviewPresenter:
    """Called when the page is shown for the first time."""
    return ReviewPresenter(desk)


class ReviewPresenter(QObject):
    """Wishes in, player and document calls out."""

    opened = Signal(object)  # SessionView
    thumbnail_ready = Signal(object, object, object)  # from a worker: SessionView, ns, QImage

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk.pump)
        self._desk = desk
        self.library_view, self.view = LibraryView(desk.theme), ReviewView(desk.theme)
        self.widget = QStackedWidget()
        self.widget.addWidget(self.library_view)
        self.widget.addWidget(self.view)
        self.library = LibraryPresenter(desk, self.library_view, self)
        self.export = ExportPresenter(desk, self.widget, self)
        self.session: SessionView | None = None
        self.player: Player | None = None
        self.annotations: AnnotationPresenter | None = None
        self._thumbnail_work: Work | None = None
        self._shown_ns = 0
        self._limits: tuple[int | None, int | None] = (None, None)
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_EVERY_MS)
        self._timer.timeout.connect(self.look)
        self.library.opened.connect(self.open)
        self.thumbnail_ready.connect(self._take_thumbnail)
        self.view.commanded.connect(self.command)
        self.view.speed_chosen.connect(self._set_speed)
        self.view.timeline.sought.connect(self._seek)
        self.view.shown.connect(self._redraw)
        self.view.show_comparison(Comparison.TWO_UP)
        self._commands = self._command_table()

    def enter(self) -> None:
        """Space plays here; the list may have grown."""
        for name in LIVE_ONLY:
            self._desk.actions[name].setEnabled(False)
        keys = {key: command for name, command in MARK_ACTIONS.items() for key in self._desk.actions.keys(name)}
        self.view.extra_keys = keys
        if self.session is None:
            self.library.refresh()
        else:
            self.view.setFocus()
            self._timer.start()

    def leave(self) -> None:
        """Stand still; the live page has its keys back."""
        for name in LIVE_ONLY:
            self._desk.actions[name].setEnabled(True)
        self._timer.stop()
        if self.player is not None:
            self.player.pause()

    def close(self) -> None:
        """The window closes."""
        self.library.close()
        self.export.close()
        self._let_go()

    def open(self, root: Path) -> None:
        """Open a session; what is slow is done by a worker."""

        def read(_: Work) -> Opened:
            session = open_session(root)
            store = AnnotationStore(session.folder.database)
            return session, store, store.load().annotations

        work = Work(read, self)
        work.done.connect(self._show)
        work.refused.connect(self._tell)
        work.start(self._desk.workers)

    def back(self) -> None:
        """To the library."""
        self._let_go()
        self.widget.setCurrentWidget(self.library_view)
        self.library.refresh()

    def command(self, name: str) -> None:
        """A key or a button of the player."""
        if self.session is not None:
            self._commands[name]()

    def look(self) -> None:
        """Take the newest picture from the player."""
        shown = None if self.player is None else self.player.shown.take(0)
        if shown is not None:
            self._take(shown)

    def _show(self, opened: Opened) -> None:
        session, store, entries = opened
        self._let_go()
        self.session = session
        streams = [name for name in (RAW, STABILIZED) if name in session.frame_times_ns]
        self.player = Player(session, streams)
        self.annotations = AnnotationPresenter(self._desk, self.view, session, store, entries, self)
        self.annotations.changed.connect(self._show_marks)
        self.annotations.pause_requested.connect(self.player.pause)
        self.annotations.seek_requested.connect(self._seek)
        self._limits = (None, None)
        self.view.timeline.clear_thumbnails()
        lanes = tuple(Lane(one.start_ns, one.end_ns, one.kind) for one in session.stretches)
        self.view.timeline.show_state(TimelineState(session.duration_ns, lanes=lanes))
        self.view.show_speed(1.0)
        self.view.show_session(*self._titles(session))
        self.view.show_comparison(Comparison.TWO_UP if len(streams) > 1 else Comparison.RAW)
        self.annotations.select("")
        self._start_thumbnails(session)
        self.widget.setCurrentWidget(self.view)
        self.view.setFocus()
        self._timer.start()
        self.opened.emit(session)

    def _take(self, shown: Shown) -> None:
        if shown.problem is not None:
            self._tell(shown.problem.sentence, shown.problem.remedy)
            return
        session, player = self.session, self.player
        if session is None or player is None:
            return
        self._shown_ns = shown.t_ns
        self.view.stage.show_pictures(
            {space: shown.pictures[name] for space, name in STREAM_OF.items() if name in shown.pictures}
        )
        if self.annotations is not None:
            self.annotations.show_moment(shown.t_ns)
        self.view.timeline.show_playhead(shown.t_ns)
        self.view.show_playing(shown.is_playing)
        words = self.tr("frame {number} of {count}").format(number=shown.index + 1, count=len(player.times_ns))
        self.view.show_moment(moment_words(shown.t_ns), moment_words(session.duration_ns), words)

    def _let_go(self) -> None:
        self._timer.stop()
        if self._thumbnail_work is not None:
            self._thumbnail_work.cancel()
        if self.player is not None:
            self.player.close()
        if self.annotations is not None:
            self.annotations.close()
        self.session = self.player = self.annotations = None

    def _show_marks(self) -> None:
        if self.annotations is not None:
            begin, end = self._limits
            timeline = self.view.timeline
            timeline.show_state(replace(timeline.state, marks=self.annotations.marks, in_ns=begin, out_ns=end))

    def _command_table(self) -> dict[str, Callable[[], None]]:
        table: dict[str, Callable[[], None]] = {
            "back": self._go_back,
            "play": self._play,
            "step_back": self._step_back,
            "step_forward": self._step_forward,
            "previous_mark": self._previous_mark,
            "next_mark": self._next_mark,
            "first": self._first,
            "last": self._last,
            "set_in": self._set_in,
            "set_out": self._set_out,
            "faster": self._faster,
            "slower": self._slower,
            "wipe_left": self._wipe_left,
            "wipe_right": self._wipe_right,
            "export": self._export,
            "pacs": self._send,
            "import": self._import,
        }
        for comparison in Comparison:
            table[comparison.value] = _Comparing(self.view, comparison)
        for name in ("marker", "range", "undo", "redo", "delete", "finish"):
            table[name] = _Annotating(self, name)
        for tool in self.view.panel.tools:
            table[f"tool_{tool}"] = _Annotating(self, f"tool_{tool}")
        return table

    def _go_back(self) -> None:
        if self.annotations is not None and self.annotations.is_busy:
            self.annotations.choose_tool("select")
        else:
            self.back()

    def _play(self) -> None:
        if self.player is not None:
            self.player.pause() if self.player.is_playing else self.player.play()

    def _step_back(self) -> None:
        if self.player is not None:
            self.player.step(-1)

    def _step_forward(self) -> None:
        if self.player is not None:
            self.player.step(1)

    def _previous_mark(self) -> None:
        self._jump(-1)

    def _next_mark(self) -> None:
        self._jump(1)

    def _jump(self, direction: int) -> None:
        target = None if self.annotations is None else self.annotations.neighbour_ns(direction)
        if target is not None:
            self._seek(target)

    def _first(self) -> None:
        self._seek(0)

    def _last(self) -> None:
        if self.session is not None:
            self._seek(self.session.duration_ns)

    def _seek(self, t_ns: int) -> None:
        if self.player is not None:
            self.player.seek(t_ns)

    def _set_in(self) -> None:
        self._limit(self._shown_ns, self._limits[1])

    def _set_out(self) -> None:
        self._limit(self._limits[0], self._shown_ns)

    def _limit(self, begin: int | None, end: int | None) -> None:
        """The same mark at the same place takes it away; marks that cross give way to the newer one."""
        if (begin, end) == self._limits:
            begin, end = (None if begin == self._shown_ns else begin), (None if end == self._shown_ns else end)
        elif begin is not None and end is not None and begin >= end:
            begin, end = (begin, None) if begin == self._shown_ns else (None, end)
        self._limits = (begin, end)
        self._show_marks()

    def _faster(self) -> None:
        self._shift_speed(1)

    def _slower(self) -> None:
        self._shift_speed(-1)

    def _shift_speed(self, steps: int) -> None:
        at = self.view.speed.currentIndex() + steps
        self._set_speed(SPEEDS[min(max(at, 0), len(SPEEDS) - 1)])

    def _set_speed(self, speed: float) -> None:
        self.view.show_speed(speed)
        if self.player is not None:
            self.player.set_speed(speed)

    def _wipe_left(self) -> None:
        self.view.stage.show_wipe(self.view.stage.wipe - WIPE_STEP)

    def _wipe_right(self) -> None:
        self.view.stage.show_wipe(self.view.stage.wipe + WIPE_STEP)

    def _export(self) -> None:
        if self.session is not None:
            self.export.show_export(self.session, self._limits)

    def _send(self) -> None:
        if self.session is not None:
            self.export.show_pacs(self.session)

    def _import(self) -> None:
        chosen, _ = QFileDialog.getOpenFileName(
            self.widget, self.tr("Import annotations"), "", self.tr("Annotations (*.json)")
        )
        if chosen:
            self.import_from(Path(chosen))

    def import_from(self, path: Path) -> None:
        """Take the annotations of a JSON file that was exported from this very session."""
        if self.session is None or self.annotations is None:
            return
        session_id = self.session.folder.session_id
        try:
            text = path.read_text(encoding="utf-8")
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

    def _redraw(self) -> None:
        if self.annotations is not None:
            self.annotations.redraw()

    def _start_thumbnails(self, session: SessionView) -> None:
        stream = max(session.frame_times_ns)

        def decode(work: Work) -> None:
            for t_ns, pixels in thumbnails(session, stream, THUMBNAILS, THUMBNAIL_HEIGHT):
                if work.is_cancelled:
                    return
                self.thumbnail_ready.emit(session, t_ns, image_of(pixels))

        self._thumbnail_work = Work(decode, self)
        self._thumbnail_work.start(self._desk.workers)

    def _take_thumbnail(self, session: SessionView, t_ns: int, picture: QImage) -> None:
        if session is self.session:
            self.view.timeline.add_thumbnail(t_ns, picture)

    def _titles(self, session: SessionView) -> tuple[str, str]:
        patient, entries = session.patient, session.entries
        name = " ".join(filter(None, (patient.given_name, patient.family_name)))
        who = " · ".join(filter(None, (name, patient.patient_id))) or self.tr("No patient")
        source = entries.get("source")
        camera = str(source.get("name", "")) if isinstance(source, dict) else ""
        when = str(entries.get("started", ""))[:16].replace("T", "  ")
        return who, "   ".join((when, camera, length_words(session.duration_ns / 1e9), session.folder.session_id))

    def _tell(self, sentence: str, remedy: str) -> None:
        self._desk.shell.tell(Notice(sentence, remedy, "caution", "review"))


class _Comparing:
    """A command that compares the pictures another way."""

    def __init__(self, view: ReviewView, comparison: Comparison) -> None:
        self._view, self._comparison = view, comparison

    def __call__(self) -> None:
        self._view.show_comparison(self._comparison)


class _Annotating:
    """A command for the annotations of the session that is open."""

    def __init__(self, owner: ReviewPresenter, name: str) -> None:
        self._owner, self._name = owner, name

    def __call__(self) -> None:
        if self._owner.annotations is not None:
            self._owner.annotations.command(self._name)


def moment_words(t_ns: int) -> str:
    """m:ss.mmm"""
    minutes, rest = divmod(t_ns // 1_000_000, 60_000)
    return f"{minutes}:{rest // 1000:02d}.{rest % 1000:03d}"
