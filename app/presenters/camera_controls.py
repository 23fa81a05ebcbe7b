"""A camera's controls on the bench: wishes go to the camera at once, what it read back is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer

from app.desk import Desk
from app.presenters.bench_words import control_note, control_title
from app.views.camera_controls import CameraControls, ControlRow
from app.views.notices import Notice
from app.work import Work
from engine.capture.controls import Adjustable, CameraFormat, Control, FormatChoice

LOOK_EVERY_MS = 400
SETTLE_LOOKS = 3  # so long a camera may take to follow a wish before it counts as refused
GATHER_MS = 50  # a slider under the finger wishes more often than a camera follows


@dataclass(frozen=True, slots=True)
class Standing:
    """One look at the camera."""

    source: Adjustable
    controls: Sequence[Control]
    formats: Sequence[FormatChoice]
    format: CameraFormat


class CameraControlsPresenter(QObject):
    """Looks only while it is shown."""

    def __init__(self, desk: Desk, panel: CameraControls, parent: QObject) -> None:
        super().__init__(parent)
        self._desk, self._panel = desk, panel
        self._wishes: dict[str, int] = {}  # not yet sent
        self._asked: dict[str, tuple[int, int]] = {}  # value asked for, looks to wait
        self._rows: list[ControlRow] = []
        self._formats: Sequence[FormatChoice] = ()
        self._is_looking = False
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_EVERY_MS)
        self._timer.timeout.connect(self.look)
        self._gather = QTimer(self)
        self._gather.setSingleShot(True)
        self._gather.setInterval(GATHER_MS)
        self._gather.timeout.connect(self.send)
        panel.wished.connect(self.wish)
        panel.format_chosen.connect(self.choose_format)
        panel.reset_requested.connect(self.reset)

    @property
    def source(self) -> Adjustable | None:
        """The camera, if the source is one."""
        source = self._desk.session.source
        return source if isinstance(source, Adjustable) else None

    def show(self) -> None:
        """Begin to look."""
        if not self._timer.isActive():
            self._timer.start()
            self.look()

    def hide(self) -> None:
        """Look no more."""
        self._timer.stop()

    def forget(self) -> None:
        """Another source: what was wished of the one before says nothing about it."""
        self._wishes, self._asked, self._rows, self._formats = {}, {}, [], ()

    def look(self) -> None:
        """Ask the camera on a worker, unless it is being asked."""
        source = self.source
        if source is None:
            self._panel.show_formats((), -1)
            self._panel.show_rows((), control_note(has_camera=False, has_ranges=False))
            return
        if self._is_looking:
            return
        self._is_looking = True

        def ask(_: Work) -> Standing:
            return Standing(source, source.look(), source.offered_formats(), source.settings().format)

        work = Work(ask, self)
        work.done.connect(self._take)
        work.refused.connect(self._miss)
        work.start(self._desk.workers)

    def wish(self, name: str, value: int) -> None:
        """A control was turned."""
        self._wishes[name] = value
        self._gather.start()

    def send(self) -> None:
        """Wishes to the camera: it takes them before its next picture."""
        source, wishes, self._wishes = self.source, self._wishes, {}
        if source is None:
            return
        for name, value in wishes.items():
            source.adjust(name, value)
            self._asked[name] = (value, SETTLE_LOOKS)

    def reset(self) -> None:
        """Every control as the factory left it, automatics last, for they govern the others."""
        for row in sorted(self._rows, key=lambda row: row.name.startswith("auto")):
            if row.kind != "entry":
                self._wishes[row.name] = row.default
        self.send()

    def choose_format(self, index: int) -> None:
        """The camera is opened anew in another format; a profile holds for one format alone."""
        source = self.source
        if source is None or not 0 <= index < len(self._formats):
            return
        chosen = self._formats[index]
        wish = CameraFormat(chosen.width, chosen.height, chosen.fps, chosen.fourcc)
        self.forget()
        self._desk.session.start(source.in_format(wish))

    def _take(self, standing: Standing) -> None:
        self._is_looking = False
        if standing.source is not self.source:
            return
        self._rows = [self._row(one) for one in standing.controls]
        self._formats = standing.formats
        now = standing.format
        names = [f"{one.width} x {one.height}   {one.fps:.0f} fps   {one.fourcc}" for one in standing.formats]
        sizes = [(one.width, one.height, one.fourcc) for one in standing.formats]
        key = (now.width, now.height, now.fourcc)
        self._panel.show_formats(names, sizes.index(key) if key in sizes else -1)
        has_ranges = any(one.range is not None for one in standing.controls)
        note = "" if has_ranges else control_note(has_camera=True, has_ranges=bool(standing.controls))
        self._panel.show_rows(self._rows, note)

    def _miss(self, sentence: str, remedy: str) -> None:
        """The camera is gone; the session tells of it and tries again."""
        del sentence, remedy
        self._is_looking = False

    def _row(self, control: Control) -> ControlRow:
        one, value = control.range, round(control.value)
        if one is not None and not one.is_active:
            self._asked.pop(control.name, None)  # an automatic moves it now
        is_refused = self._is_refused(control.name, value)
        if one is None:
            return ControlRow(control.name, control_title(control.name), "entry", value, is_refused=is_refused)
        kinds = {"switch": "switch", "choice": "choice"}
        return ControlRow(
            name=one.name,
            title=control_title(one.name),
            kind=kinds.get(one.kind, "slider"),
            value=value,
            low=one.minimum,
            high=one.maximum,
            step=one.step,
            default=one.default,
            is_active=one.is_active,
            is_refused=is_refused,
            choices=one.choices,
        )

    def _is_refused(self, name: str, value: int) -> bool:
        """Whether the camera stands elsewhere than it was asked to; told once."""
        if name not in self._asked:
            return False
        wanted, looks = self._asked[name]
        if value == wanted:
            del self._asked[name]
            return False
        self._asked[name] = (wanted, looks - 1)
        if looks == 1:
            words = self.tr("{control}: {wanted} was asked for, the camera took {value}.")
            sentence = words.format(control=control_title(name), wanted=wanted, value=value)
            self._desk.shell.tell(Notice(sentence, "", "caution", f"control {name}"))
        return looks <= 1
