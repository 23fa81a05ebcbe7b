"""Help (F1): the key sheet, made from the table of actions, and the manual with its pictures."""

from __future__ import annotations

from PySide6.QtCore import Qt, QUrl
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QScrollArea, QTabWidget, QTextBrowser, QWidget

import resources
from app.actions import ACTIONS, Actions, group_label, label
from app.dialogs.sheet import Sheet
from app.theme import Theme

COLUMNS = 3


class HelpDialog(Sheet):
    """Two tabs."""

    def __init__(self, theme: Theme, actions: Actions, parent: QWidget | None) -> None:
        super().__init__(theme, self.tr("Help"), "", parent)
        self.set_size(1200, 840)
        self.tabs = QTabWidget()
        self.tabs.addTab(KeySheet(theme, actions), self.tr("Keys"))
        self.manual = Manual()
        self.tabs.addTab(self.manual, self.tr("Manual"))
        self.body.addWidget(self.tabs)
        self.add_close_button()


class KeySheet(QScrollArea):
    """Every action with its keys, group by group; held keys are marked."""

    def __init__(self, theme: Theme, actions: Actions) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        page = QWidget()
        columns = QHBoxLayout(page)
        columns.setSpacing(theme.px(40))
        for names in shared_out():
            grid = QGridLayout()
            grid.setHorizontalSpacing(theme.px(16))
            grid.setVerticalSpacing(theme.px(8))
            grid.setColumnStretch(1, 1)
            for name in names:
                self._add_group(grid, name, actions, theme)
            grid.setRowStretch(grid.rowCount(), 1)
            columns.addLayout(grid, 1)
        self.setWidget(page)

    @staticmethod
    def _add_group(grid: QGridLayout, group: str, actions: Actions, theme: Theme) -> None:
        heading = QLabel(group_label(group))
        heading.setProperty("role", "title")
        heading.setContentsMargins(0, theme.px(16), 0, 0)
        grid.addWidget(heading, grid.rowCount(), 0, 1, 2)
        for row in ACTIONS:
            keys = actions.keys(row.name)
            if row.group != group or not keys:
                continue
            line = grid.rowCount()
            caps = QWidget()
            cap_row = QHBoxLayout(caps)
            cap_row.setContentsMargins(0, 0, 0, 0)
            for key in keys:
                cap = QLabel(key)
                cap.setProperty("role", "key")
                cap.setAlignment(Qt.AlignmentFlag.AlignCenter)
                cap.setMinimumWidth(theme.px(32))
                cap_row.addWidget(cap)
            cap_row.addStretch(1)
            grid.addWidget(caps, line, 0)
            grid.addWidget(QLabel(label(row)), line, 1)


def shared_out() -> list[list[str]]:
    """The groups in the table's order, in columns of about the same height."""
    heights: dict[str, int] = {}
    for row in ACTIONS:
        heights[row.group] = heights.get(row.group, 2) + 1  # a heading is as high as two rows
    columns: list[list[str]] = [[] for _ in range(COLUMNS)]
    share, filled = sum(heights.values()) / COLUMNS, 0.0
    for group, height in heights.items():
        columns[min(COLUMNS - 1, int((filled + height / 2) / share))].append(group)
        filled += height
    return columns


class Manual(QTextBrowser):
    """`resources/manual/manual.md`, with its pictures beside it."""

    def __init__(self) -> None:
        super().__init__()
        self.setOpenExternalLinks(False)
        self.setSearchPaths([str(resources.path("manual"))])
        self.setSource(QUrl.fromLocalFile(str(resources.path("manual/manual.md"))))
        self.setAccessibleName(self.tr("Manual"))
