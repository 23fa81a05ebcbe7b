"""The notice area: what happened in one sentence, what to do about it in another, and a large button to close it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from app.theme import Theme

KEPT = 3
INFO_LASTS_MS = 6000
ICONS = {"info": "info", "caution": "coasting", "alarm": "alarm"}
JOBS = {"info": "accent", "caution": "caution", "alarm": "alarm"}


def _stay(_: int) -> None:
    """Nothing has to make room."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to tell."""

    sentence: str
    remedy: str = ""
    tone: str = "info"  # "info" goes by itself, "caution" and "alarm" stay until closed or withdrawn
    topic: str = ""  # a later notice on the same topic replaces the earlier one


class NoticeCard(QFrame):
    """One notice."""

    def __init__(self, theme: Theme, notice: Notice, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("notice")
        self.setProperty("tone", notice.tone)
        self.setAccessibleName(f"{notice.sentence} {notice.remedy}")
        self.notice = notice
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(16), theme.px(8), theme.px(4), theme.px(8))
        row.setSpacing(theme.px(16))
        icon = QLabel()
        pixmap = theme.pixmap(ICONS[notice.tone], theme.px(24) * 2, getattr(theme.palette, JOBS[notice.tone]))
        pixmap.setDevicePixelRatio(2)
        icon.setPixmap(pixmap)
        row.addWidget(icon)
        words = QVBoxLayout()
        words.setSpacing(theme.px(2))
        words.addStretch(1)
        for text, role in ((notice.sentence, ""), (notice.remedy, "muted")):
            if text:
                line = QLabel(text)
                line.setWordWrap(True)
                line.setProperty("role", role)
                line.setTextFormat(Qt.TextFormat.PlainText)
                line.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
                words.addWidget(line)
        words.addStretch(1)
        row.addLayout(words, 1)
        self.close_button = QToolButton()
        self.close_button.setObjectName("bar")
        self.close_button.setIcon(theme.icon("close"))
        self.close_button.setIconSize(QSize(theme.px(20), theme.px(20)))
        self.close_button.setAccessibleName(self.tr("Close notice"))
        row.addWidget(self.close_button)


class NoticeArea(QWidget):
    """The newest few notices, stacked in the lower left corner of the stage, or in a column that a page lends."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._ground = parent
        self._bottom_inset_px = self._column_px = 0
        self._make_room: Callable[[int], None] = _stay
        self._theme = theme
        self._notices: list[Notice] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._cards: list[NoticeCard] = []
        self._expiry = QTimer(self)
        self._expiry.setSingleShot(True)
        self._expiry.setInterval(INFO_LASTS_MS)
        self._expiry.timeout.connect(self._drop_infos)
        theme.changed.connect(self._rebuild)
        self.hide()

    @property
    def notices(self) -> tuple[Notice, ...]:
        """What is shown, oldest first."""
        return tuple(self._notices)

    def tell(self, notice: Notice) -> None:
        """Show a notice; one on the same topic gives way."""
        if notice in self._notices:
            return
        if notice.topic:
            self._notices = [known for known in self._notices if known.topic != notice.topic]
        self._notices = [*self._notices, notice][-KEPT:]
        if notice.tone == "info":
            self._expiry.start()
        self._rebuild()

    def withdraw(self, topic: str) -> None:
        """Take back what no longer holds."""
        self._keep([notice for notice in self._notices if notice.topic != topic])

    @property
    def bottom_inset(self) -> int:
        """The height kept clear below."""
        return self._bottom_inset_px

    def set_bottom_inset(self, pixels: int) -> None:
        """Leave room for the control bar below."""
        self._bottom_inset_px = pixels
        self.settle()

    def lodge(self, column_px: int = 0, make_room: Callable[[int], None] = _stay) -> None:
        """Lie at the lower end of a page's right column instead of over its pictures; 0: in the corner again.

        `make_room` is told what height is taken there.
        """
        self._make_room(0)
        self._column_px, self._make_room = column_px, make_room
        self.settle()

    def settle(self) -> None:
        """Lie in the lower left corner of the parent, or in the column."""
        parent, margin = self._ground, self._theme.px(16)
        room = self._column_px or parent.width()
        width = min(self._theme.px(480), room - 2 * margin)
        self.setFixedWidth(width)
        self._column.setSpacing(self._theme.px(8))
        height = sum(
            card.heightForWidth(width) if card.hasHeightForWidth() else card.sizeHint().height() for card in self._cards
        ) + self._theme.px(8) * max(0, len(self._cards) - 1)
        self.setFixedHeight(max(1, height))
        self._make_room(height + margin if self._cards else 0)
        left = parent.width() - width - margin if self._column_px else margin
        inset = 0 if self._column_px else self._bottom_inset_px
        self.move(left, parent.height() - height - margin - inset)

    def _keep(self, notices: list[Notice]) -> None:
        if notices != self._notices:
            self._notices = notices
            self._rebuild()

    def _drop_infos(self) -> None:
        self._keep([notice for notice in self._notices if notice.tone != "info"])

    def _close_clicked(self) -> None:
        closed = [card.notice for card in self._cards if card.close_button is self.sender()]
        self._keep([notice for notice in self._notices if notice not in closed])

    def _rebuild(self) -> None:
        for card in self._cards:
            self._column.removeWidget(card)
            card.hide()
            card.deleteLater()
        self._cards = [NoticeCard(self._theme, notice, self) for notice in self._notices]
        for card in self._cards:
            card.close_button.clicked.connect(self._close_clicked)
            self._column.addWidget(card)
        self.setVisible(bool(self._cards))
        self.settle()
        self.raise_()
