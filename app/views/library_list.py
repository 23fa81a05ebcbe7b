"""The library page: sessions as rows with a picture, search, delete and bring back, free space."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetricsF, QImage, QPainter
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QStackedLayout,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from app.theme import Size, Theme

ROW_PX, PICTURE_PX = 104, 117  # a 4:3 picture with 8 px above and below
ROLE = Qt.ItemDataRole.UserRole
Anchor = Qt.AlignmentFlag


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One session, in words."""

    key: str  # unique: the session id, or the place of a deleted one
    when: str
    who: str
    source: str
    length: str
    marks: str
    size: str
    state: str = ""  # a word that stands out: "recording", "repaired"; empty when all is well
    picture: QImage | None = None
    is_broken: bool = False  # it cannot be opened before it is repaired


class RowPainter(QStyledItemDelegate):
    """Columns with steady edges; what does not fit is cut with dots."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex) -> QSize:
        """One height for all."""
        return QSize(option.rect.width(), self._theme.px(ROW_PX))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Ground, picture, two columns of words, figures at the right."""
        row: SessionRow = index.data(ROLE)
        theme, gap = self._theme, self._theme.px(16)
        area = QRectF(option.rect).adjusted(0, theme.px(4), 0, -theme.px(4))
        state = option.state
        painter.save()
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        is_chosen = bool(state & QStyle.StateFlag.State_Selected)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("hovered" if is_chosen else "raised"))
        painter.drawRoundedRect(area, theme.px(8), theme.px(8))
        if is_chosen:
            painter.setBrush(theme.color("accent"))
            painter.drawRoundedRect(QRectF(area.left(), area.top(), theme.px(4), area.height()), 2, 2)
        place = QRectF(area.left() + gap, area.top() + theme.px(4), theme.px(PICTURE_PX), area.height() - theme.px(8))
        self._paint_picture(painter, row.picture, place)
        figures = theme.px(96)
        right = area.right() - gap - 3 * figures
        words = QRectF(place.right() + gap, area.top(), right - place.right() - 2 * gap, area.height())
        self._paint_two_lines(painter, words, row.when, f"{row.source}   {row.key}".strip())
        who = QRectF(words.left() + words.width() * 0.52, area.top(), words.width() * 0.48, area.height())
        if row.is_broken:
            who.setRight(area.right() - gap)
        self._paint_two_lines(painter, who, row.who, row.state, "caution")
        captions = (self.tr("length"), self.tr("marks"), self.tr("size"))
        for number, (text, caption) in enumerate(zip((row.length, row.marks, row.size), captions, strict=True)):
            column = QRectF(right + number * figures, area.top(), figures, area.height())
            self._paint_two_lines(painter, column, text, caption if text else "", is_right=True)
        painter.restore()

    def _paint_picture(self, painter: QPainter, picture: QImage | None, place: QRectF) -> None:
        painter.fillRect(place, self._theme.color("canvas"))
        if picture is None or picture.isNull():
            return
        scale = min(place.width() / picture.width(), place.height() / picture.height())
        width, height = picture.width() * scale, picture.height() * scale
        left, top = place.center().x() - width / 2, place.center().y() - height / 2
        painter.drawImage(QRectF(left, top, width, height), picture)

    def _paint_two_lines(
        self, painter: QPainter, area: QRectF, strong: str, small: str, job: str = "muted", *, is_right: bool = False
    ) -> None:
        align = Anchor.AlignRight if is_right else Anchor.AlignLeft
        half = area.height() / 2
        upper = QRectF(area.left(), area.top(), area.width(), half - 1)
        lower = QRectF(area.left(), area.top() + half + 3, area.width(), half - 3)
        lines = (
            (upper, strong, self._theme.font(Size.BODY, QFont.Weight.DemiBold), "text", Anchor.AlignBottom),
            (lower, small, self._theme.font(Size.CAPTION), job, Anchor.AlignTop),
        )
        for box, text, font, color, edge in lines:
            painter.setFont(font)
            painter.setPen(self._theme.color(color))
            shown = QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, box.width())
            painter.drawText(box, align | edge, shown)


class LibraryView(QWidget):
    """Shows rows; reports what is searched, opened, deleted and brought back."""

    searched = Signal(str)
    opened = Signal(str)
    repair_requested = Signal(str)
    delete_requested = Signal(str)
    restore_requested = Signal(str)
    bin_toggled = Signal(bool)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setObjectName("page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._rows: dict[str, QListWidgetItem] = {}
        self._is_bin = False
        column = QVBoxLayout(self)
        edge = theme.px(24)
        column.setContentsMargins(edge, theme.px(16), edge, theme.px(16))
        column.setSpacing(theme.px(16))
        column.addLayout(self._make_head())
        self.list = QListWidget()
        self.list.setItemDelegate(RowPainter(theme, self.list))
        self.list.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setAccessibleName(self.tr("Sessions"))
        self.list.itemActivated.connect(self._open_item)
        self.list.itemDoubleClicked.connect(self._open_item)
        self.list.currentItemChanged.connect(self._judge)
        self.empty = QLabel()
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setProperty("role", "muted")
        self.empty.setWordWrap(True)
        self._body = QStackedLayout()
        self._body.addWidget(self.list)
        self._body.addWidget(self.empty)
        column.addLayout(self._body, 1)
        column.addLayout(self._make_foot())
        self.show_bin(False)

    def show_rows(self, rows: Sequence[SessionRow], nothing: str) -> None:
        """List these; `nothing` says why there are none."""
        kept = self.chosen
        self.list.clear()
        self._rows = {}
        for row in rows:
            item = QListWidgetItem(self.list)
            item.setData(ROLE, row)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{row.when}, {row.who}, {row.length}")
            if row.is_broken:
                item.setToolTip(row.state)
            self._rows[row.key] = item
        self.empty.setText(nothing)
        self._body.setCurrentWidget(self.list if rows else self.empty)
        if self._rows:
            self.list.setCurrentItem(self._rows.get(kept) or self.list.item(0))
        self._judge()

    def show_picture(self, key: str, picture: QImage) -> None:
        """A row's picture has come."""
        item = self._rows.get(key)
        if item is not None:
            item.setData(ROLE, replace(item.data(ROLE), picture=picture))

    def show_space(self, words: str) -> None:
        """How much room is left."""
        self.space.setText(words)

    def show_bin(self, is_bin: bool, count: int = 0) -> None:
        """Sessions, or those that were deleted."""
        self.title.setText(self.tr("Deleted sessions") if is_bin else self.tr("Library"))
        self.bin.setChecked(is_bin)
        self.bin.setText(self.tr("Back to the library") if is_bin else self.tr("Deleted ({count})").format(count=count))
        self.bin.setVisible(is_bin or count > 0)
        self._is_bin = is_bin
        self.delete.setVisible(not is_bin)
        self.restore.setVisible(is_bin)
        self._judge()

    @property
    def chosen(self) -> str:
        """The key of the chosen row; empty if there is none."""
        item = self.list.currentItem()
        return "" if item is None else str(item.data(ROLE).key)

    def _make_head(self) -> QHBoxLayout:
        head = QHBoxLayout()
        head.setSpacing(self._theme.px(16))
        self.title = QLabel()
        self.title.setProperty("role", "heading")
        head.addWidget(self.title)
        head.addStretch(1)
        self.search = QLineEdit()
        self.search.setPlaceholderText(self.tr("Search patient, date, camera"))
        self.search.setAccessibleName(self.tr("Search sessions"))
        self.search.setClearButtonEnabled(True)
        self.search.setMaximumWidth(self._theme.px(400))
        self.search.textChanged.connect(self.searched)
        head.addWidget(self.search, 2)
        return head

    def _make_foot(self) -> QHBoxLayout:
        foot = QHBoxLayout()
        foot.setSpacing(self._theme.px(8))
        self.space = QLabel()
        self.space.setProperty("role", "muted")
        foot.addWidget(self.space)
        foot.addStretch(1)
        self.bin = QPushButton("")
        self.bin.setCheckable(True)
        self.bin.clicked.connect(self.bin_toggled)
        self.delete = QPushButton(self.tr("Delete…"))
        self.delete.clicked.connect(self._delete)
        self.restore = QPushButton(self.tr("Bring back"))
        self.restore.clicked.connect(self._restore)
        self.open = QPushButton(self.tr("Open"))
        self.open.setProperty("primary", True)
        self.open.clicked.connect(self._open)
        self.repair = QPushButton(self.tr("Repair"))
        self.repair.setProperty("primary", True)
        self.repair.clicked.connect(self._repair)
        for button in (self.bin, self.delete, self.restore, self.repair, self.open):
            foot.addWidget(button)
        return foot

    def _judge(self) -> None:
        item = self.list.currentItem()
        row: SessionRow | None = None if item is None else item.data(ROLE)
        is_broken = row is not None and row.is_broken
        self.open.setVisible(not self._is_bin and not is_broken)
        self.repair.setVisible(not self._is_bin and is_broken)
        for button in (self.open, self.delete):
            button.setEnabled(row is not None and not is_broken and row.state != self.tr("recording now"))
        self.restore.setEnabled(row is not None)

    def _open_item(self, _item: QListWidgetItem) -> None:
        self._open()

    def _open(self) -> None:
        if self.chosen and self.open.isVisible() and self.open.isEnabled():
            self.opened.emit(self.chosen)

    def _repair(self) -> None:
        self.repair_requested.emit(self.chosen)

    def _delete(self) -> None:
        self.delete_requested.emit(self.chosen)

    def _restore(self) -> None:
        self.restore_requested.emit(self.chosen)
