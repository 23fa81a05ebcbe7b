"""Teach a foot pedal: choose an action, press the pedal, done. Most pedals are keyboards with one key."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QLabel, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from app.actions import ACTIONS, Actions, label, spec
from app.dialogs.sheet import Sheet
from app.theme import Theme

MODIFIERS = (Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_Meta, Qt.Key.Key_AltGr)


class PedalDialog(Sheet):
    """Reports what was learned; the owner of the settings keeps it."""

    learned = Signal(str, str)  # action name, key; "" forgets

    def __init__(self, theme: Theme, actions: Actions, parent: QWidget | None) -> None:
        super().__init__(
            theme,
            self.tr("Teach a pedal"),
            self.tr("Choose what the pedal shall do, then press it. A pedal that is held compares or shows as long."),
            parent,
        )
        self.set_size(720, 560)
        self._actions = actions
        row = QHBoxLayout()
        row.setSpacing(theme.px(24))
        self.list = QListWidget()
        self.list.setIconSize(QSize(theme.px(24), theme.px(24)))
        self.list.setAccessibleName(self.tr("Actions"))
        row.addWidget(self.list, 1)
        column = QVBoxLayout()
        self.prompt = QLabel()
        self.prompt.setProperty("role", "title")
        self.prompt.setWordWrap(True)
        self.prompt.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.prompt.setMinimumWidth(theme.px(280))
        column.addStretch(1)
        column.addWidget(self.prompt)
        column.addStretch(1)
        row.addLayout(column, 1)
        self.body.addLayout(row, 1)
        for action in ACTIONS:
            item = QListWidgetItem(theme.icon(action.icon), "", self.list)
            item.setData(Qt.ItemDataRole.UserRole, action.name)
        self.list.currentItemChanged.connect(self._ask)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.forget = self.add_button(self.tr("Forget"))
        self.forget.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.forget.clicked.connect(self._forget)
        self.add_close_button().setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setCurrentRow(next(i for i, action in enumerate(ACTIONS) if action.name == "compare"))
        self._retitle()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Any key but Escape is the pedal."""
        if event.key() == Qt.Key.Key_Escape:
            self.reject()
        elif event.key() not in MODIFIERS and not event.isAutoRepeat():
            self._learn(QKeySequence(event.keyCombination()).toString(QKeySequence.SequenceFormat.PortableText))

    def _learn(self, key: str) -> None:
        name = self._chosen()
        owner = self._actions.owner_of(key)
        if owner and owner != name and spec(owner).key == key:
            text = self.tr("The key {key} already means: {action}. Set the pedal to another key.")
            self.prompt.setText(text.format(key=key, action=label(spec(owner))))
            return
        self._actions.learn(name, key)
        self.learned.emit(name, key)
        self._retitle()
        self.prompt.setText(self.tr("Learned: {key}").format(key=key))

    def _forget(self) -> None:
        self._actions.learn(self._chosen(), "")
        self.learned.emit(self._chosen(), "")
        self._retitle()
        self._ask()

    def _chosen(self) -> str:
        return str(self.list.currentItem().data(Qt.ItemDataRole.UserRole))

    def _ask(self) -> None:
        self.prompt.setText(self.tr("Press your pedal now"))

    def _retitle(self) -> None:
        for index in range(self.list.count()):
            item = self.list.item(index)
            row = spec(str(item.data(Qt.ItemDataRole.UserRole)))
            keys = "  ".join(self._actions.keys(row.name))
            item.setText(f"{label(row)}    {keys}")
        self._ask()
