"""Playing the session under review: transport, speed, comparison, in and out marks, thumbnails."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QImage

from app.desk import Desk
from app.presenters.library import image_of
from app.views.picture_stage import Comparison
from app.views.review_bars import SPEEDS
from app.views.review_page import ReviewView
from app.views.timeline import Lane, TimelineState
from app.work import Work
from engine.annotation.shapes import Space
from engine.archive.frames import thumbnails
from engine.archive.player import Player, Shown
from engine.archive.reader import SessionView
from engine.recording.session_folder import RAW, STABILIZED

LOOK_EVERY_MS = 15
THUMBNAILS, THUMBNAIL_HEIGHT = 16, 128
STREAM_OF = {Space.RAW: RAW, Space.STABILIZED: STABILIZED}
WIPE_STEP = 0.05

Limits = tuple[int | None, int | None]


class PlaybackPresenter(QObject):
    """Owns the player's thread; pictures are fetched by a timer of the window."""

    moved = Signal(object)  # ns: another frame is shown
    failed = Signal(str, str)  # sentence, remedy
    thumbnail_ready = Signal(object, object, object)  # from a worker: SessionView, ns, QImage

    def __init__(self, desk: Desk, view: ReviewView, parent: QObject) -> None:
        super().__init__(parent)
        self._desk, self._view = desk, view
        self._session: SessionView | None = None
        self.player: Player | None = None
        self.limits: Limits = (None, None)
        self._shown_ns = 0
        self._thumbnail_work: Work | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_EVERY_MS)
        self._timer.timeout.connect(self.look)
        self.thumbnail_ready.connect(self._take_thumbnail)
        view.speed_chosen.connect(self.set_speed)
        view.timeline.sought.connect(self.seek)
        view.show_comparison(Comparison.TWO_UP)

    def commands(self) -> dict[str, Callable[[], None]]:
        """What keys and buttons may ask for."""
        table: dict[str, Callable[[], None]] = {
            "play": self.toggle,
            "step_back": self._step_back,
            "step_forward": self._step_forward,
            "first": self._first,
            "last": self._last,
            "set_in": self._set_in,
            "set_out": self._set_out,
            "faster": self._faster,
            "slower": self._slower,
            "wipe_left": self._wipe_left,
            "wipe_right": self._wipe_right,
        }
        for comparison in Comparison:
            table[comparison.value] = _Comparing(self._view, comparison)
        return table

    def open(self, session: SessionView) -> None:
        """Stand on the first frame of a session."""
        self.close()
        self._session, self.limits = session, (None, None)
        streams = [name for name in (RAW, STABILIZED) if name in session.frame_times_ns]
        self.player = Player(session, streams)
        self._view.timeline.clear_thumbnails()
        lanes = tuple(Lane(one.start_ns, one.end_ns, one.kind) for one in session.stretches)
        self._view.timeline.show_state(TimelineState(session.duration_ns, lanes=lanes))
        self._view.show_speed(1.0)
        self._view.show_comparison(Comparison.TWO_UP if len(streams) > 1 else Comparison.RAW)
        self._start_thumbnails(session)
        self._timer.start()

    def close(self) -> None:
        """Let go of the session's files."""
        self._timer.stop()
        if self._thumbnail_work is not None:
            self._thumbnail_work.cancel()
        if self.player is not None:
            self.player.close()
        self._session = self.player = None

    def wake(self) -> None:
        """The page is shown."""
        if self.player is not None:
            self._timer.start()

    def rest(self) -> None:
        """The page is hidden."""
        self.pause()
        self._timer.stop()

    def look(self) -> None:
        """Take the newest picture from the player."""
        shown = None if self.player is None else self.player.shown.take(0)
        if shown is not None and shown.problem is not None:
            self.failed.emit(shown.problem.sentence, shown.problem.remedy)
        elif shown is not None:
            self._show(shown)

    def toggle(self) -> None:
        """Play, or stand still."""
        if self.player is not None:
            self.player.pause() if self.player.is_playing else self.player.play()

    def pause(self) -> None:
        """Stand still, if it plays."""
        if self.player is not None and self.player.is_playing:
            self.player.pause()

    def seek(self, t_ns: int) -> None:
        """Go to a moment."""
        if self.player is not None:
            self.player.seek(t_ns)

    def set_speed(self, speed: float) -> None:
        """Play faster or slower."""
        self._view.show_speed(speed)
        if self.player is not None:
            self.player.set_speed(speed)

    def _show(self, shown: Shown) -> None:
        session, player = self._session, self.player
        if session is None or player is None:
            return
        self._shown_ns = shown.t_ns
        self._view.stage.show_pictures(
            {space: shown.pictures[name] for space, name in STREAM_OF.items() if name in shown.pictures}
        )
        self._view.timeline.show_playhead(shown.t_ns)
        self._view.show_playing(shown.is_playing)
        words = self.tr("frame {number} of {count}").format(number=shown.index + 1, count=len(player.times_ns))
        trouble = self._view.timeline.words_at(shown.t_ns)
        self._view.show_moment(moment_words(shown.t_ns), moment_words(session.duration_ns), words, trouble)
        self.moved.emit(shown.t_ns)

    def _step_back(self) -> None:
        if self.player is not None:
            self.player.step(-1)

    def _step_forward(self) -> None:
        if self.player is not None:
            self.player.step(1)

    def _first(self) -> None:
        self.seek(0)

    def _last(self) -> None:
        if self._session is not None:
            self.seek(self._session.duration_ns)

    def _set_in(self) -> None:
        self.limit(self._shown_ns, self.limits[1])

    def _set_out(self) -> None:
        self.limit(self.limits[0], self._shown_ns)

    def limit(self, begin: int | None, end: int | None) -> None:
        """The same mark at the same place takes it away; of marks that cross, the newer one stays."""
        if (begin, end) == self.limits:
            begin, end = (None if begin == self._shown_ns else begin), (None if end == self._shown_ns else end)
        elif begin is not None and end is not None and begin >= end:
            begin, end = (begin, None) if begin == self._shown_ns else (None, end)
        self.limits = (begin, end)
        self._view.timeline.show_state(replace(self._view.timeline.state, in_ns=begin, out_ns=end))

    def _faster(self) -> None:
        self._shift_speed(1)

    def _slower(self) -> None:
        self._shift_speed(-1)

    def _shift_speed(self, steps: int) -> None:
        at = self._view.transport.speed.currentIndex() + steps
        self.set_speed(SPEEDS[min(max(at, 0), len(SPEEDS) - 1)])

    def _wipe_left(self) -> None:
        self._view.stage.show_wipe(self._view.stage.wipe - WIPE_STEP)

    def _wipe_right(self) -> None:
        self._view.stage.show_wipe(self._view.stage.wipe + WIPE_STEP)

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
        if session is self._session:
            self._view.timeline.add_thumbnail(t_ns, picture)


class _Comparing:
    """A command that compares the pictures another way."""

    def __init__(self, view: ReviewView, comparison: Comparison) -> None:
        self._view, self._comparison = view, comparison

    def __call__(self) -> None:
        self._view.show_comparison(self._comparison)


def moment_words(t_ns: int) -> str:
    """m:ss.mmm"""
    minutes, rest = divmod(t_ns // 1_000_000, 60_000)
    return f"{minutes}:{rest // 1000:02d}.{rest % 1000:03d}"
