"""The table of actions: one row each feeds menu, control bar, shortcuts, key sheet and pedal learning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QObject, Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence

from app.theme import Theme


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """One row. To add an action, add a row; connect `actions[name].triggered` in the presenter that owns the topic."""

    name: str
    group: str  # heading in menu and key sheet
    text: str  # imperative, marked for translation
    key: str  # one key, as QKeySequence.PortableText; "" for none
    icon: str
    is_checkable: bool = False
    choice: str = ""  # actions with the same choice exclude each other
    short: str = ""  # one word for the control bar, marked for translation; actions without one are not on it
    is_held: bool = False  # acts while the key is down; delivered by app/held_keys.py


def _(text: str) -> str:
    """Marks a text for lupdate (`-tr-function-alias QT_TR_NOOP+=_`), which files it under no context."""
    return text


VIEW, PICTURE, HOLD, SHOW, SESSION, PROGRAM = (
    _("Views"),
    _("Safety"),
    _("Stabilization"),
    _("Picture"),
    _("Session"),
    _("Program"),
)

ACTIONS: tuple[ActionSpec, ...] = (
    ActionSpec("view_raw", VIEW, _("Raw"), "1", "raw", True, "layout", _("Raw")),
    ActionSpec("view_enhanced", VIEW, _("Enhanced"), "2", "enhanced", True, "layout", _("Enhanced")),
    ActionSpec("view_stabilized", VIEW, _("Stabilized"), "3", "stabilized", True, "layout", _("Stabilized")),
    ActionSpec("view_side_by_side", VIEW, _("Side by side"), "4", "side-by-side", True, "layout", _("All three")),
    ActionSpec("view_one_large", VIEW, _("One large"), "5", "one-large", True, "layout", _("One large")),
    ActionSpec("compare", VIEW, _("Compare with raw (hold)"), "Space", "compare", is_held=True, short=_("Compare")),
    ActionSpec("full_screen", VIEW, _("Full screen"), "F11", "full-screen", True, short=_("Full")),
    ActionSpec("other_display", VIEW, _("Show on the other display"), "D", "other-display", True),
    ActionSpec("freeze", PICTURE, _("Freeze"), "F", "frozen", True, short=_("Freeze")),
    ActionSpec("bypass", PICTURE, _("Bypass the engine"), "B", "bypass", True, short=_("Bypass")),
    ActionSpec("lock", HOLD, _("Lock on the tooth"), "L", "lock", True, short=_("Lock")),
    ActionSpec("reanchor", HOLD, _("Anchor again"), "A", "anchor", short=_("Anchor")),
    ActionSpec("strength", HOLD, _("Next strength"), "S", "strength"),
    ActionSpec("tooth_overlay", SHOW, _("Tooth overlay"), "T", "tooth", True, short=_("Tooth")),
    ActionSpec("flow_overlay", SHOW, _("Flow overlay"), "V", "flow", True, short=_("Flow")),
    ActionSpec("mirror", SHOW, _("Mirror"), "M", "mirror", True),
    ActionSpec("rotate", SHOW, _("Rotate"), "O", "rotate"),
    ActionSpec("zoom_in", SHOW, _("Zoom in"), "+", "zoom-in"),
    ActionSpec("zoom_out", SHOW, _("Zoom out"), "-", "zoom-out"),
    ActionSpec("zoom_reset", SHOW, _("Whole picture"), "0", "zoom-reset"),
    ActionSpec("plots", SHOW, _("Live plots"), "P", "plots", True, short=_("Plots")),
    ActionSpec("record", SESSION, _("Record"), "R", "record", True, short=_("Record")),
    ActionSpec("pause_recording", SESSION, _("Pause the recording"), "U", "pause", True),
    ActionSpec("still", SESSION, _("Take a still"), "I", "still", short=_("Still")),
    ActionSpec("marker", SESSION, _("Set a marker"), "K", "marker", short=_("Mark")),
    ActionSpec("range", SESSION, _("Begin or end a range"), "J", "marker"),
    ActionSpec("replay", SESSION, _("Save the last half minute"), "Y", "clock"),
    ActionSpec("source", PROGRAM, _("Choose source…"), "C", "camera"),
    ActionSpec("engine", PROGRAM, _("Choose engine…"), "E", "backend"),
    ActionSpec("settings", PROGRAM, _("Settings…"), "Ctrl+,", "settings"),
    ActionSpec("pedal", PROGRAM, _("Teach a pedal…"), "", "pedal"),
    ActionSpec("high_contrast", PROGRAM, _("High contrast"), "H", "theme", True),
    ActionSpec("help", PROGRAM, _("Keys and manual"), "F1", "help"),
    ActionSpec("quit", PROGRAM, _("Quit"), "Ctrl+Q", "close"),
)


def spec(name: str) -> ActionSpec:
    """The row of an action."""
    return next(row for row in ACTIONS if row.name == name)


def label(row: ActionSpec) -> str:
    """The row's text in the user's language."""
    return QCoreApplication.translate("", row.text)


def short_label(row: ActionSpec) -> str:
    """The row's one word in the user's language; empty if it is not on the control bar."""
    return QCoreApplication.translate("", row.short) if row.short else ""


def group_label(group: str) -> str:
    """A heading in the user's language."""
    return QCoreApplication.translate("", group)


class Actions(QObject):
    """The QActions made from the table, by name."""

    def __init__(self, theme: Theme, learned: Mapping[str, str], parent: QObject | None = None) -> None:
        """`learned` maps an action's name to the extra key a pedal sends."""
        super().__init__(parent)
        self._theme = theme
        self._choices: dict[str, QActionGroup] = {}
        self.learned = dict(learned)
        self._made = {row.name: self._make(row) for row in ACTIONS}
        theme.changed.connect(self._redraw)

    def __getitem__(self, name: str) -> QAction:
        return self._made[name]

    def all(self) -> list[QAction]:
        """Every action, in the table's order."""
        return list(self._made.values())

    def keys(self, name: str) -> list[str]:
        """The keys of an action: its own, then the pedal's."""
        return [key for key in (spec(name).key, self.learned.get(name, "")) if key]

    def owner_of(self, key: str) -> str:
        """The action that a key belongs to; empty if it is free."""
        return next((row.name for row in ACTIONS if key in self.keys(row.name)), "")

    def learn(self, name: str, key: str) -> None:
        """Give the pedal's key to an action; "" takes it away. The key leaves whatever had learned it before."""
        self.learned = {other: known for other, known in self.learned.items() if known != key and other != name}
        if key:
            self.learned[name] = key
        self._assign_all()

    def learn_all(self, learned: Mapping[str, str]) -> None:
        """Take a whole table of learned keys."""
        if dict(learned) != self.learned:
            self.learned = dict(learned)
            self._assign_all()

    def _assign_all(self) -> None:
        for row in ACTIONS:
            self._assign_keys(row, self._made[row.name])

    def _make(self, row: ActionSpec) -> QAction:
        action = QAction(self._theme.icon(row.icon), label(row), self)
        action.setObjectName(row.name)
        action.setCheckable(row.is_checkable)
        action.setShortcutContext(Qt.ShortcutContext.ApplicationShortcut)
        self._assign_keys(row, action)
        if row.choice:
            if row.choice not in self._choices:
                self._choices[row.choice] = QActionGroup(self)
            self._choices[row.choice].addAction(action)
        return action

    def _assign_keys(self, row: ActionSpec, action: QAction) -> None:
        keys = self.keys(row.name)
        if not row.is_held:
            action.setShortcuts([QKeySequence(key) for key in keys])
        shown = " / ".join(keys)
        action.setToolTip(f"{label(row)}   {shown}" if shown else label(row))

    def _redraw(self) -> None:
        for row in ACTIONS:
            self._made[row.name].setIcon(self._theme.icon(row.icon))
