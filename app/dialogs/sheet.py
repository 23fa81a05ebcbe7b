"""The frame of every dialog: heading, one line of explanation, a body, and large buttons at the bottom."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from app.theme import Theme


class Sheet(QDialog):
    """Live video goes on behind it; Escape closes it."""

    def __init__(self, theme: Theme, heading: str, explanation: str, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.setWindowTitle(heading)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(True)
        outer = QVBoxLayout(self)
        margin = theme.px(24)
        outer.setContentsMargins(margin, margin, margin, margin)
        outer.setSpacing(theme.px(16))
        title = QLabel(heading)
        title.setProperty("role", "heading")
        outer.addWidget(title)
        self.explanation = QLabel(explanation)
        self.explanation.setProperty("role", "muted")
        self.explanation.setWordWrap(True)
        self.explanation.setVisible(bool(explanation))
        outer.addWidget(self.explanation)
        self.body = QVBoxLayout()
        self.body.setSpacing(theme.px(8))
        outer.addLayout(self.body, 1)
        self.buttons = QHBoxLayout()
        self.buttons.setSpacing(theme.px(8))
        self.buttons.addStretch(1)
        outer.addLayout(self.buttons)

    def set_size(self, width: int, height: int) -> None:
        """Pixels at scale 1; never larger than the window it belongs to."""
        parent = self.parentWidget()
        room = parent.size() if parent is not None else self.theme_size(width, height)
        wanted = self.theme_size(width, height)
        self.resize(min(wanted.width(), room.width()), min(wanted.height(), room.height()))

    def fit(self) -> None:
        """As high as what is shown: rows that are squeezed cannot be read."""
        layout = self.layout()
        if layout is not None:
            layout.activate()
            self.resize(self.width(), layout.totalHeightForWidth(self.width()))

    def theme_size(self, width: int, height: int) -> QSize:
        """Pixels at scale 1 -> pixels now."""
        return QSize(self.theme.px(width), self.theme.px(height))

    def add_button(self, text: str, is_primary: bool = False) -> QPushButton:
        """A button at the bottom right; the primary one answers Return."""
        button = QPushButton(text)
        button.setProperty("primary", is_primary)
        button.setAutoDefault(is_primary)
        button.setDefault(is_primary)
        self.buttons.addWidget(button)
        return button

    def add_close_button(self) -> QPushButton:
        """The button that only closes."""
        button = self.add_button(self.tr("Close"))
        button.clicked.connect(self.reject)
        return button

    def add_progress(self) -> tuple[QProgressBar, QLabel]:
        """A bar and a line of words at the end of the body."""
        progress = QProgressBar()
        progress.setRange(0, 1000)
        progress.setTextVisible(False)
        progress.setAccessibleName(self.tr("Progress"))
        state = QLabel()
        state.setWordWrap(True)
        self.body.addWidget(progress)
        self.body.addWidget(state)
        return progress, state
