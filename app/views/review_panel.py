"""The right side of review: drawing tools, what the chosen annotation says, and the list of all annotations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.theme import Theme
from app.views.tool_button import ToolButton
from engine.annotation.shapes import Annotation, Kind

SELECT = "select"
WIDTH_PX, EDGE_PX = 352, 16
TOOLS_IN_ROW = 5
ROLE = Qt.ItemDataRole.UserRole


@dataclass(frozen=True, slots=True)
class ListedAnnotation:
    """One line of the list."""

    annotation_id: str
    icon: str
    words: str
    time: str


class ReviewPanel(QWidget):
    """Says what was wished; shows what it is told."""

    tool_chosen = Signal(str)  # a Kind's value, or SELECT
    label_chosen = Signal(str)
    labels_requested = Signal()  # edit the list of labels
    tooth_requested = Signal()
    text_edited = Signal(str)
    follow_toggled = Signal(bool)
    undo_requested = Signal()
    redo_requested = Signal()
    delete_requested = Signal()
    entry_chosen = Signal(str)
    filter_changed = Signal(str, str)  # words, kind ("" for all)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setFixedWidth(theme.px(WIDTH_PX))
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(theme.px(EDGE_PX), theme.px(8), theme.px(EDGE_PX), theme.px(8))
        column.setSpacing(theme.px(8))
        column.addLayout(self._make_tools())
        column.addLayout(self._make_fields())
        column.addLayout(self._make_filter())
        self.list = QListWidget()
        self.list.setAccessibleName(self.tr("Annotations"))
        self.list.setIconSize(QSize(theme.px(20), theme.px(20)))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.list.itemClicked.connect(self._entry_clicked)
        column.addWidget(self.list, 1)
        self.hint = QLabel()
        self.hint.setProperty("role", "caption")
        self.hint.setWordWrap(True)
        column.addWidget(self.hint)

    def keep_bottom_free(self, height_px: int) -> None:
        """The list ends above what lies over the panel's lower end."""
        margins = self._column.contentsMargins()
        margins.setBottom(self._theme.px(8) + height_px)
        self._column.setContentsMargins(margins)

    def show_tool(self, tool: str, hint: str) -> None:
        """Mark the tool in hand, and say how it is used."""
        self.tools[tool].setChecked(True)
        self.hint.setText(hint)

    def show_labels(self, labels: Sequence[str], chosen: str) -> None:
        """The list to choose from; what is not in it stands there all the same."""
        self.label.blockSignals(True)
        self.label.clear()
        shown = [*labels, *([chosen] if chosen and chosen not in labels else [])]
        self.label.addItem(self.tr("no label"), "")
        for label in shown:
            self.label.addItem(label, label)
        self.label.insertSeparator(self.label.count())
        self.label.addItem(self.tr("Edit the labels…"), None)
        self.label.setCurrentIndex(max(0, self.label.findData(chosen)))
        self.label.blockSignals(False)

    def show_fields(self, tooth: int | None, text: str, *, follows: bool, is_chosen: bool, can_follow: bool) -> None:
        """What the chosen annotation says, or what the next one will say."""
        self.tooth.setText(self.tr("Tooth…") if tooth is None else self.tr("Tooth {number}").format(number=tooth))
        if self.text.text() != text:
            self.text.setText(text)
        self.follow.blockSignals(True)
        self.follow.setChecked(follows)
        self.follow.blockSignals(False)
        self.follow.setEnabled(can_follow)
        self.text.setEnabled(is_chosen)
        self.delete.setEnabled(is_chosen)

    def give_text(self) -> None:
        """What was typed and not yet told: no press on a button or on the list ends the typing by itself."""
        if self.text.isModified():
            self._text_edited()

    def show_history(self, can_undo: bool, can_redo: bool) -> None:
        """What can be taken back or done again."""
        self.undo.setEnabled(can_undo)
        self.redo.setEnabled(can_redo)

    def show_entries(self, entries: Sequence[ListedAnnotation], chosen: str) -> None:
        """List the annotations."""
        self.list.clear()
        for entry in entries:
            item = QListWidgetItem(self._theme.icon(entry.icon), f"{entry.time}   {entry.words}", self.list)
            item.setData(ROLE, entry.annotation_id)
            item.setToolTip(entry.words)
            if entry.annotation_id == chosen:
                self.list.setCurrentItem(item)

    def _make_tools(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(0)
        grid.setVerticalSpacing(self._theme.px(4))
        self.tools: dict[str, ToolButton] = {}
        self._tool_group = QButtonGroup(self)
        for name, icon, short, words in (
            (SELECT, "select", self.tr("Select"), self.tr("Select   V")),
            ("freehand", "freehand", self.tr("Freehand"), self.tr("Freehand   F")),
            ("arrow", "arrow", self.tr("Arrow"), self.tr("Arrow   A")),
            ("rectangle", "rectangle", self.tr("Rectangle"), self.tr("Rectangle   R")),
            ("ellipse", "ellipse", self.tr("Ellipse"), self.tr("Ellipse   E")),
            ("polygon", "polygon", self.tr("Polygon"), self.tr("Polygon   P")),
            ("text", "text", self.tr("Text"), self.tr("Text   T")),
        ):
            button = ToolButton(self._theme, icon, words, is_checkable=True).name_below(short)
            button.clicked.connect(self._tool_clicked)
            self._tool_group.addButton(button)
            self.tools[name] = button
        self.undo = ToolButton(self._theme, "undo", self.tr("Undo   Ctrl+Z")).name_below(self.tr("Undo"))
        self.undo.clicked.connect(self.undo_requested)
        self.redo = ToolButton(self._theme, "redo", self.tr("Redo   Ctrl+Y")).name_below(self.tr("Redo"))
        self.redo.clicked.connect(self.redo_requested)
        self.delete = ToolButton(self._theme, "delete", self.tr("Delete the annotation   Del"))
        self.delete.name_below(self.tr("Delete")).clicked.connect(self.delete_requested)
        for number, button in enumerate((*self.tools.values(), self.undo, self.redo, self.delete)):
            button.setFixedWidth(self._theme.px((WIDTH_PX - 2 * EDGE_PX) // TOOLS_IN_ROW))
            grid.addWidget(button, number // TOOLS_IN_ROW, number % TOOLS_IN_ROW)
        return grid

    def _make_fields(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(self._theme.px(8))
        row = QHBoxLayout()
        row.setSpacing(self._theme.px(8))
        self.label = QComboBox()
        self.label.setAccessibleName(self.tr("Label"))
        self.label.activated.connect(self._label_chosen)
        row.addWidget(self.label, 1)
        self.tooth = QPushButton()
        self.tooth.setFixedWidth(self._theme.px(112))
        self.tooth.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.tooth.setStyleSheet("padding: 0;")
        self.tooth.clicked.connect(self.tooth_requested)
        row.addWidget(self.tooth)
        column.addLayout(row)
        self.text = QLineEdit()
        self.text.setPlaceholderText(self.tr("Note"))
        self.text.setAccessibleName(self.tr("Note"))
        self.text.setMaxLength(500)
        self.text.editingFinished.connect(self._text_edited)
        column.addWidget(self.text)
        self.follow = QCheckBox(self.tr("Follows the tooth"))
        self.follow.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.follow.toggled.connect(self.follow_toggled)
        column.addWidget(self.follow)
        return column

    def _make_filter(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(self._theme.px(8))
        self.search = QLineEdit()
        self.search.setPlaceholderText(self.tr("Search annotations"))
        self.search.setAccessibleName(self.tr("Search annotations"))
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._filter_changed)
        row.addWidget(self.search, 1)
        self.kinds = QComboBox()
        self.kinds.setAccessibleName(self.tr("Kind of annotation"))
        self.kinds.setFixedWidth(self._theme.px(112))
        self.kinds.addItem(self.tr("All"), "")
        for kind, words in (
            (Kind.MARKER, self.tr("Markers")),
            (Kind.RANGE, self.tr("Ranges")),
            (None, self.tr("Drawn")),
        ):
            self.kinds.addItem(words, "drawn" if kind is None else kind.value)
        self.kinds.currentIndexChanged.connect(self._filter_changed)
        row.addWidget(self.kinds)
        return row

    def _tool_clicked(self) -> None:
        name = next(name for name, button in self.tools.items() if button.isChecked())
        self.tool_chosen.emit(name)

    def _label_chosen(self) -> None:
        label = self.label.currentData()
        if label is None:
            self.labels_requested.emit()
        else:
            self.label_chosen.emit(str(label))

    def _text_edited(self) -> None:
        self.text.setModified(False)
        self.text_edited.emit(self.text.text())

    def _filter_changed(self) -> None:
        self.filter_changed.emit(self.search.text(), str(self.kinds.currentData()))

    def _entry_clicked(self, item: QListWidgetItem) -> None:
        self.entry_chosen.emit(str(item.data(ROLE)))


def listed(entry: Annotation, words: str, time: str) -> ListedAnnotation:
    """A line for an annotation."""
    return ListedAnnotation(entry.annotation_id, entry.kind.value, words, time)
